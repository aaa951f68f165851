"""One row per case and load: throughput, and latencies pooled over the processes."""

from collections.abc import Iterable, Sequence
from statistics import median

from ..stats import median_interval, supported_percentiles
from .document import LoadRow
from .elements import Loaded, Status
from .measured import LoadRun

OVERLOADED = 1.05
"""An open loop that takes so many times its planned time did not keep up with the arrivals."""


def load_rows(case_id: str, runs: Iterable[LoadRun]) -> tuple[LoadRow, ...]:
    """Return one row per load of a case."""
    mine = [run for run in runs if run.case == case_id]
    names = dict.fromkeys(run.load for run in mine)
    return tuple(_row(name, [run for run in mine if run.load == name]) for name in names)


def _row(name: str, runs: Sequence[LoadRun]) -> LoadRow:
    good = [run.result for run in runs if run.result is not None and run.status == "ok"]
    status: Status = next((run.status for run in runs if run.status != "ok"), "ok")
    if not good:
        return LoadRow(load=name, status=status, processes=0)
    latencies = [latency for result in good for latency in result.latencies_s]
    requests = sum(result.requests for result in good)
    return LoadRow(
        load=name,
        status=status,
        processes=len(good),
        requests=requests,
        errors=sum(result.errors for result in good),
        first_error=next((r.first_error for r in good if r.first_error), None),
        throughput_per_s=requests / sum(result.wall_s for result in good),
        median_s=median(latencies) if latencies else None,
        interval_s=median_interval(latencies) if len(latencies) >= 6 else None,
        percentiles_s=supported_percentiles(latencies) if latencies else {},
        overloaded=_overloaded(runs[0], good),
    )


def _overloaded(asked: LoadRun, results: Sequence[Loaded]) -> bool | None:
    if asked.rate is None:
        return None
    return max(result.wall_s for result in results) > OVERLOADED * asked.seconds
