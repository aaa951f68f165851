"""The answers in words, the table of cases, and what its columns say."""

import itertools
from collections.abc import Sequence

from rich.text import Text

from ..results.document import Results
from .columns import AGAINST, DEFAULT, SHORT, Column, choose, lines
from .printable import printable
from .sections import Section, Sections
from .units import NONE

STYLES = {
    "fastest": "green",
    "slower": "yellow",
    "WRONG": "bold red",
    "crash": "bold red",
    "time-out": "bold red",
    "out of memory": "bold red",
    "error": "bold red",
    "missing provider": "red",
    "not installed": "red",
}


def answers(document: Results) -> list[str]:
    """Return the conclusions in words: one for each model and shape, then those on releases."""
    told = [each.text for each in document.conclusions]
    return [printable(text) for text in told + [each.text for each in document.releases]]


def table(document: Results, names: Sequence[str] = DEFAULT) -> Sections:
    """Return a table with one line per case, under a title for each model and shape."""
    chosen = shown(document, names)
    sections = [
        Section(
            "" if "model" in names else group,
            [[_styled(column.render(line)) for column in chosen] for line in mine],
        )
        for group, mine in itertools.groupby(lines(document), key=lambda line: line.row.group)
    ]
    return Sections(
        [column.heading for column in chosen], sections, [column.wraps for column in chosen]
    )


def shown(document: Results, names: Sequence[str]) -> list[Column]:
    """Return the columns of these names that say something of any case."""
    rows = lines(document)
    if document.settings.against is not None and tuple(names) in (DEFAULT, SHORT):
        names = [name for name in names if name not in DEFAULT] + list(AGAINST)
    return [
        column
        for column in choose(names)
        if column.name in DEFAULT or any(column.render(line) != NONE for line in rows)
    ]


def legend(document: Results, columns: Sequence[Column]) -> list[str]:
    """Return what the columns say: one paragraph for a few columns, a line for each of many."""
    told = [f"{column.heading}: {column.legend}" for column in columns if column.legend]
    told.append(f"differences below {100 * document.settings.min_effect:g} % count as none")
    return ["; ".join(told) + "."] if len(columns) <= len(SHORT) else told


def _styled(text: str) -> Text:
    return Text(printable(text), style=STYLES.get(text, ""))
