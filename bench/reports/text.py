"""CSV with unrounded numbers for programs, and a markdown table for documents."""

import csv
import io
from collections.abc import Mapping
from typing import Any

from .columns import columns
from .units import NONE

FIELDS = (
    "model", "sizes", "on", "environment", "label", "threads", "status", "message", "processes",
    "median_s", "interval_s", "bound_s", "call_overhead_s", "import_s", "session_s", "first_run_s",
    "calls_until_steady", "to_device_s", "from_device_s", "cores_used", "host_memory_peak_bytes",
    "device_memory_bytes", "placement", "flags",
)  # fmt: skip
VERSUS = ("baseline", "ratio", "low", "high", "verdict", "break_even_runs")
LIMITS = ("flops_per_s", "bytes_per_s", "flops_share", "bytes_share")
ACCURACY = ("passed", "max_abs", "max_rel", "rel_l2", "max_ulp", "top1")


def to_csv(document: Mapping[str, Any]) -> str:
    """Return one line per case; an absent value is an empty field, a list is joined by ``;``."""
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow([*FIELDS, *VERSUS, *LIMITS, *(f"accuracy_{name}" for name in ACCURACY)])
    for row in document["rows"]:
        versus, accuracy = row["versus"] or {}, row["accuracy"] or {}
        values = [row.get(name) for name in FIELDS]
        values += [versus.get(name) for name in VERSUS]
        values += [(row.get("limits") or {}).get(name) for name in LIMITS]
        values += [accuracy.get(name) for name in ACCURACY]
        writer.writerow([_field(value) for value in values])
    return stream.getvalue()


def to_markdown(document: Mapping[str, Any]) -> str:
    """Return the table as people see it, in markdown."""
    rows = document["rows"]
    texts = [(title, [render(row) for row in rows]) for title, render in columns()]
    kept = [(title, cells) for title, cells in texts if any(text != NONE for text in cells)]
    lines = ["| " + " | ".join(title for title, _ in kept) + " |", "|" + "---|" * len(kept)]
    for index in range(len(rows)):
        cells = (cells[index].replace("|", r"\|") for _, cells in kept)
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


def _field(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, Mapping):
        return ";".join(f"{key}={item}" for key, item in value.items())
    if isinstance(value, list):
        return ";".join(repr(item) for item in value)
    return repr(value) if isinstance(value, float) else str(value)
