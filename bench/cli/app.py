"""``onnxwright``: the command line's root, which loads a command's module only when it is used."""

import importlib
import sys
from typing import NoReturn

import click

from ... import __version__
from ...errors import OnnxwrightError
from ...signals import ending_as_interrupt
from ...texts import did_you_mean
from ..errors import BenchError
from ..reports.printable import write_plainly
from .complaints import complain, memory_error, system_error, usage_error

COMMANDS = {
    "build": "build a model from a network file and a weights file",
    "draft": "draft a network file from the arrays of a weights file",
    "convert": "convert a model that Keras has saved, without Keras",
    "run": "run a model on one runtime",
    "verify": "compare a runtime with the float64 reference",
    "inspect": "show a model's inputs, outputs, operators and who runs them",
    "lint": "say what is wrong with a model, and what a target will not run",
    "extract": "write the weights of a model under a framework's names",
    "quantize": "store weights in 8 bits or fewer, and measure what it costs",
    "bundle": "write the folder that a server needs to run a model, and check one",
    "bench": "measure models on runtimes",
    "compare": "compare two sets of results",
    "report": "show a set of results",
    "serve": "serve models over the Open Inference Protocol from this machine",
    "providers": "list the runtimes and providers that are there",
    "completion": "print the script by which a shell completes the command line",
    "demo": "build, verify and measure fourteen real networks",
}
"""Name to short help, so that ``--help`` imports no command. Each stands in commands/NAME.py,
as a click command called ``command``."""


class LazyGroup(click.Group):
    """A group whose commands are imported when they are called, not when they are listed."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the commands' names in the order of `COMMANDS`."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import the command `cmd_name`, or return None where there is no such command."""
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(f".commands.{cmd_name}", __package__)
        command: click.Command = module.command
        # Docstrings are raw: click's mark for "keep these lines" stands there as it is written.
        command.help = (command.help or "").replace("\\b\n", "\b\n")
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command that the arguments name; BenchError where there is none."""
        if args and args[0] not in COMMANDS and not args[0].startswith("-"):
            near = did_you_mean(args[0], COMMANDS)
            raise BenchError(
                f"onnxwright has no command '{args[0]}'", f"{near}see onnxwright --help"
            )
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the table of commands from `COMMANDS` alone."""
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="onnxwright")
def cli() -> None:
    """Portable ONNX models from plain weight arrays, proved and measured."""


def _run(given: list[str]) -> int | None:
    code: int | None = cli.main(
        args=given or ["--help"], prog_name="onnxwright", standalone_mode=False
    )
    return code


def main(arguments: list[str] | None = None) -> NoReturn:
    """Run the command line and exit; a mistake of the user's is told in two lines, with code 2.

    Without arguments it shows the help, and an interrupt ends it with 130.
    """
    write_plainly()
    given = sys.argv[1:] if arguments is None else arguments
    try:
        with ending_as_interrupt():
            code = _run(given)
    except OnnxwrightError as error:
        complain(error, given)
    except click.ClickException as error:
        complain(usage_error(error, given), given)
    except click.Abort:
        sys.exit(130)
    except MemoryError:
        complain(memory_error(), given)
    except OSError as error:
        complain(system_error(error), given)
    sys.exit(code or 0)
