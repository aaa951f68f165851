"""Latency under load: processes of ``load_test_worker.py`` after a case's own rounds."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import median

from ..errors import BenchError
from ..plan.cases import Case, Group
from ..plan.settings import Settings, split_pair
from ..results.measured import Entry, LoadRun, Peak
from ..results.pairs import medians
from ..results.rows import by_round
from ..results.store import Journal
from .conditions import flags, observed
from .launch import LOAD_TEST, WorkerLimits, run_script
from .wire import LoadRequest

PROCESSES = 3
"""Processes per case and load: a percentile of pooled requests needs requests more than runs."""
MOST = {"closed": 1000, "processes": 64}
"""Clients of a closed loop: threads of one process, or processes that each open the model."""


@dataclass(frozen=True)
class Load:
    """One kind of load.

    ``closed=4`` is four threads of one process that ask without a pause, ``processes=4`` as many
    processes, and ``poisson=200`` is 200 requests a second; ``poisson=50%`` is half of what the
    slowest runtime of the model and shape manages, the same for all of them.
    """

    name: str
    clients: int
    rate: float | None
    processes: bool = False
    share: float | None = None
    """Of what the slowest manages; None for a rate of its own and for closed loops."""


def parse_loads(texts: Sequence[str], servers: int = 1) -> tuple[Load, ...]:
    """Parse ``closed=N``, ``processes=N``, ``poisson=RATE`` and ``poisson=SHARE%``.

    `servers` threads answer the requests of the last two.

    >>> parse_loads(["closed=4", "poisson=200"])[1]
    Load(name='poisson=200', clients=1, rate=200.0, processes=False, share=None)
    """
    return tuple(_parse(text, servers) for text in texts)


def _parse(text: str, servers: int) -> Load:
    kind, value = split_pair(text, "--load", "closed=4, processes=4 or poisson=200")
    share = value.endswith("%")
    try:
        number = float(value.removesuffix("%"))
    except ValueError:
        number = 0.0
    if not share and 1 <= number <= MOST.get(kind, 0) and number == int(number):
        return Load(text, int(number), None, processes=kind == "processes")
    if kind == "poisson" and 0 < number < (100 if share else 1e6):
        part = number / 100 if share else None
        return Load(text, servers, None if share else number, share=part)
    raise BenchError(
        f"--load {text!r} is no kind of load",
        "write closed=THREADS, processes=PROCESSES, poisson=REQUESTS_PER_SECOND or "
        "poisson=SHARE%, as closed=4, poisson=200 or poisson=50%",
    )


def with_rate(load: Load, group: Group, entries: Sequence[Entry]) -> Load:
    """Return a load whose share is a rate: of what the slowest runtime of the group manages.

    It follows from the entries of the rounds alone, so that a run that goes on has the same rate.
    """
    if load.share is None:
        return load
    done = by_round(entries)
    times = [[*medians(case.id, done).values()] for case in group.cases if not case.again]
    slowest = max((median(each) for each in times if each), default=None)
    return replace(load, rate=None if slowest is None else load.share * load.clients / slowest)


def run_loads(
    groups: Sequence[Group],
    settings: Settings,
    journal: Journal,
    feeds: Mapping[str, Path],
    report: Callable[[Entry], None] = lambda entry: None,
) -> None:
    """Run what the journal lacks of the loads; cases that have failed are left out."""
    ran = [entry for entry in journal.entries if not isinstance(entry, Peak)]
    failed = {entry.case for entry in ran if entry.status != "ok"}
    done = {(each.case, each.load, each.round) for each in ran if isinstance(each, LoadRun)}
    asked = parse_loads(settings.loads, settings.servers)
    for group in groups:
        loads = [with_rate(load, group, ran) for load in asked]
        for number in range(PROCESSES):
            for load in loads:
                for case in group.cases:
                    place = (case.id, load.name, number)
                    if not case.again and case.id not in failed and place not in done:
                        entry = _run(group, case, load, number, settings, feeds[group.id])
                        journal.append(entry)
                        report(entry)


def _run(
    group: Group, case: Case, load: Load, number: int, settings: Settings, feeds: Path
) -> LoadRun:
    request = LoadRequest(
        engine=case.engine,
        model=str(group.subject_of(case).path),
        feeds=str(feeds),
        limits=settings.allowed(case.on),
        clients=load.clients,
        rate=load.rate,
        seconds=settings.load_s,
        seed=settings.seed + number,
        processes=load.processes,
    )
    limits = WorkerLimits(settings.timeout_s, settings.memory_limit_bytes)
    ending, around = observed(lambda: run_script(case.python, LOAD_TEST, request, limits))
    return LoadRun(
        case=case.id,
        load=load.name,
        round=number,
        seconds=settings.load_s,
        rate=load.rate,
        clients=load.clients,
        clients_are="processes" if load.processes else "threads",
        status=ending.status,
        stage=ending.stage,
        message=ending.message,
        wall_s=ending.wall_s,
        conditions=around,
        flags=tuple(flags(around)),
        result=ending.result,
    )
