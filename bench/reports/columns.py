"""The columns of the table, in one place for the terminal, CSV for people and markdown."""

from collections.abc import Callable, Mapping
from typing import Any

from .units import NONE, change, seconds, share, size

Row = Mapping[str, Any]


def columns() -> tuple[tuple[str, Callable[[Row], str]], ...]:
    """Return each column's heading and the text of a row in it; one line to add for a new one."""
    return (
        ("model", lambda row: str(row["group"])),
        ("on", lambda row: str(row["label"])),
        ("median", median),
        ("against baseline", versus),
        ("verdict", verdict),
        ("max error", error),
        ("bound", lambda row: seconds(row.get("bound_s"))),
        ("call", lambda row: seconds(row.get("call_overhead_s"))),
        ("start", start),
        ("break even", breaks_even),
        ("of peak", peak),
        ("memory", lambda row: size(row.get("host_memory_peak_bytes"))),
        ("placement", placement),
        ("n", lambda row: str(row["processes"])),
        ("flags", lambda row: ", ".join(f"{w} {n}" for w, n in row["flags"].items()) or NONE),
    )


def median(row: Row) -> str:
    """Return the median of the processes' medians with its interval, or what went wrong."""
    if row.get("median_s") is None:
        return str(row["status"])
    text = seconds(row["median_s"])
    interval = row.get("interval_s")
    return f"{text} [{seconds(interval[0])}, {seconds(interval[1])}]" if interval else text


def versus(row: Row) -> str:
    """Return the change against the baseline."""
    if row["versus"] is None:
        return "baseline" if row.get("median_s") is not None else NONE
    return NONE if row["versus"].get("ratio") is None else change(row["versus"])


def verdict(row: Row) -> str:
    """Return the verdict; a failed case's status, an inaccurate baseline too."""
    if row["status"] != "ok":
        return str(row["status"])
    if (row["accuracy"] or {}).get("passed") is False:
        return "INACCURATE"
    return NONE if row["versus"] is None else row["versus"]["verdict"] or NONE


def error(row: Row) -> str:
    """Return the largest absolute error against float64."""
    accuracy = row["accuracy"] or {}
    if accuracy.get("max_abs") is None:
        return NONE
    return f"{accuracy['max_abs']:.1e}" + ("" if accuracy["passed"] else " over budget")


def start(row: Row) -> str:
    """Return the time from import to the first result."""
    parts = [row.get(name) for name in ("import_s", "session_s", "first_run_s")]
    known = [part for part in parts if part is not None]
    return seconds(sum(known)) if len(known) == len(parts) else NONE


def breaks_even(row: Row) -> str:
    """Return after how many runs a slower start is paid back."""
    if row["versus"] is None or "ratio" not in row["versus"]:
        return NONE
    count = row["versus"]["break_even_runs"]
    if count is None:
        return "never"
    return f"{count} runs" if count else "at once"


def peak(row: Row) -> str:
    """Return the part of the machine's measured peaks: arithmetic / memory bandwidth."""
    limits = row.get("limits")
    if not limits or (limits["flops_share"] is None and limits["bytes_share"] is None):
        return NONE
    return f"{share(limits['flops_share'])} / {share(limits['bytes_share'])}"


def placement(row: Row) -> str:
    """Return which part of the nodes ran where, or the failure's own words."""
    if row["status"] != "ok":
        return f"in {row['stage']}: {row['message']}"[:160]
    return row["placement"] or NONE
