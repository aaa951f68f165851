"""A TOML file's values, and the line of each, so that errors can point at it."""

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ...errors import OnnxwrightError
from ..errors import SpecError

Place = tuple[str | int, ...]
"""The way to a value: keys, and indices into arrays of tables. ``("layer", 2, "weights")``."""

MAX_BYTES = 1 << 22
"""4 MiB: more than any network that a person describes; larger files are refused unread."""


MAX_DEPTH = 32
"""Levels of tables and lists; what walks them calls itself once a level."""


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
        data = tomllib.loads(text)
        if is_deep(data):
            raise SpecError(
                f"{path}: tables or lists stand more than {MAX_DEPTH} deep in each other",
                "a network file needs a few levels: look for a key with too many dots",
            )
        return Source(path, text, data)
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

    A statement ends with the line at which no bracket and no string of several lines is open.

    >>> locate('[[layer]]\nkind = "dense"\n[[layer]]\nweights = {from = "torch"}')[
    ...     ("layer", 1, "weights", "from")
    ... ]
    4
    """
    lines: dict[Place, int] = {}
    counts: dict[Place, int] = {}
    table: Place = ()
    for begin, statement in _statements(text):
        parsed = tomllib.loads(statement)
        if statement.lstrip().startswith("["):
            table = _enter(parsed, counts)
            lines.setdefault(table, begin)
        else:
            for place in _places(parsed):
                lines.setdefault(table + place, begin)
    return lines


_LONG_STRINGS = {
    '"""': re.compile(r'(?:[^\\"]|\\.|"(?!""))*"{3,5}', re.DOTALL),
    "'''": re.compile(r"(?:[^']|'(?!''))*'{3,5}", re.DOTALL),
}
"""The rest of a string of several lines, up to its end, by what it begins with."""
_TOKEN = re.compile(r"""\"{3}|'{3}|"(?:[^\\"\n]|\\.)*"|'[^'\n]*'|\#[^\n]*|[\[\]{}\n]""")


def _statements(text: str) -> Iterator[tuple[int, str]]:
    """Yield each statement of a valid TOML text with the number of its first line, from 1."""
    begin, start, at, depth = 1, 0, 0, 0
    while token := _TOKEN.search(text, at):
        at = token.end()
        if token[0] in _LONG_STRINGS:
            end = _LONG_STRINGS[token[0]].match(text, at)
            at = end.end() if end else len(text)
        elif token[0] == "\n" and not depth:
            yield begin, text[start:at]
            begin, start = begin + text.count("\n", start, at), at
        else:
            depth += (token[0] in "[{") - (token[0] in "]}")
    yield begin, text[start:]


def is_deep(data: Any) -> bool:
    """Say whether values stand too deep in each other; a level at a time, not by recursion."""
    level = [data]
    for _ in range(MAX_DEPTH):
        below: list[Any] = []
        for value in level:
            below += value.values() if isinstance(value, dict) else value
        level = [value for value in below if isinstance(value, dict | list)]
    return bool(level)


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
