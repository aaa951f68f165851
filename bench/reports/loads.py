"""The table of latencies under load."""

from rich.table import Table

from ..results.document import LoadRow, Results, Row
from .cells import cell
from .units import NONE, seconds


def load_table(document: Results) -> Table:
    """Return a table with one line per case and load; percentiles where the sample has them."""
    rows = [(row, load) for row in document.rows for load in row.load]
    percentiles = list(dict.fromkeys(name for _, load in rows for name in load.percentiles_s or ()))
    result = Table(header_style="bold")
    titles = ("model", "on", "load", "requests/s", "median", *percentiles, "requests", "note")
    for title in titles:
        result.add_column(cell(title), overflow="fold")
    for row, load in rows:
        result.add_row(*map(cell, _cells(row, load, percentiles)))
    return result


def _cells(row: Row, load: LoadRow, percentiles: list[str]) -> list[str]:
    note = load.status if load.status != "ok" else NONE
    if load.overloaded:
        note = "overloaded: requests came faster than answers"
    if load.errors:
        note = f"{load.errors} requests failed: {load.first_error}"
    known = load.percentiles_s or {}
    return [
        row.group,
        row.label,
        load.load,
        NONE if load.throughput_per_s is None else f"{load.throughput_per_s:.4g}",
        seconds(load.median_s),
        *(seconds(known.get(name)) for name in percentiles),
        str(load.requests),
        note,
    ]
