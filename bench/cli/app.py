"""``onnxwright``: the command line's root, which loads a command's module only when it is used."""

import importlib
import sys
from typing import NoReturn

import click

from ... import __version__
from ...errors import OnnxwrightError
from ..reports.printable import printable

COMMANDS = {
    "build": "build a model from a network file and a weights file",
    "run": "run a model on one runtime",
    "verify": "compare a runtime with the float64 reference",
    "inspect": "show a model's inputs, outputs, operators and who runs them",
    "lint": "say what of a model a target will not run as it is",
    "quantize": "store weights as 8-bit integers with onnxruntime's tools",
    "bench": "measure models on runtimes",
    "compare": "compare two sets of results",
    "report": "show a set of results",
    "providers": "list the runtimes and providers that are there",
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
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the table of commands from `COMMANDS` alone."""
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="onnxwright")
def cli() -> None:
    """Portable ONNX models from plain weight arrays, proved and measured."""


def main(arguments: list[str] | None = None) -> NoReturn:
    """Run the command line; print the errors of ours as two lines and exit with 2."""
    try:
        cli.main(args=arguments, prog_name="onnxwright")
    except OnnxwrightError as error:
        click.echo(f"error: {printable(error.problem)}\n  {printable(error.remedy)}", err=True)
        sys.exit(2)
    except OSError as error:  # such as a full disk behind stdout
        click.echo(f"error: the system refused: {printable(str(error))}", err=True)
        click.echo("  check the path, its permissions and the room on its disk", err=True)
        sys.exit(2)
    sys.exit(0)
