"""The table of latencies under load."""

from collections.abc import Mapping
from typing import Any

from rich.table import Table

from .cells import cell
from .units import NONE, seconds


def load_table(document: Mapping[str, Any]) -> Table:
    """Return a table with one line per case and load; percentiles where the sample has them."""
    rows = [(row, load) for row in document["rows"] for load in row["load"]]
    percentiles = list(
        dict.fromkeys(name for _, load in rows for name in load.get("percentiles_s", {}))
    )
    result = Table(header_style="bold")
    titles = ("model", "on", "load", "requests/s", "median", *percentiles, "requests", "note")
    for title in titles:
        result.add_column(title, overflow="fold")
    for row, load in rows:
        result.add_row(*map(cell, _cells(row, load, percentiles)))
    return result


def _cells(row: Mapping[str, Any], load: Mapping[str, Any], percentiles: list[str]) -> list[str]:
    rate = load.get("throughput_per_s")
    note = load["status"] if load["status"] != "ok" else NONE
    if load.get("overloaded"):
        note = "overloaded: requests came faster than answers"
    if load.get("errors"):
        note = f"{load['errors']} requests failed: {load['first_error']}"
    return [
        row["group"],
        row["label"],
        load["load"],
        NONE if rate is None else f"{rate:.4g}",
        seconds(load.get("median_s")),
        *(seconds(load.get("percentiles_s", {}).get(name)) for name in percentiles),
        str(load.get("requests", 0)),
        note,
    ]
