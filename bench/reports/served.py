"""The table of served models: how much of the clients' time the server accounts for."""

from collections.abc import Iterator

from rich.text import Text

from ..results.document import Results, Row
from ..results.elements import Share
from .printable import printable
from .sections import Section, Sections
from .units import NONE, seconds

HEADINGS = ("load", "median", "queue", "compute", "rows a run", "the rest", "over local")
ALONE = "one by one"
"""The case's own rounds: each request waits for the last one's answer."""


def served_table(results: Results) -> Sections | None:
    """Return a table with a line per served case and load; None where no server told its part.

    The rest is what the server does not account for: both ends' messages, and the network. Over
    local is the difference to the first local runtime of the same model, shape and load.
    """
    sections = []
    for row in results.rows:
        local = _local(results, row)
        lines = [[Text(printable(cell)) for cell in cells] for cells in _lines(row, local)]
        if lines:
            beside = "" if local is None else f", local: {local.label}"
            sections.append(Section(f"{row.group}, {row.label}{beside}", lines))
    return Sections(HEADINGS, sections, [False] * len(HEADINGS)) if sections else None


def _local(results: Results, served: Row) -> Row | None:
    """Return the row that a served one is held against."""
    same = (row for row in results.rows if row.group == served.group)
    return next((row for row in same if row.device != "server" and row.status == "ok"), None)


def _lines(row: Row, local: Row | None) -> Iterator[list[str]]:
    if row.server is not None:
        alone = None if local is None else local.median_s
        yield _cells(ALONE, row.median_s, row.server, alone)
    loads = {} if local is None else {load.load: load.median_s for load in local.load}
    for load in row.load:
        if load.server is not None:
            yield _cells(load.load, load.median_s, load.server, loads.get(load.load))


def _cells(load: str, median: float | None, share: Share, local: float | None) -> list[str]:
    if median is None:
        return [load, *[NONE] * (len(HEADINGS) - 1)]
    rest = max(median - share.queue_s - share.compute_s, 0.0)
    return [
        load,
        seconds(median),
        seconds(share.queue_s),
        seconds(share.compute_s),
        f"{share.batch:.3g}",
        seconds(rest),
        NONE if local is None else seconds(median - local),
    ]
