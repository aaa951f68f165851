"""The table of loads, with the percentiles that there are."""

from collections.abc import Iterable, Sequence

from ...results.document import Results, Row
from ...results.load_row import LoadRow
from ..loads import HEADINGS, load_cells, loaded, saturation_lines
from ..units import NONE, seconds
from .markup import Markup, element, joined
from .payload import shape_words
from .tables import Cell, sortable

TEXTS = ("model", "runtime", "load", "note")


def loads_section(results: Results) -> Markup | None:
    """Return the table and where throughput stops growing, None where nothing was under load."""
    if not loaded(results):
        return None
    lines = [element("li", line) for line in saturation_lines(results)]
    told = element("ul", *lines, class_="warnings") if lines else Markup("")
    return joined(told, _table(results))


def _table(results: Results) -> Markup:
    found = [(place, row, load) for place, row in enumerate(results.rows) for load in row.load]
    known = [load.percentiles_s or {} for *_, load in found]
    percentiles = list(dict.fromkeys(name for each in known for name in each))
    titles = (
        "model", "shape", "runtime", "load", "requests per second", "mean", "p50", *percentiles,
        "requests", "note",
    )  # fmt: skip
    rows = ((place, _cells(row, load, percentiles)) for place, row, load in found)
    return sortable("loads-table", titles, TEXTS, rows)


def _cells(row: Row, load: LoadRow, percentiles: Sequence[str]) -> Iterable[Cell]:
    rate, known = load.throughput_per_s, load.percentiles_s or {}
    told = dict(zip(HEADINGS, load_cells((row, load)), strict=True))
    yield Cell(row.model)
    yield Cell(shape_words(row), next(iter(row.sizes.values()), 0))
    yield Cell(row.label)
    yield Cell(told["load"], load.clients)
    yield Cell(NONE if rate is None else f"{rate:,.0f} /s", rate)
    for value in (load.mean_s, load.median_s, *(known.get(name) for name in percentiles)):
        yield Cell(seconds(value), value)
    yield Cell(f"{load.requests:,}", load.requests)
    yield Cell(told["note"])
