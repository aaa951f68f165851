"""Tables in plain HTML, which the page's script sorts and filters."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from ..units import seconds
from .markup import Markup, element


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
    numbers = [title not in texts for title in titles]
    heads = [_head(*each) for each in zip(titles, numbers, strict=True)]
    lines = [
        element("tr", *map(_cell, titles, cells, numbers), data_row=place) for place, cells in rows
    ]
    parts = (element("thead", element("tr", *heads)), element("tbody", *lines))
    table = element("table", *parts, id=name, class_="sortable")
    return element("div", table, class_="scroll", tabindex=0, role="region", aria_label=name)


def plain(titles: Sequence[str], texts: Sequence[str], rows: Iterable[Iterable[Cell]]) -> Markup:
    """Return a table without scripts, for a notebook."""
    numbers = [title not in texts for title in titles]
    heads = [element("th", title, scope="col") for title in titles]
    lines = [element("tr", *map(_cell, titles, cells, numbers)) for cells in rows]
    parts = (element("thead", element("tr", *heads)), element("tbody", *lines))
    return element("div", element("table", *parts), class_="scroll")


def micro(text: str) -> str:
    """Return a time with the sign of micro, which HTML can always encode."""
    return text.replace(" us", " \u00b5s")


def interval(middle: float | None, ends: tuple[float, float] | None) -> str:
    """Return a time and its interval, with one unit where it is the same for all three.

    >>> interval(1e-3, (0.9e-3, 1.1e-3)), interval(2e-3, (1.5e-3, 2.5e-3))
    ('1 ms [900 \u00b5s, 1.1 ms]', '2 [1.5, 2.5] ms')
    """
    if middle is None or ends is None:
        return micro(seconds(middle))
    parts = [micro(seconds(value)).split(" ") for value in (middle, *ends)]
    units = {unit for _, unit in parts}
    if len(units) > 1:
        return "{} [{}, {}]".format(*map(" ".join, parts))
    return "{} [{}, {}]".format(*(number for number, _ in parts)) + f" {units.pop()}"


def _cell(title: str, cell: Cell, number: bool) -> Markup:
    kind = cell.shown.replace(" ", "-") if title == "verdict" else None
    return element(
        "td",
        cell.shown,
        class_="number" if number else kind,
        data_title=title,
        data_sort=None if cell.key is None else f"{cell.key:.6g}",
    )


def _head(title: str, number: bool) -> Markup:
    button = element("button", title, type="button")
    return element("th", button, scope="col", aria_sort="none", class_="number" if number else None)
