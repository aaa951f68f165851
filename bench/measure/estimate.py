"""How long a run takes, before it has begun: from the plan and what a process usually takes."""

from collections.abc import Sequence
from dataclasses import dataclass

from ..plan.cases import Group
from ..plan.settings import Settings
from .load_test import PROCESSES, parse_loads
from .peaks import PASSES

START_S = 0.6
"""Seconds that a process takes to start and to warm up, for a small model."""
PEAK_S = 1.2
"""Seconds that a process with one of the machine's peaks takes."""
PEAKS = 3
"""Peaks of each runtime: a matrix product, the memory, and NumPy's own."""


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
    cases = sum(not case.again for group in groups for case in group.cases)
    per_process = START_S + settings.sample_s
    around = _peaks_s(groups, settings) + _loads_s(cases, settings)
    least = most = around
    processes = 0
    for group in groups:
        rounds_s = settings.rounds * len(group.cases) * per_process
        longest = settings.max_rounds * len(group.cases) * per_process
        processes += settings.rounds * len(group.cases)
        least += rounds_s
        most += max(rounds_s, min(longest, settings.time_budget_s))
    return Estimate(cases, processes, least, most)


def _peaks_s(groups: Sequence[Group], settings: Settings) -> float:
    if not settings.peaks or settings.cluster:
        return 0.0
    runtimes = {(case.label, case.threads) for group in groups for case in group.cases}
    return PEAK_S * PEAKS * PASSES * len(runtimes)


def _loads_s(cases: int, settings: Settings) -> float:
    return cases * len(parse_loads(settings.loads)) * PROCESSES * (settings.load_s + START_S)
