"""The table of latencies under load."""

import itertools

from rich.text import Text

from ..results.document import Results, Row
from ..results.load_row import LoadRow, Saturation
from ..results.measured import ClientKind
from .printable import printable
from .sections import Section, Sections
from .units import NONE, seconds

Loaded = tuple[Row, LoadRow]
LATENCIES = ("p90", "p99")
"""The percentiles of the table; CSV and JSON have more."""
HEADINGS = ("model", "runtime", "load", "requests/s", "mean", "median", *LATENCIES, "note")
"""Of `load_cells`."""
LEGEND = (
    "load: clients that each ask again as soon as they have their answer, threads of one Python "
    "process or processes of their own; or requests that arrive at random (poisson=RATE), whose "
    "latency counts from the time they were due. A mean far above the median shows that requests "
    "wait for each other."
)


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


def load_cells(each: Loaded) -> list[str]:
    """Return the texts of one case under one load."""
    row, load = each
    known = load.percentiles_s or {}
    return [
        row.group,
        row.label,
        load_name(load),
        _rate(load.throughput_per_s),
        seconds(load.mean_s),
        seconds(load.median_s),
        *(seconds(known.get(name)) for name in LATENCIES),
        _note(load),
    ]


def saturation_lines(document: Results) -> list[str]:
    """Return where the throughput of each case stops growing."""
    return [
        printable(f"{row.group}, {row.label}: {_saturation(each)}")
        for row in document.rows
        for each in row.saturation
    ]


def _saturation(found: Saturation) -> str:
    clients = _counted(found.clients, found.clients_are)
    rate = f"{_rate(found.throughput_per_s)} requests/s"
    if found.still_grows:
        return f"throughput still grows at {clients}, the most that were tried ({rate})"
    return f"throughput stops growing at {clients} ({rate})"


def _rate(per_s: float | None) -> str:
    if per_s is None:
        return NONE
    return f"{per_s:,.0f}" if per_s >= 100 else f"{per_s:.3g}"


def load_name(load: LoadRow) -> str:
    """Return ``4 threads`` for clients of a closed loop, an open one as it was asked for."""
    if load.overloaded is not None or load.clients is None:
        return load.load
    return _counted(load.clients, load.clients_are)


def _counted(clients: int, kind: ClientKind) -> str:
    words = {"threads": ("thread", "threads"), "processes": ("process", "processes")}[kind]
    return f"{clients} {words[clients != 1]}"


def _note(load: LoadRow) -> str:
    if load.errors:
        return f"{load.errors} requests failed: {load.first_error}"
    if load.overloaded:
        return "overloaded: requests came faster than answers"
    return load.status if load.status != "ok" else NONE
