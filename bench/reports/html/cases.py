"""The table of cases."""

from collections.abc import Callable

from ...results.document import Results, Row
from ...results.words import factor
from ..units import NONE, seconds, size
from .axes import items
from .markup import Markup
from .payload import shape_words, verdict_word
from .tables import Cell, interval, micro, sortable

TEXTS = ("model", "runtime", "verdict")
COLUMNS: tuple[tuple[str, Callable[[Row], Cell]], ...] = (
    ("model", lambda row: Cell(row.model)),
    ("shape", lambda row: Cell(shape_words(row), next(iter(row.sizes.values()), 0))),
    ("runtime", lambda row: Cell(row.label)),
    ("time of a run", lambda row: Cell(interval(row.median_s, row.interval_s), row.median_s)),
    ("per second", lambda row: _rate(row)),
    ("times as fast", lambda row: _times(row)),
    ("verdict", lambda row: Cell(verdict_word(row))),
    ("largest error", lambda row: _error(row)),
    ("cold start", lambda row: Cell(micro(seconds(row.cold_s)), row.cold_s)),
    ("memory", lambda row: Cell(size(row.host_memory_peak_bytes), row.host_memory_peak_bytes)),
    ("processes", lambda row: Cell(str(row.processes), row.processes)),
)
"""One line to add for a new column."""


def cases_table(results: Results) -> Markup:
    """Return the table of cases."""
    rows = ((place, [cell(row) for _, cell in COLUMNS]) for place, row in enumerate(results.rows))
    return sortable("cases-table", [title for title, _ in COLUMNS], TEXTS, rows)


def _times(row: Row) -> Cell:
    """Return how many times as fast a row is as its baseline, with the interval."""
    found = row.versus
    if found is None or found.ratio is None or found.low is None or found.high is None:
        return Cell(NONE)
    return Cell(" ".join(factor(1 / found.ratio, 1 / found.high, 1 / found.low)), 1 / found.ratio)


def _error(row: Row) -> Cell:
    """Return the largest absolute error."""
    error = row.accuracy.max_abs if row.accuracy else None
    if error is None:
        return Cell(NONE)
    return Cell(f"{error:.1e}" if error else "exact", error)


def _rate(row: Row) -> Cell:
    """Return items or runs per second."""
    if row.median_s is None:
        return Cell(NONE)
    value = (items(row) or 1) / row.median_s
    number = f"{value:,.3g}" if value < 1000 else f"{value:,.0f}"
    return Cell(f"{number} {'items' if items(row) else 'runs'}/s", value)
