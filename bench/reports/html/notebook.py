"""Results in a notebook: the answer and the table, as HTML without scripts."""

from functools import singledispatch

from ...results.comparison import Comparison
from ...results.document import Results
from ...results.series import Series
from ..changes import notable, series_rows, summary
from ..columns import lines
from ..printable import printable
from ..table import answers
from .cases import COLUMNS, TEXTS
from .markup import Markup, element
from .series import CHANGE_TEXTS, CHANGE_TITLES, change_cells
from .tables import Cell, numbers_style, plain

MOST = 60
"""Rows shown; a page of `onnxwright report` has all."""
STYLE = (
    ".onnxwright table{border-collapse:collapse;font-variant-numeric:tabular-nums}"
    ".onnxwright th,.onnxwright td{text-align:left;padding:.25em .7em;white-space:nowrap}"
    ".onnxwright .scroll{overflow-x:auto}" + numbers_style(".onnxwright ")
)


@singledispatch
def view(shown: object) -> str:
    """Return results of any kind as HTML for a notebook."""
    raise TypeError(f"no view of {type(shown).__name__}")


@view.register
def _(results: Results) -> str:
    card = [] if results.card is None else [printable(results.card.text)]
    told = [element("li", text) for text in (*card, *answers(results))]
    rows = [[cell(line) for _, cell in COLUMNS] for line in lines(results)[:MOST]]
    table = plain([title for title, _ in COLUMNS], TEXTS, rows)
    return _whole(element("ul", *told[:MOST]), table, _more(len(results.rows)))


@view.register
def _(comparison: Comparison) -> str:
    rows = notable(comparison)
    table = plain(CHANGE_TITLES, CHANGE_TEXTS, [change_cells(row) for row in rows[:MOST]])
    told = element("p", f"New against base, {summary(comparison)}.")
    return _whole(told, table if rows else Markup(""), _more(len(rows)))


@view.register
def _(series: Series) -> str:
    first, last = series.runs[0], series.runs[-1]
    told = element("p", f"{last} against {first}, {summary(series.comparison)}.")
    titles, *rows = series_rows(series)
    cells = [[Cell(text) for text in row] for row in rows[:MOST]]
    return _whole(told, plain(titles, titles[:2], cells), _more(len(rows)))


def _whole(*parts: Markup) -> str:
    return str(element("div", element("style", Markup(STYLE)), *parts, class_="onnxwright"))


def _more(count: int) -> Markup:
    if count <= MOST:
        return Markup("")
    return element("p", f"{count - MOST} more rows: write the whole with onnxwright report.")
