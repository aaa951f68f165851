"""Results on stdout, progress and warnings on stderr; a table for a person, JSON for a program."""

import json
import os
import textwrap
from collections.abc import Callable, Iterable
from typing import Any, TypeVar

import click
from rich.console import Console, RenderableType

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


def print_table(table: RenderableType, wide: bool = False) -> None:
    """Print a table to stdout; texts that are wider than the terminal go on in further lines.

    One that cannot be made as narrow, or that may be `wide`, takes what it needs: no cell is cut.
    """
    console = stdout_console()
    unbounded = console.options.update(width=WIDEST)
    measured = console.measure(table, options=unbounded)
    console.width = max(console.width, measured.maximum if wide else measured.minimum)
    console.print(table)


def print_lines(lines: Iterable[str]) -> None:
    """Print paragraphs to stdout, broken at the terminal's width; further lines are indented."""
    width = stdout_console().width
    for line in lines:
        broken = textwrap.wrap(
            line, width, subsequent_indent="  ", break_long_words=False, break_on_hyphens=False
        )
        click.echo("\n".join(broken))


def stdout_console() -> Console:
    """Return the console for results."""
    return Console(color_system=_colours())


def stderr_console() -> Console:
    """Return the console for progress and warnings."""
    return Console(stderr=True, color_system=_colours())


def _colours() -> Any:
    """Return None, which is no style at all, where NO_COLOR is set: rich would still print bold."""
    return None if os.environ.get("NO_COLOR") else "auto"


def tell(console: Console, line: str, warning: bool = False) -> None:
    """Print `line` as it is: what a file brought into it is neither markup nor a command."""
    head = "[yellow]warning:[/yellow] " if warning else ""
    console.print(f"{head}{cell(line)}", soft_wrap=True, highlight=False)
