"""The columns of the table, in one place for the terminal, CSV for people and markdown."""

from collections.abc import Callable

from ..results.document import Row
from .units import NONE, change, seconds, share, size


def columns() -> tuple[tuple[str, Callable[[Row], str]], ...]:
    """Return each column's heading and the text of a row in it; one line to add for a new one."""
    return (
        ("model", lambda row: str(row.group)),
        ("on", lambda row: str(row.label)),
        ("median", median),
        ("against baseline", versus),
        ("verdict", verdict),
        ("max error", error),
        ("bound", lambda row: seconds(row.bound_s)),
        ("call", lambda row: seconds(row.call_overhead_s)),
        ("start", start),
        ("break even", breaks_even),
        ("of peak", peak),
        ("memory", lambda row: size(row.host_memory_peak_bytes)),
        ("placement", placement),
        ("n", lambda row: str(row.processes)),
        ("flags", lambda row: ", ".join(f"{w} {n}" for w, n in row.flags.items()) or NONE),
    )


def median(row: Row) -> str:
    """Return the median of the processes' medians with its interval, or what went wrong."""
    if row.median_s is None:
        return row.status
    text = seconds(row.median_s)
    if row.interval_s is None:
        return text
    return f"{text} [{seconds(row.interval_s[0])}, {seconds(row.interval_s[1])}]"


def versus(row: Row) -> str:
    """Return the change against the baseline."""
    if row.versus is None:
        return "baseline" if row.median_s is not None else NONE
    return change(row.versus)


def verdict(row: Row) -> str:
    """Return the verdict; a failed case's status, an inaccurate baseline too."""
    if row.status != "ok":
        return row.status
    if row.inaccurate:
        return "INACCURATE"
    return NONE if row.versus is None else row.versus.verdict or NONE


def error(row: Row) -> str:
    """Return the largest absolute error against float64."""
    if row.accuracy is None or row.accuracy.max_abs is None:
        return NONE
    return f"{row.accuracy.max_abs:.1e}" + ("" if row.accuracy.passed else " over budget")


def start(row: Row) -> str:
    """Return the time from import to the first result."""
    return seconds(row.cold_s)


def breaks_even(row: Row) -> str:
    """Return after how many runs a slower start is paid back."""
    if row.versus is None or row.versus.ratio is None:
        return NONE
    count = row.versus.break_even_runs
    if count is None:
        return "never"
    return f"{count} runs" if count else "at once"


def peak(row: Row) -> str:
    """Return the part of the machine's measured peaks: arithmetic / memory bandwidth."""
    part = row.limits
    if part is None or (part.flops_share is None and part.bytes_share is None):
        return NONE
    return f"{share(part.flops_share)} / {share(part.bytes_share)}"


def placement(row: Row) -> str:
    """Return which part of the nodes ran where, or the failure's own words."""
    if row.status != "ok":
        return f"in {row.stage}: {row.message}"[:160]
    return row.placement or NONE
