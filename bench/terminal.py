"""Results on stdout, progress and warnings on stderr; a table for a person, JSON for a program."""

import json
from collections.abc import Callable
from typing import Any, TypeVar

import click
from rich.console import Console
from rich.table import Table

_Command = TypeVar("_Command", bound=Callable[..., Any])


def format_option(command: _Command) -> _Command:
    """Add ``--format table|json``, handed to the command as ``output_format``."""
    return click.option(
        "--format",
        "output_format",
        type=click.Choice(["table", "json"]),
        default="table",
        show_default=True,
        help="Table for people, JSON for programs.",
    )(command)


def print_json(payload: Any) -> None:
    """Print `payload` to stdout with its numbers unrounded."""
    click.echo(json.dumps(payload, indent=2, allow_nan=False))


def print_table(table: Table) -> None:
    """Print `table` to stdout; when stdout is no terminal, as wide as it needs to be."""
    console = Console()
    if not console.is_terminal:
        console = Console(width=240)
    console.print(table)


def stderr_console() -> Console:
    """Return the console for progress and warnings."""
    return Console(stderr=True)
