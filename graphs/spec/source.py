"""A TOML file's values, and the line of each, so that errors can point at it."""

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ...errors import OnnxwrightError
from ..errors import SpecError

Place = tuple[str | int, ...]
"""The way to a value: keys, and indices into arrays of tables. ``("layer", 2, "weights")``."""

MAX_BYTES = 1 << 22
"""4 MiB: more than any network that a person describes; larger files are refused unread."""


@dataclass(frozen=True)
class Source:
    """A network file: where it is, its text, and the values in it."""

    path: Path
    text: str
    data: dict[str, Any]

    def line(self, place: Place) -> int:
        """Return the number, from 1, of the line where `place` begins, or its nearest parent."""
        lines = locate(self.text)
        while place and place not in lines:
            place = place[:-1]
        return lines.get(place, 1)

    def error(self, place: Place, problem: str, remedy: str) -> SpecError:
        """Return the error for what is wrong at `place`; the caller raises it."""
        return SpecError(f"{self.path}:{self.line(place)}: {problem}", remedy)

    def wrapped(self, place: Place, error: OnnxwrightError, label: str) -> SpecError:
        """Return an error of a layer or a container as one that points into this file."""
        problem = error.problem.removeprefix(f"{label}: ")
        return self.error(place, f"{label}: {problem}", error.remedy)


def read_source(path: Path) -> Source:
    """Read and parse a TOML file.

    Raises
    ------
    SpecError
        The file cannot be read, or is no TOML.
    """
    try:
        if path.stat().st_size > MAX_BYTES:
            raise SpecError(
                f"{path}: larger than the {MAX_BYTES} bytes that a network file may have",
                "weights belong into a file of their own (--weights)",
            )
        text = path.read_bytes().decode("utf-8")
        return Source(path, text, tomllib.loads(text))
    except OSError as error:
        raise SpecError(
            f"{path}: cannot be read: {error.strerror or error}", "check the path"
        ) from error
    except (ValueError, RecursionError) as error:
        raise SpecError(
            f"{path}: not valid TOML: {error}", "see https://toml.io for the notation"
        ) from error


def locate(text: str) -> dict[Place, int]:
    r"""Return the line of every table and key of a valid TOML text.

    A statement is the shortest run of lines that parses by itself, so that arrays and strings of
    several lines need no parser of their own here.

    >>> locate('[[layer]]\nkind = "dense"\n[[layer]]\nweights = {from = "torch"}')[
    ...     ("layer", 1, "weights", "from")
    ... ]
    4
    """
    lines: dict[Place, int] = {}
    counts: dict[Place, int] = {}
    table: Place = ()
    statement, begin = "", 1
    for number, line in enumerate(text.splitlines(), 1):
        statement += line + "\n"
        parsed = _parse(statement)
        if parsed is None:
            continue
        if statement.lstrip().startswith("["):
            table = _enter(parsed, counts)
            lines.setdefault(table, begin)
        else:
            for place in _places(parsed):
                lines.setdefault(table + place, begin)
        statement, begin = "", number + 1
    return lines


def _parse(statement: str) -> dict[str, Any] | None:
    try:
        return tomllib.loads(statement)
    except tomllib.TOMLDecodeError:
        return None


def _enter(header: Any, counts: dict[Place, int]) -> Place:
    """Return the place of the table that a header opens; count those of an array of tables."""
    place: Place = ()
    while header:
        if isinstance(header, list):
            counts[place] = counts.get(place, 0) + 1
            place, header = (*place, counts[place] - 1), header[0]
            continue
        if place in counts:  # a table below the newest one of an array of tables
            place = (*place, counts[place] - 1)
        key = next(iter(header))
        place, header = (*place, key), header[key]
    return place


def _places(value: Any, place: Place = ()) -> list[Place]:
    """Return the places of all values below `value`, and its own."""
    found = [place] if place else []
    if isinstance(value, list):
        value = dict(enumerate(value))
    if isinstance(value, dict):
        for key, below in value.items():
            found += _places(below, (*place, key))
    return found
