"""The table of latencies under load."""

import itertools

from rich.text import Text

from ..results.document import LoadRow, Results, Row
from .printable import printable
from .sections import Section, Sections
from .units import NONE, seconds

Loaded = tuple[Row, LoadRow]
LATENCIES = ("p90", "p99")
"""The percentiles of the table; CSV and JSON have more."""


def loaded(document: Results) -> list[Loaded]:
    """Return every case and load."""
    return [(row, load) for row in document.rows for load in row.load]


def load_table(document: Results) -> Sections:
    """Return a table with a line per load, under a title for each case."""
    sections = [
        Section(
            f"{row.group}, {row.label}",
            [[Text(printable(cell)) for cell in load_cells(each)[2:]] for each in mine],
        )
        for row, mine in itertools.groupby(loaded(document), key=lambda each: each[0])
    ]
    headings = HEADINGS[2:]
    return Sections(headings, sections, [name == "note" for name in headings])


HEADINGS = ("model", "runtime", "load", "requests/s", "median", *LATENCIES, "requests", "note")
"""Of `load_cells`."""


def load_cells(each: Loaded) -> list[str]:
    """Return the texts of one case under one load."""
    row, load = each
    known = load.percentiles_s or {}
    return [
        row.group,
        row.label,
        load.load,
        NONE if load.throughput_per_s is None else f"{load.throughput_per_s:,.4g}",
        seconds(load.median_s),
        *(seconds(known.get(name)) for name in LATENCIES),
        f"{load.requests:,}",
        _note(load),
    ]


def _note(load: LoadRow) -> str:
    if load.errors:
        return f"{load.errors} requests failed: {load.first_error}"
    if load.overloaded:
        return "overloaded: requests came faster than answers"
    return load.status if load.status != "ok" else NONE
