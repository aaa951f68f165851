"""Which columns a table of cases has: ``--wide`` and ``--columns``."""

from collections.abc import Callable
from typing import Any, TypeVar

import click

from ..errors import BenchError

_Command = TypeVar("_Command", bound=Callable[..., Any])


def table_options(command: _Command) -> _Command:
    """Add ``--wide`` and ``--columns``; `column_names` reads them."""
    for option in (
        click.option("--columns", metavar="NAME,NAME", help="Columns of the table, by name."),
        click.option("--wide", is_flag=True, help="All columns of the table that say something."),
    ):
        command = option(command)
    return command


def column_names(wide: bool, columns: str | None) -> tuple[str, ...]:
    """Return the columns that the options ask for; BenchError for a name that none has."""
    from ..reports.columns import DEFAULT, WIDE, choose

    if wide and columns:
        raise BenchError("--wide and --columns are both given", "give one of them")
    if columns is None:
        return WIDE if wide else DEFAULT
    names = tuple(name.strip() for name in columns.split(","))
    choose(names)
    return names
