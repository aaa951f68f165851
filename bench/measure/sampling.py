"""Timing a call: how many make one sample, when its pace is steady, and the samples themselves.

Workers import this file, so it needs the standard library alone. Times are in seconds.
"""

import contextlib
import itertools
import time
from collections.abc import Callable
from statistics import median
from typing import Any, TypeVar

from ..results.elements import Sample, WarmUp

Call = Callable[[], Any]
Value = TypeVar("Value")

SAMPLE_NS = 100_000
"""A sample is as many calls as take this long: reading the clock is then below 0.1 % of it."""
WINDOW = 10
"""Samples in each of the two windows that must agree before a run counts as steady."""
TOLERANCE = 0.02
"""How far the medians of the two windows may differ, as a part of the smaller."""


def timed(call: Call, loops: int) -> float:
    """Return the seconds that one of `loops` calls takes; nothing but the calls is in the loop."""
    calls = itertools.repeat(None, loops)
    start = time.perf_counter_ns()
    for _ in calls:
        call()
    # To 0.01 ns, which the clock does not resolve: the product's last digits would fill the files.
    return round((time.perf_counter_ns() - start) / loops * 1e-9, 11)


def calibrate(call: Call, least_ns: float = SAMPLE_NS) -> int:
    """Return how many calls make one sample: doubled until they take `least_ns` together."""
    loops = 1
    while timed(call, loops) * loops * 1e9 < least_ns and loops < 1 << 20:
        loops *= 2
    return loops


def steady_from(times: list[float], window: int, tolerance: float = TOLERANCE) -> int | None:
    """Return the first multiple of `window` from which two adjoining windows agree, or None."""
    for start in range(0, len(times) - 2 * window + 1, window):
        first, second = (median(times[at : at + window]) for at in (start, start + window))
        if abs(first - second) <= tolerance * min(first, second):
            return start
    return None


def warm_up(call: Call, loops: int, limit_s: float) -> WarmUp:
    """Call until the times are steady, for `limit_s` at most; say how it went."""
    start = time.perf_counter()
    times = [timed(call, loops)]
    window = max(2, min(WINDOW, int(limit_s / (4 * loops * times[0] + 1e-9))))
    since = None
    while since is None and time.perf_counter() - start < limit_s:
        times += [timed(call, loops) for _ in range(window)]
        since = steady_from(times, window)
    return WarmUp(
        calls=len(times) * loops,
        steady=since is not None,
        calls_until_steady=None if since is None else since * loops,
        seconds=time.perf_counter() - start,
    )


def sample(call: Call, warmup_s: float, sample_s: float, max_samples: int = 1000) -> Sample:
    """Warm up, then take samples for `sample_s`; each is the mean time of `loops` calls."""
    warm = warm_up(call, calibrate(call), warmup_s)
    loops = calibrate(call)
    times: list[float] = []
    cpu, start = time.process_time(), time.perf_counter()
    while len(times) < 3 or (time.perf_counter() - start < sample_s and len(times) < max_samples):
        times.append(timed(call, loops))
    cores = (time.process_time() - cpu) / (time.perf_counter() - start)
    return Sample(
        median_s=median(times),
        loops=loops,
        samples_s=tuple(times),
        warm_up=warm,
        cores_used=cores,
        host_memory_peak_bytes=status("VmHWM", 1024),
    )


def clock(call: Callable[[], Value]) -> tuple[float, Value]:
    """Return the seconds that one call takes, and what it returns."""
    start = time.perf_counter()
    value = call()
    return time.perf_counter() - start, value


def status(field: str, unit: int = 1) -> int | None:
    """Return a number of /proc/self/status: unlike getrusage's peak, not the parent's too."""
    with contextlib.suppress(OSError), open("/proc/self/status") as stream:
        return next((int(row.split()[1]) * unit for row in stream if row.startswith(field)), None)
    return None
