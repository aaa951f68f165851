"""What else happened on the machine while a sample was taken; absent facts are None."""

import contextlib
import math
import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from ..results.measured import Conditions

Value = TypeVar("Value")

BUSY_CORES = 0.15
"""Other processes may use this much of one core before a sample is flagged."""
STEAL_SHARE = 0.02
"""A hypervisor may take this part of the wall time of all cores before a sample is flagged."""
CLOCK_SHARE = 0.10
"""The clock may change by this part within a sample before it is flagged."""


@dataclass(frozen=True)
class Snapshot:
    """Counters of the machine at one moment."""

    wall_s: float
    own_cpu_s: float
    """Processor time of this process and of the children it has waited for."""
    busy_s: float | None
    """Processor time of all processes on all cores."""
    steal_s: float | None
    clock_mhz: float | None
    throttles: int | None
    """How often the cores were throttled for their temperature since the machine started."""


def snapshot() -> Snapshot:
    """Read the counters now; takes well under a millisecond."""
    busy, steal = _processor_times()
    own = os.times()
    return Snapshot(
        wall_s=time.monotonic(),
        own_cpu_s=own.user + own.system + own.children_user + own.children_system,
        busy_s=busy,
        steal_s=steal,
        clock_mhz=_clock_mhz(),
        throttles=_throttles(),
    )


def between(before: Snapshot, after: Snapshot) -> Conditions:
    """Return what happened between two snapshots."""
    wall = max(after.wall_s - before.wall_s, 1e-9)
    own = after.own_cpu_s - before.own_cpu_s
    busy, steal = _grown(before.busy_s, after.busy_s), _grown(before.steal_s, after.steal_s)
    throttles = _grown(before.throttles, after.throttles)
    both = before.clock_mhz and after.clock_mhz
    return Conditions(
        other_cores=None if busy is None else max(0.0, busy - own) / wall,
        steal_share=None if steal is None else max(0.0, steal) / wall / (os.cpu_count() or 1),
        clock_mhz=(before.clock_mhz or 0.0, after.clock_mhz or 0.0) if both else None,
        throttles=None if throttles is None else int(throttles),
    )


def observed(call: Callable[[], Value]) -> tuple[Value, Conditions]:
    """Return what `call` returns, and what else happened on the machine meanwhile."""
    before = snapshot()
    value = call()
    return value, between(before, snapshot())


def flags(conditions: Conditions) -> list[str]:
    """Return a word for each condition that makes a sample doubtful.

    >>> flags(Conditions(other_cores=0.9, clock_mhz=(3000, 2000), throttles=0))
    ['busy', 'clock']
    """
    words = []
    if (conditions.other_cores or 0) > BUSY_CORES:
        words.append("busy")
    if (conditions.steal_share or 0) > STEAL_SHARE:
        words.append("steal")
    clocks = conditions.clock_mhz
    if clocks and abs(clocks[1] - clocks[0]) > CLOCK_SHARE * clocks[0]:
        words.append("clock")
    if conditions.throttles:
        words.append("throttled")
    return words


def _grown(before: float | None, after: float | None) -> float | None:
    return None if before is None or after is None else after - before


def _processor_times() -> tuple[float | None, float | None]:
    """Return busy and stolen seconds summed over the cores, from /proc/stat."""
    try:
        fields = Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:]
        user, nice, system, _, _, irq, softirq, steal = (int(field) for field in fields[:8])
        tick = os.sysconf("SC_CLK_TCK")
    except (AttributeError, OSError, ValueError):
        return None, None
    return (user + nice + system + irq + softirq) / tick, steal / tick


def _clock_mhz() -> float | None:
    """Return the mean clock of the cores, where the system tells one that moves."""
    values = []
    for path in Path("/sys/devices/system/cpu").glob("cpu[0-9]*/cpufreq/scaling_cur_freq"):
        with contextlib.suppress(OSError, ValueError):
            values.append(int(path.read_text()) / 1000)
    return math.fsum(values) / len(values) if values else None


def _throttles() -> int | None:
    counts = []
    pattern = "cpu[0-9]*/thermal_throttle/core_throttle_count"
    for path in Path("/sys/devices/system/cpu").glob(pattern):
        with contextlib.suppress(OSError, ValueError):
            counts.append(int(path.read_text()))
    return sum(counts) if counts else None
