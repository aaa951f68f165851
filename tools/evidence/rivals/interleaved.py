"""Times of several models in one process, in turn, in processor time.

One thread computes, so its processor time tells what a run takes also where other programs keep the
cores busy; ratios are formed round by round, so that what slows a round slows all its models.
"""

import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from onnxwright import runtime
from onnxwright.bench.stats.quantiles import median_interval

BLOCK_S = 0.002
"""A round runs each model for about so long."""
MOST_ROUNDS, LEAST_ROUNDS = 200, 15


def measure_in_turn(
    files: Mapping[str, Path], feeds: Mapping[str, Any], seconds: float
) -> dict[str, dict[str, Any]]:
    """Return by maker the median time in us, and ours over it with its 95 % interval.

    ``"again"`` is our model a second time: how far its ratio is from 1 is noise.
    """
    first = next(iter(files))
    found: dict[str, dict[str, Any]] = {maker: {} for maker in [*files, "again"]}
    calls: dict[str, Callable[[], Any]] = {}
    for maker in found:
        try:
            runner: Any = runtime.load(files.get(maker, files[first]), on="cpu", threads=1)
            calls[maker] = runner.bind(feeds)
            calls[maker]()
        except runtime.RunnerError as error:
            calls.pop(maker, None)
            found[maker]["failed"] = error.problem[:160]
    times = _times(calls, seconds)
    for maker, each in times.items():
        ratios = times[first] / each
        found[maker]["us"] = float(np.median(each)) * 1e6
        if maker != first:
            found[maker]["ratio"] = [float(np.median(ratios)), *median_interval(ratios)]
    return found


def _times(calls: Mapping[str, Callable[[], Any]], seconds: float) -> dict[str, Any]:
    """Return seconds a run of each, a number a round; every other round goes backwards."""
    once = {maker: _block(call, 1) for maker, call in calls.items()}
    repeats = {maker: max(1, int(BLOCK_S / max(took, 1e-7))) for maker, took in once.items()}
    whole = sum(once[maker] * repeats[maker] for maker in calls)
    rounds = int(np.clip(seconds / whole, LEAST_ROUNDS, MOST_ROUNDS))
    times = {maker: np.empty(rounds) for maker in calls}
    for number in range(rounds):
        order = list(calls)[:: -1 if number % 2 else 1]
        for maker in order:
            times[maker][number] = _block(calls[maker], repeats[maker])
    return times


def _block(call: Callable[[], Any], repeats: int) -> float:
    begin = time.thread_time()
    for _ in range(repeats):
        call()
    return (time.thread_time() - begin) / repeats
