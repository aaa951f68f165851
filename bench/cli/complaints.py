"""How the command line tells an error: two lines for people, one JSON object for programs."""

import os
import re
import sys
from collections.abc import Sequence
from contextlib import suppress
from itertools import pairwise
from typing import NoReturn, TextIO

import click

from ...errors import OnnxwrightError
from ...texts import clipped, did_you_mean
from ..errors import BenchError
from ..reports.printable import printable


def complain(error: OnnxwrightError, arguments: Sequence[str]) -> NoReturn:
    """Print the error and exit with 2.

    The lines go to stderr. Where the arguments ask for JSON, an object with `error` and `remedy`
    goes to stdout too: whatever happens, a program finds one JSON document there.
    """
    problem, remedy = printable(error.problem), printable(error.remedy)
    with suppress(OSError):  # a full disk behind one of the two must not hide the exit code
        click.echo(f"error: {problem}\n  {remedy}", err=True)
    if wants_json(arguments):
        import json

        with suppress(OSError):
            click.echo(json.dumps({"error": problem, "remedy": remedy}, indent=2))
    for stream in (sys.stdout, sys.stderr):
        _let_go(stream)
    raise SystemExit(2)


def _let_go(stream: TextIO) -> None:
    """Drop what a stream still holds and cannot write: Python would end with 120 for it."""
    try:
        stream.flush()
    except OSError:
        with open(os.devnull, "w") as nowhere:
            os.dup2(nowhere.fileno(), stream.fileno())


def wants_json(arguments: Sequence[str]) -> bool:
    """Say whether the arguments ask for JSON, also where they cannot be parsed as a whole.

    >>> wants_json(["run", "m.onnx", "--format", "json"]), wants_json(["run", "--format=table"])
    (True, False)
    """
    pairs = pairwise([*arguments, ""])
    return any(one == "--format=json" or (one, two) == ("--format", "json") for one, two in pairs)


def usage_error(error: click.ClickException, arguments: Sequence[str]) -> BenchError:
    """Return a mistake in the command line, which click found, as an error of ours."""
    context = getattr(error, "ctx", None)
    command = context.command_path if context else " ".join(["onnxwright", *arguments[:1]])
    remedy = f"see {command} --help"
    if isinstance(error, click.NoSuchOption):
        known = [] if context is None else _options(context.command)
        near = did_you_mean(error.option_name, known)
        return BenchError(f"{command} has no option {error.option_name}", near + remedy)
    message = " ".join(error.format_message().split()).rstrip(".")
    return BenchError(message[:1].lower() + message[1:], _near_choice(error) + remedy)


def system_error(error: OSError) -> BenchError:
    """Return what the system refused outside of any check, such as a full disk behind stdout."""
    return BenchError(
        f"the system refused: {clipped(str(error))}",
        "check the path, its permissions and the room on its disk",
    )


def memory_error() -> BenchError:
    """Return what is told where the system gave no more memory."""
    return BenchError(
        "there is not enough memory for this",
        "close other programs, or give a smaller model, batch or --memory-limit",
    )


def _near_choice(error: click.ClickException) -> str:
    """Ask for the choice that was probably meant, where an option has choices."""
    kind = getattr(getattr(error, "param", None), "type", None)
    given = re.match("'(.*?)' is not", error.message)
    return did_you_mean(given[1], kind.choices) if isinstance(kind, click.Choice) and given else ""


def _options(command: click.Command) -> list[str]:
    return [name for option in command.params for name in option.opts if name.startswith("--")]
