"""Reports in several formats at once: which file gets which, and writing them."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from typing import Any, TypeVar

import click

from ...writing import atomic_write, check_writable, refuse_overwrite
from ..errors import BenchError

ENDINGS = {"html": ".html", "markdown": ".md", "csv": ".csv", "json": ".json"}
"""Formats that files are written in, and how these files end."""
_Command = TypeVar("_Command", bound=Callable[..., Any])


def report_options(command: _Command) -> _Command:
    """Add ``--format`` and ``--output``, both given as often as one likes."""
    for option in (
        click.option(
            "--output",
            "-o",
            "outputs",
            multiple=True,
            type=click.Path(path_type=Path),
            metavar="FILE",
            help="Write to FILE (.html, .md, .csv, .json) in place of stdout; again for more.",
        ),
        click.option(
            "--format",
            "formats",
            multiple=True,
            type=click.Choice(["table", *ENDINGS]),
            help="Format of stdout or of the files; again for more.  [default: table, or as the "
            "file ends]",
        ),
    ):
        command = option(command)
    return command


@dataclass(frozen=True)
class Target:
    """One report to write: its format, and its file, None for stdout."""

    format: str
    path: Path | None


def targets(formats: Sequence[str], outputs: Sequence[Path]) -> list[Target]:
    """Return what is to be written where.

    Without `formats` a file's ending names its format. With one file and several formats, each
    format has a file of that name and its own ending; else each file has the format at its place.

    >>> [target.path.name for target in targets(["html", "csv"], [Path("r.html")])]
    ['r.html', 'r.csv']

    Raises
    ------
    BenchError
        Formats and files do not go together.
    """
    if not outputs:
        if len(formats) > 1:
            raise BenchError(
                f"{len(formats)} formats cannot share stdout",
                f"name a file for each, such as -o report{ENDINGS.get(formats[0], '.html')}",
            )
        return [Target(formats[0] if formats else "table", None)]
    if not formats:
        return [Target(_named(path), path) for path in outputs]
    if "table" in formats:
        raise BenchError(
            "a table is for the terminal", "leave out -o, or write a file of another format"
        )
    if len(outputs) == len(formats):
        return [Target(*pair) for pair in zip(formats, outputs, strict=True)]
    if len(outputs) > 1:
        raise BenchError(
            f"{len(formats)} --format and {len(outputs)} files are given",
            "give one file for each format, or leave out --format",
        )
    return [Target(name, outputs[0].with_suffix(ENDINGS[name])) for name in formats]


def check_targets(wanted: Iterable[Target], reads: Iterable[str | PathLike[str]]) -> None:
    """Refuse files that cannot be written, or that are read here.

    Raises
    ------
    FileError
        A file cannot be written, or would be written over one of `reads`.
    BenchError
        Two reports would go into one file.
    """
    paths = [target.path for target in wanted if target.path is not None]
    for place, path in enumerate(paths):
        if path in paths[:place]:
            raise BenchError(f"{path} is to hold two reports", "give each a file of its own")
    refuse_overwrite(paths, reads)
    for path in paths:
        check_writable(path)


def write(wanted: Iterable[Target], renders: Mapping[str, Callable[[], str]]) -> None:
    """Write every report but the table, which whoever calls shows itself.

    `renders` has a function for each format.
    """
    for target in wanted:
        if target.format == "table":
            continue
        text = renders[target.format]()
        if target.path is None:
            click.echo(text, nl=False)
            continue
        with atomic_write(target.path) as stream:
            stream.write(text.encode(errors="backslashreplace"))


def _named(path: Path) -> str:
    """Return the format that a file's ending names."""
    for name, ending in ENDINGS.items():
        if path.suffix.lower() == ending:
            return name
    raise BenchError(
        f"the ending of -o {path} names no format",
        "end it in .html, .md, .csv or .json, or say --format",
    )
