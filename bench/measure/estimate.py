"""How long a run takes, before it has begun: from the plan and what a process usually takes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ...runtime.providers import is_served
from ..plan.cases import Group
from ..plan.settings import Settings
from .load_test import PROCESSES, parse_loads
from .peaks import PASSES

START_S = 0.6
"""Seconds that a process takes to start and to warm up, for a small model."""
PEAK_S = 1.2
"""Seconds that a process with one of the machine's peaks takes."""
PEAKS = 3
"""Peaks of each runtime: matrix products of two sizes and the memory. NumPy's own come on top."""


@dataclass(frozen=True)
class Estimate:
    """Processes and seconds of a run; the most is what it takes where intervals stay wide."""

    cases: int
    least_processes: int
    least_s: float
    most_s: float


def estimate(groups: Sequence[Group], settings: Settings) -> Estimate:
    """Return how long the groups take, small models supposed: a large one's own runs come on top.

    At least `settings.rounds` are run, then as many as the time budget of each group allows.
    """
    processes, seconds = expected_processes(groups, settings), expected_seconds(settings)
    around = sum(processes[kind] * seconds[kind] for kind in ("peak", "load"))
    most = around
    for group in groups:
        round_s = len(group.cases) * seconds["process"]
        longest = min(settings.max_rounds * round_s, settings.time_budget_s)
        most += max(settings.rounds * round_s, longest)
    return Estimate(
        cases=sum(not case.again for group in groups for case in group.cases),
        least_processes=sum(processes.values()),
        least_s=around + processes["process"] * seconds["process"],
        most_s=most,
    )


def expected_processes(groups: Sequence[Group], settings: Settings) -> Mapping[str, int]:
    """Return the fewest processes of a run, by the kind of their entries."""
    cases = [case for group in groups for case in group.cases]
    own = [case for case in cases if not case.again]
    runtimes = {(case.label, case.threads) for case in cases if not is_served(case.on)}
    threads = {case.threads for case in cases}
    peaks = PASSES * (PEAKS * len(runtimes) + len(threads))
    return {
        "process": settings.rounds * len(cases),
        "peak": peaks if settings.peaks and not settings.cluster else 0,
        "load": PROCESSES * len(parse_loads(settings.loads)) * len(own),
    }


def expected_seconds(settings: Settings) -> Mapping[str, float]:
    """Return the seconds of one process, by the kind of its entry."""
    return {
        "process": START_S + settings.sample_s,
        "peak": PEAK_S,
        "load": START_S + settings.load_s,
    }
