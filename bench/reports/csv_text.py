"""CSV with unrounded numbers for programs: a line per case, and one per load of it."""

import csv
import io
from collections.abc import Iterable, Mapping

from ..results.conclusion import Conclusion
from ..results.document import Results, Row
from ..results.elements import Share
from ..results.load_row import LoadRow
from .printable import printable

FIELDS = (
    "model", "sizes", "on", "environment", "label", "threads", "status", "message", "processes",
    "median_s", "interval_s", "bound_s", "call_overhead_s", "import_s", "session_s", "first_run_s",
    "calls_until_steady", "to_device_s", "from_device_s", "cores_used", "host_memory_peak_bytes",
    "device_memory_bytes", "placement", "flags",
)  # fmt: skip
VERSUS = ("baseline", "ratio", "low", "high", "verdict", "break_even_runs")
BEST = ("times_as_fast", "low", "high", "verdict")
"""Of the best runtime of the group, against the line's."""
LIMITS = ("flops_per_s", "bytes_per_s", "flops_share", "bytes_share")
ACCURACY = ("passed", "max_abs", "max_rel", "rel_l2", "max_ulp", "top1")
LOAD = (
    "load",
    "clients",
    "clients_are",
    "requests",
    "errors",
    "throughput_per_s",
    "mean_s",
    "overloaded",
)
SERVER = ("queue_s", "compute_s", "batch")
"""What the server says of a request, of served models."""
PERCENTILES = ("p90", "p95", "p99", "p99.9")
FORMULA = ("=", "+", "-", "@")
"""What a spreadsheet takes for the beginning of a formula."""
HEAD = (
    *FIELDS, *VERSUS, "best", *(f"best_{name}" for name in BEST), *LIMITS,
    *(f"accuracy_{name}" for name in ACCURACY), *LOAD, *(f"{name}_s" for name in PERCENTILES),
    *(f"server_{name}" for name in SERVER),
)  # fmt: skip


def to_csv(results: Results) -> str:
    """Return the lines; an absent value is an empty field, a list is joined by ``;``.

    A case's own line has no ``load``; in a load's line median, interval and percentiles are those
    of the requests.
    """
    told: list[Mapping[str, object]] = []
    found = {each.group: each for each in results.conclusions}
    for row in results.rows:
        told.append(_case(row, found.get(row.group)))
        told += [_load(row, load) for load in row.load]
    return to_lines([HEAD, *([each.get(name) for name in HEAD] for each in told)])


def to_lines(rows: Iterable[Iterable[object]]) -> str:
    """Return CSV of rows, of which the first names the fields."""
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerows(map(_field, row) for row in rows)
    return stream.getvalue()


def _case(row: Row, conclusion: Conclusion | None) -> dict[str, object]:
    told = {name: getattr(row, name) for name in FIELDS}
    told |= {name: getattr(row.versus, name, None) for name in VERSUS}
    told |= {name: getattr(row.limits, name, None) for name in LIMITS}
    told |= {f"accuracy_{name}": getattr(row.accuracy, name, None) for name in ACCURACY}
    if conclusion is not None and conclusion.best is not None:
        pair = conclusion.between(conclusion.best, row.label)
        told |= {f"best_{name}": getattr(pair, name, None) for name in BEST}
        told["best"] = conclusion.best
    return told | _percentiles(row.percentiles_s) | _server(row.server)


def _load(row: Row, load: LoadRow) -> dict[str, object]:
    case = ("model", "sizes", "on", "environment", "label", "threads")
    told = {name: getattr(row, name) for name in case}
    told |= {name: getattr(load, name) for name in (*LOAD, "status", "processes")}
    told |= {"median_s": load.median_s, "interval_s": load.interval_s, "message": load.first_error}
    return told | _percentiles(load.percentiles_s) | _server(load.server)


def _server(share: Share | None) -> dict[str, object]:
    return {f"server_{name}": getattr(share, name, None) for name in SERVER}


def _percentiles(values: Mapping[str, float] | None) -> dict[str, object]:
    return {f"{name}_s": (values or {}).get(name) for name in PERCENTILES}


def _field(value: object) -> str:
    """Return a field of CSV: numbers unrounded, text that no spreadsheet takes for a formula.

    >>> _field(0.1), _field("=1+1"), _field((1.0, 2.0)), _field(-1)
    ('0.1', "'=1+1", '1.0;2.0', '-1')
    """
    if value is None:
        return ""
    if isinstance(value, int | float):
        return repr(value)
    if isinstance(value, Mapping):
        return _text(";".join(f"{key}={item}" for key, item in value.items()))
    if isinstance(value, tuple):
        return ";".join(repr(item) for item in value)
    return _text(str(value))


def _text(text: str) -> str:
    shown = printable(text)
    return f"'{shown}" if shown.startswith(FORMULA) else shown
