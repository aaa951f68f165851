"""Telling of weights that are NaN or infinite: a line on stderr each, unless they are allowed."""

import functools
import warnings
from collections.abc import Callable
from typing import Any

import click

from ...graphs.errors import NonFiniteWarning
from ..reports.printable import printable


def nonfinite_option(command: Callable[..., None]) -> Callable[..., None]:
    """Add ``--allow-nonfinite`` to a command that builds a model."""

    @functools.wraps(command)
    def telling(*args: Any, allow_nonfinite: bool, **kwargs: Any) -> None:
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always", NonFiniteWarning)
            try:
                command(*args, **kwargs)
            finally:
                for warning in caught:
                    if not issubclass(warning.category, NonFiniteWarning):
                        warnings.showwarning(
                            warning.message, warning.category, warning.filename, warning.lineno
                        )
                    elif not allow_nonfinite:
                        click.echo(f"warning: {printable(str(warning.message))}", err=True)

    return click.option(
        "--allow-nonfinite", is_flag=True, help="Do not warn of weights that are NaN or infinite."
    )(telling)
