"""Tables in plain HTML, which the page's script sorts and filters."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from .markup import Markup, element

COLUMNS = 16
"""The most that a table has."""


class Cell(NamedTuple):
    """What a cell shows, and the number that it is sorted by: None sorts by what it shows."""

    shown: str
    key: float | None = None


def sortable(
    name: str,
    titles: Sequence[str],
    texts: Sequence[str],
    rows: Iterable[tuple[int, Iterable[Cell]]],
) -> Markup:
    """Return a table in a region that scrolls by itself.

    `texts` are the titles of columns that hold no numbers; each row comes with its place in the
    results, by which it is filtered.
    """
    heads = [
        element("th", element("button", title, type="button"), scope="col", aria_sort="none")
        for title in titles
    ]
    lines = [element("tr", *map(_cell, titles, cells), data_row=place) for place, cells in rows]
    classes = " ".join(["sortable", *_numbers(titles, texts)])
    parts = (element("thead", element("tr", *heads)), element("tbody", *lines))
    table = element("table", *parts, id=name, class_=classes)
    return element("div", table, class_="scroll", tabindex=0, role="region", aria_label=name)


def plain(titles: Sequence[str], texts: Sequence[str], rows: Iterable[Iterable[Cell]]) -> Markup:
    """Return a table without scripts, for a notebook."""
    heads = [element("th", title, scope="col") for title in titles]
    lines = [element("tr", *map(_cell, titles, cells)) for cells in rows]
    parts = (element("thead", element("tr", *heads)), element("tbody", *lines))
    table = element("table", *parts, class_=" ".join(_numbers(titles, texts)) or None)
    return element("div", table, class_="scroll")


def numbers_style(scope: str = "") -> str:
    """Return the style that aligns columns of numbers at the right.

    A class of the table names them (``n4`` for the fourth): one word where each cell would need it.
    """
    columns = range(1, COLUMNS + 1)
    cells = ",".join(f"{scope}.n{column} tr>:nth-child({column})" for column in columns)
    return f"{cells}{{text-align:right;white-space:nowrap}}"


def _numbers(titles: Sequence[str], texts: Sequence[str]) -> list[str]:
    return [f"n{place}" for place, title in enumerate(titles, 1) if title not in texts]


def _cell(title: str, cell: Cell) -> Markup:
    verdict = cell.shown.lower().replace(" ", "-") if title == "verdict" else None
    return element(
        "td",
        cell.shown,
        class_=verdict,
        data_key=None if cell.key is None or cell.shown == f"{cell.key}" else f"{cell.key:.6g}",
    )
