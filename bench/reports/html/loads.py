"""The table of loads, with the percentiles that there are."""

from collections.abc import Iterable, Sequence

from ...results.document import LoadRow, Results, Row
from ..units import NONE, seconds
from .markup import Markup
from .payload import shape_words
from .tables import Cell, sortable

TEXTS = ("model", "runtime", "load", "note")


def loads_table(results: Results) -> Markup | None:
    """Return the table, None where nothing was measured under load."""
    found = [(place, row, load) for place, row in enumerate(results.rows) for load in row.load]
    if not found:
        return None
    percentiles = list(
        dict.fromkeys(name for *_, load in found for name in load.percentiles_s or ())
    )
    titles = (
        "model", "shape", "runtime", "load", "requests per second", "p50", *percentiles,
        "requests", "note",
    )  # fmt: skip
    rows = ((place, _cells(row, load, percentiles)) for place, row, load in found)
    return sortable("loads-table", titles, TEXTS, rows)


def load_note(load: LoadRow) -> str:
    """Return what went wrong under a load."""
    if load.errors:
        return f"{load.errors} requests failed: {load.first_error}"
    if load.overloaded:
        return "overloaded: requests came faster than answers"
    return NONE if load.status == "ok" else load.status


def _cells(row: Row, load: LoadRow, percentiles: Sequence[str]) -> Iterable[Cell]:
    rate, known = load.throughput_per_s, load.percentiles_s or {}
    yield Cell(row.model)
    yield Cell(shape_words(row), next(iter(row.sizes.values()), 0))
    yield Cell(row.label)
    yield Cell(load.load)
    yield Cell(NONE if rate is None else f"{rate:,.0f} /s", rate)
    for value in (load.median_s, *(known.get(name) for name in percentiles)):
        yield Cell(seconds(value), value)
    yield Cell(f"{load.requests:,}", load.requests)
    yield Cell(load_note(load))
