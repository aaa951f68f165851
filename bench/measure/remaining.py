"""How much of a run is left, learnt from what has been run so far."""

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from ..plan.cases import Group
from ..plan.settings import Settings
from ..results.measured import Entry, LoadRun, Peak, Process
from .estimate import expected_processes, expected_seconds


@dataclass
class Remaining:
    """The processes that are left, and the seconds that each kind of them has taken."""

    groups: Sequence[Group]
    settings: Settings
    clock: Callable[[], float] = time.monotonic
    rounds: dict[str, int] = field(default_factory=dict)
    """Rounds that were begun, by group."""
    peaks: set[tuple[str, int]] = field(default_factory=set)
    """Peaks that were measured."""
    loads: int = 0
    failed: set[str] = field(default_factory=set)
    """Cases that are not run again."""
    taken: dict[str, list[float]] = field(default_factory=dict)
    """Seconds by kind of process."""

    def __post_init__(self) -> None:
        self.started = self.last = self.clock()
        self._group_of = {case.id: group.id for group in self.groups for case in group.cases}

    def add(self, entry: Entry) -> None:
        """Take account of a process that has ended."""
        now = self.clock()
        self.taken.setdefault(entry.kind, []).append(now - self.last)
        self.last = now
        self.count(entry)

    def count(self, entry: Entry) -> None:
        """Take account of a process of an earlier call, of which the time is not known."""
        if isinstance(entry, Process | LoadRun) and entry.status != "ok":
            self.failed.add(entry.case)
        if isinstance(entry, Process):
            self.rounds[self._group_of[entry.case]] = entry.round + 1
        elif isinstance(entry, Peak):
            self.peaks.add((entry.probe, entry.round))
        elif isinstance(entry, LoadRun):
            self.loads += 1

    @property
    def part(self) -> float:
        """The part of the time that has passed, from 0 to 1."""
        passed = self.clock() - self.started
        return passed / (passed + self.seconds) if passed > 0 else 0.0

    @property
    def seconds(self) -> float:
        """About how many seconds are left."""
        expected = expected_processes(self.groups, self.settings)
        left = {
            "process": self._rounds_left(),
            "peak": max(0, expected["peak"] - len(self.peaks)),
            "load": max(0, expected["load"] - self.loads),
        }
        return sum(count * self._each(kind) for kind, count in left.items())

    def _rounds_left(self) -> int:
        """Return the processes that are left of the rounds, as many a group as the others took."""
        begun = [self.rounds[group.id] for group in self.groups if group.id in self.rounds]
        finished = begun[:-1]
        usual = max([self.settings.rounds, *finished]) if finished else self.settings.rounds
        found = 0
        for group in self.groups:
            current = bool(begun) and group.id == list(self.rounds)[-1]
            alive = sum(case.id not in self.failed for case in group.cases)
            if group.id not in self.rounds:
                found += usual * alive
            elif current:
                found += max(usual - self.rounds[group.id], 0) * alive
        return found

    def _each(self, kind: str) -> float:
        """Return the seconds of a process: what is usual counts like one that was seen."""
        taken = self.taken.get(kind, [])
        return (expected_seconds(self.settings)[kind] + math.fsum(taken)) / (1 + len(taken))
