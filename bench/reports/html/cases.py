"""The table of cases."""

from collections.abc import Callable

from ...results.document import Results, Row
from ..columns import Line, choose, lines
from ..units import NONE, seconds, size, timing
from .axes import items
from .markup import Markup
from .payload import shape_words
from .tables import Cell, sortable

TEXTS = ("model", "runtime", "verdict")
BEST, VERDICT, ERROR = choose(("best", "verdict", "error"))
COLUMNS: tuple[tuple[str, Callable[[Line], Cell]], ...] = (
    ("model", lambda line: Cell(line.row.model)),
    ("shape", lambda line: Cell(shape_words(line.row), next(iter(line.row.sizes.values()), 0))),
    ("runtime", lambda line: Cell(line.row.label)),
    ("time of a run", lambda line: _time(line.row)),
    ("per second", lambda line: _rate(line.row)),
    (BEST.heading, lambda line: Cell(BEST.render(line), _best(line))),
    ("verdict", lambda line: Cell(VERDICT.render(line))),
    ("largest error", lambda line: Cell(ERROR.render(line), _error(line.row))),
    ("cold start", lambda line: Cell(seconds(line.row.cold_s), line.row.cold_s)),
    ("memory", lambda line: _memory(line.row)),
    ("processes", lambda line: Cell(str(line.row.processes), line.row.processes)),
)
"""One line to add for a new column."""


def cases_table(results: Results) -> Markup:
    """Return the table of cases."""
    rows = (
        (place, [cell(line) for _, cell in COLUMNS]) for place, line in enumerate(lines(results))
    )
    return sortable("cases-table", [title for title, _ in COLUMNS], TEXTS, rows)


def _time(row: Row) -> Cell:
    return Cell(timing(row.median_s, row.interval_s), row.median_s)


def _best(line: Line) -> float | None:
    """Return how many times as fast the best is, 1 for itself."""
    best = line.conclusion.best
    if line.row.label == best:
        return 1.0
    pair = line.conclusion.between(best or "", line.row.label)
    return pair.times_as_fast if pair else None


def _error(row: Row) -> float | None:
    return row.accuracy.max_abs if row.accuracy else None


def _memory(row: Row) -> Cell:
    return Cell(size(row.host_memory_peak_bytes), row.host_memory_peak_bytes)


def _rate(row: Row) -> Cell:
    """Return items or runs per second."""
    if row.median_s is None:
        return Cell(NONE)
    value = (items(row) or 1) / row.median_s
    number = f"{value:,.3g}" if value < 1000 else f"{value:,.0f}"
    return Cell(f"{number} {'items' if items(row) else 'runs'}/s", value)
