"""Results on stdout, progress and warnings on stderr; a table for a person, JSON for a program."""

import json
from collections.abc import Callable
from typing import Any, TypeVar

import click
from rich.console import Console
from rich.table import Table

from ..reports.cells import cell

WIDEST = 1000
"""Columns that a table may take where it asks for them."""

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
    """Print `table` to stdout, as wide as it needs to be: no cell is cut short."""
    console = Console()
    unbounded = console.options.update(width=WIDEST)
    needed = console.measure(table, options=unbounded).maximum
    if needed > console.width:
        console.width = needed
    console.print(table)


def stderr_console() -> Console:
    """Return the console for progress and warnings."""
    return Console(stderr=True)


def tell(console: Console, line: str, warning: bool = False) -> None:
    """Print `line` as it is: what a file brought into it is neither markup nor a command."""
    head = "[yellow]warning:[/yellow] " if warning else ""
    console.print(f"{head}{cell(line)}", soft_wrap=True, highlight=False)
