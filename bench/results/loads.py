"""One row per case and load: throughput, and latencies pooled over the processes."""

import math
from collections.abc import Iterable, Sequence
from statistics import fmean, median

import numpy as np

from ..stats import median_interval, quantile_interval, smallest_sample, supported_percentiles
from ..stats.quantiles import PERCENTILES
from .elements import Loaded, Status, mean_share
from .load_row import Interval, LoadRow, Saturation
from .measured import ClientKind, LoadRun

OVERLOADED = 1.05
"""An open loop that takes so many times its planned time did not keep up with the arrivals."""
FEW_CALLS = 5
"""Calls that may be waiting when the planned time is over."""
GROWS = 1.05
"""Throughput that is so many times as high counts as more."""


def load_rows(case_id: str, runs: Iterable[LoadRun]) -> tuple[LoadRow, ...]:
    """Return one row per load of a case."""
    mine = [run for run in runs if run.case == case_id]
    names = dict.fromkeys(run.load for run in mine)
    return tuple(_row(name, [run for run in mine if run.load == name]) for name in names)


def saturation(rows: Sequence[LoadRow]) -> tuple[Saturation, ...]:
    """Return where throughput stops growing, for each kind of client that was tried twice."""
    found = (_saturation(kind, rows) for kind in ("threads", "processes"))
    return tuple(each for each in found if each is not None)


def _saturation(kind: ClientKind, rows: Sequence[LoadRow]) -> Saturation | None:
    tried = {
        row.clients: row.throughput_per_s
        for row in rows
        if row.overloaded is None and row.clients_are == kind and row.clients
        if row.throughput_per_s is not None
    }
    if len(tried) < 2:
        return None
    most = max(tried.values())
    clients = min(count for count, rate in tried.items() if rate * GROWS >= most)
    return Saturation(
        clients_are=kind,
        clients=clients,
        throughput_per_s=tried[clients],
        still_grows=clients == max(tried),
    )


def _row(name: str, runs: Sequence[LoadRun]) -> LoadRow:
    good = [run.result for run in runs if run.result is not None and run.status == "ok"]
    status: Status = next((run.status for run in runs if run.status != "ok"), "ok")
    clients, kind = _clients(runs[0]), runs[0].clients_are
    if not good:
        return LoadRow(load=name, status=status, processes=0, clients=clients, clients_are=kind)
    latencies = [latency for result in good for latency in result.latencies_s]
    requests = sum(result.requests for result in good)
    return LoadRow(
        load=name,
        status=status,
        processes=len(good),
        requests=requests,
        errors=sum(result.errors for result in good),
        first_error=next((r.first_error for r in good if r.first_error), None),
        clients=clients,
        clients_are=kind,
        throughput_per_s=requests / math.fsum(result.wall_s for result in good),
        mean_s=_mean(good),
        median_s=median(latencies) if latencies else None,
        interval_s=median_interval(latencies) if len(latencies) >= 6 else None,
        percentiles_s=supported_percentiles(latencies) if latencies else {},
        percentile_intervals_s=_intervals([each.latencies_s for each in good]),
        rate_per_s=runs[0].rate,
        overloaded=_overloaded(runs[0], good),
        server=mean_share(result.server for result in good),
    )


def _intervals(processes: Sequence[Sequence[float]]) -> dict[str, Interval]:
    found = {
        f"p{percentile:g}": percentile_interval(processes, percentile)
        for percentile in (50.0, *PERCENTILES)
    }
    return {name: interval for name, interval in found.items() if interval is not None}


def percentile_interval(processes: Sequence[Sequence[float]], percentile: float) -> Interval | None:
    """Return the interval of a percentile of all latencies; None where they are too few.

    It is that of the order statistics (see `stats.quantile_interval`), widened to hold the
    percentile of each process that has latencies enough of its own: requests of one process are
    not independent, and processes differ by more than the order statistics know.
    """
    quantile = percentile / 100
    together = [latency for mine in processes for latency in mine]
    interval = quantile_interval(together, quantile)
    if interval is None:
        return None
    enough = smallest_sample(quantile)
    own = [float(np.percentile(mine, percentile)) for mine in processes if len(mine) >= enough]
    return min(interval[0], *own, interval[0]), max(interval[1], *own, interval[1])


def _clients(run: LoadRun) -> int | None:
    """Return the number of clients, which earlier versions told in the load's name alone."""
    kind, _, count = run.load.partition("=")
    if run.clients is None and kind == "closed" and count.isdecimal():
        return int(count[:9])
    return run.clients


def _mean(results: Sequence[Loaded]) -> float | None:
    """Return the mean over all requests, where a process told none over those that it kept."""
    told = [
        (fmean(each.latencies_s) if each.mean_s is None else each.mean_s) * each.requests
        for each in results
        if each.latencies_s
    ]
    requests = sum(each.requests for each in results if each.latencies_s)
    return math.fsum(told) / requests if requests else None


def _overloaded(asked: LoadRun, results: Sequence[Loaded]) -> bool | None:
    """Say whether an open loop fell behind: requests still waited well after the last was due.

    The last one may come at the very end, so a few calls' time is no sign of that.
    """
    if asked.rate is None:
        return None
    return any(
        each.wall_s - asked.seconds
        > max((OVERLOADED - 1) * asked.seconds, FEW_CALLS * min(each.latencies_s, default=0.0))
        for each in results
    )
