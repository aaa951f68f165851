"""Latency under load: processes of ``load_test_worker.py`` after a case's own rounds."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

from ..errors import BenchError
from ..plan.cases import Case, Group
from ..plan.settings import Settings, split_pair
from ..results.store import Journal
from ..stats import median_interval, supported_percentiles
from .conditions import between, flags, snapshot
from .launch import WorkerLimits, launch

SCRIPT = Path(__file__).resolve().parent / "load_test_worker.py"
PROCESSES = 3
"""Processes per case and load: a percentile of pooled requests needs requests more than runs."""
MOST_CLIENTS = 1000
"""Every client of a closed loop is a thread."""
OVERLOADED = 1.05
"""An open loop that takes so many times its planned time did not keep up with the arrivals."""


@dataclass(frozen=True)
class Load:
    """One kind of load: ``closed=4`` is four clients, ``poisson=200`` is 200 requests a second."""

    name: str
    clients: int
    rate: float | None


def parse_loads(texts: Sequence[str], servers: int = 1) -> tuple[Load, ...]:
    """Parse ``closed=CLIENTS`` and ``poisson=RATE``; `servers` threads answer an open loop.

    >>> parse_loads(["closed=4", "poisson=200"])[1]
    Load(name='poisson=200', clients=1, rate=200.0)
    """
    loads = []
    for text in texts:
        kind, value = split_pair(text, "--load", "closed=4 or poisson=200")
        try:
            number = float(value)
        except ValueError:
            number = 0.0
        if kind == "closed" and 1 <= number <= MOST_CLIENTS and number == int(number):
            loads.append(Load(text, int(number), None))
        elif kind == "poisson" and 0 < number < 1e6:
            loads.append(Load(text, servers, number))
        else:
            raise BenchError(
                f"--load {text!r} is no kind of load",
                "write closed=CLIENTS or poisson=REQUESTS_PER_SECOND, as closed=4 or poisson=200",
            )
    return tuple(loads)


def run_loads(
    groups: Sequence[Group], settings: Settings, journal: Journal, feeds: Mapping[str, Path]
) -> None:
    """Run what the journal lacks of the loads; cases that have failed are left out."""
    failed = {entry["case"] for entry in journal.entries if entry.get("status", "ok") != "ok"}
    done = {
        (entry["case"], entry["load"], entry["round"])
        for entry in journal.entries
        if entry["kind"] == "load"
    }
    for group in groups:
        for number in range(PROCESSES):
            for load in parse_loads(settings.loads, settings.servers):
                for case in group.cases:
                    place = (case.id, load.name, number)
                    if not case.again and case.id not in failed and place not in done:
                        journal.append(_run(group, case, load, number, settings, feeds[group.id]))


def load_rows(case_id: str, entries: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return one row per load of a case: throughput, and latencies pooled over its processes."""
    mine = [e for e in entries if e["kind"] == "load" and e["case"] == case_id]
    found = []
    for name in dict.fromkeys(entry["load"] for entry in mine):
        runs = [entry for entry in mine if entry["load"] == name]
        good = [entry["result"] for entry in runs if entry["status"] == "ok"]
        bad = next((entry for entry in runs if entry["status"] != "ok"), None)
        row = {"load": name, "status": bad["status"] if bad else "ok", "processes": len(good)}
        found.append(row | (_summary(good, runs[0]["seconds"], runs[0]["rate"]) if good else {}))
    return found


def _summary(
    results: Sequence[Mapping[str, Any]], seconds: float, rate: float | None
) -> dict[str, Any]:
    latencies = [latency for result in results for latency in result["latencies_s"]]
    requests = sum(result["requests"] for result in results)
    wall = sum(result["wall_s"] for result in results)
    longest = max(result["wall_s"] for result in results)
    return {
        "requests": requests,
        "errors": sum(result.get("errors", 0) for result in results),
        "first_error": next((r["first_error"] for r in results if r.get("first_error")), None),
        "throughput_per_s": requests / wall,
        "median_s": median(latencies) if latencies else None,
        "interval_s": list(median_interval(latencies)) if len(latencies) >= 6 else None,
        "percentiles_s": supported_percentiles(latencies) if latencies else {},
        "overloaded": None if rate is None else longest > OVERLOADED * seconds,
    }


def _run(
    group: Group, case: Case, load: Load, number: int, settings: Settings, feeds: Path
) -> dict[str, Any]:
    request = {
        "on": case.on,
        "provider": case.provider,
        "plugin": case.plugin,
        "provider_options": dict(case.provider_options),
        "threads": case.threads,
        "model": str(group.subject.path),
        "feeds": str(feeds),
        "clients": load.clients,
        "rate": load.rate,
        "seconds": settings.load_s,
        "seed": settings.seed + number,
    }
    limits = WorkerLimits(settings.timeout_s, settings.memory_limit_bytes)
    before = snapshot()
    outcome = launch(case.python, request, limits, SCRIPT)
    surroundings = between(before, snapshot())
    place = {"kind": "load", "case": case.id, "load": load.name, "round": number}
    facts = {"seconds": settings.load_s, "rate": load.rate, "flags": flags(surroundings)}
    return {**place, **facts, "conditions": surroundings, **outcome}
