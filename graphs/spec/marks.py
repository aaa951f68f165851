"""Marks in a network file: places that a draft leaves to be filled in."""

from collections.abc import Iterator
from typing import Any

from .source import Place, Source

MARK = "CHOOSE"
"""Begins every mark; as a value, it has to be filled in."""


def check_marks(source: Source) -> None:
    """Raise for the first value of a network file that is a mark of `draft_network`.

    Raises
    ------
    SpecError
        It names the line, which says in its comment what the choices are.
    """
    for place, value in _texts(source.data, ()):
        if MARK in value.split():
            raise source.error(
                place,
                f"{place[-1]} = {value!r} has a mark that is to be filled in",
                f"replace {MARK}: the comment in that line says by what",
            )


def _texts(value: Any, place: Place) -> Iterator[tuple[Place, str]]:
    """Yield every text below a value of the file, with its place."""
    if isinstance(value, str):
        yield place, value
    elif isinstance(value, dict | list):
        for key, below in value.items() if isinstance(value, dict) else enumerate(value):
            yield from _texts(below, (*place, key))
