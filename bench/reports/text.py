"""CSV with unrounded numbers for programs, and a markdown table for documents."""

import csv
import io
import re
from collections.abc import Mapping

from ..results.document import Results
from .columns import columns
from .printable import printable
from .units import NONE

FIELDS = (
    "model", "sizes", "on", "environment", "label", "threads", "status", "message", "processes",
    "median_s", "interval_s", "bound_s", "call_overhead_s", "import_s", "session_s", "first_run_s",
    "calls_until_steady", "to_device_s", "from_device_s", "cores_used", "host_memory_peak_bytes",
    "device_memory_bytes", "placement", "flags",
)  # fmt: skip
VERSUS = ("baseline", "ratio", "low", "high", "verdict", "break_even_runs")
LIMITS = ("flops_per_s", "bytes_per_s", "flops_share", "bytes_share")
FORMULA = ("=", "+", "-", "@")
"""What a spreadsheet takes for the beginning of a formula."""
ACCURACY = ("passed", "max_abs", "max_rel", "rel_l2", "max_ulp", "top1")


def to_csv(results: Results) -> str:
    """Return one line per case; an absent value is an empty field, a list is joined by ``;``."""
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow([*FIELDS, *VERSUS, *LIMITS, *(f"accuracy_{name}" for name in ACCURACY)])
    for row in results.rows:
        values = [getattr(row, name) for name in FIELDS]
        values += [getattr(row.versus, name, None) for name in VERSUS]
        values += [getattr(row.limits, name, None) for name in LIMITS]
        values += [getattr(row.accuracy, name, None) for name in ACCURACY]
        writer.writerow(map(_field, values))
    return stream.getvalue()


def to_markdown(results: Results) -> str:
    """Return the table as people see it, in markdown."""
    rows = results.rows
    texts = [(title, [render(row) for row in rows]) for title, render in columns()]
    kept = [(title, cells) for title, cells in texts if any(text != NONE for text in cells)]
    lines = ["| " + " | ".join(title for title, _ in kept) + " |", "|" + "---|" * len(kept)]
    for index in range(len(rows)):
        cells = (_escaped(cells[index]) for _, cells in kept)
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


def _escaped(text: str) -> str:
    r"""Return a cell of a markdown table that shows as it is and holds no markup.

    >>> print(_escaped("a|`b`<img>"))
    a\|\`b\`\<img>
    """
    return re.sub(r"([\\`|<])", r"\\\1", printable(text))


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
