"""A short report in Markdown, as for a pull request: the answer first."""

import re
from collections.abc import Iterable, Sequence

from ..results.card import Card
from ..results.document import Results
from .card import card_lines, card_rows
from .columns import SHORT, lines
from .loads import HEADINGS, load_cells, loaded, saturation_lines
from .printable import printable
from .table import legend, shown
from .warnings import warnings


def to_markdown(results: Results, names: Sequence[str] = SHORT) -> str:
    """Return the conclusions, the table of cases, that of loads, and the warnings."""
    columns = shown(results, names)
    rows = [[column.render(line) for column in columns] for line in lines(results)]
    parts = [
        *_card(results.card),
        [f"- **{escaped(each.group)}**: {_answer(each.text)}" for each in results.conclusions]
        + [f"- {escaped(each.text)}" for each in results.releases],
        table_lines([column.heading for column in columns], rows),
        table_lines(HEADINGS, map(load_cells, loaded(results))) if loaded(results) else [],
        [f"- {escaped(line)}" for line in saturation_lines(results)],
        [f"Columns: {escaped(' '.join(legend(results, columns)))}"],
        [f"> {escaped(warning)}" for warning in warnings(results)],
    ]
    return "\n\n".join("\n".join(part) for part in parts if part) + "\n"


def _card(card: Card | None) -> list[list[str]]:
    """Return the card of a suite: its answer, its tables, and how to read them."""
    if card is None:
        return []
    tables = [table_lines(headings, rows) for headings, rows in card_rows(card)]
    return [[escaped(card.text)], *tables, [escaped(" ".join(card_lines(card)))]]


def _answer(text: str) -> str:
    """Return a conclusion without the group before it."""
    return escaped(text.partition(": ")[2])


def table_lines(headings: Iterable[str], rows: Iterable[Iterable[str]]) -> list[str]:
    """Return the lines of a table."""
    titles = [*headings]
    return [_line(titles), "|" + "---|" * len(titles), *map(_line, rows)]


def _line(cells: Iterable[str]) -> str:
    return f"| {' | '.join(map(escaped, cells))} |"


def escaped(text: str) -> str:
    r"""Return text that shows as it is in Markdown and holds no markup.

    >>> print(escaped("a|`b`<img>"))
    a\|\`b\`\<img>
    """
    return re.sub(r"([\\`|<])", r"\\\1", printable(text))
