"""The ratio of two runtimes' times, with an interval over processes."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..errors import BenchError
from .ranks import Centre, centre, shift

MOST = 2000
"""Processes of a side: all their pairs are held in memory."""
SHORTEST = 1e-100
"""Seconds. No measured time is shorter, and a ratio to a shorter one could overflow."""


@dataclass(frozen=True)
class Ratio:
    """How many times as long the one takes as the other; 1.05 is five per cent slower."""

    value: float
    low: float
    high: float
    pairs: int
    """Pairs of processes behind it (the smaller count where the samples are independent)."""

    @property
    def half_width(self) -> float:
        """Half the interval's width, in log units (0.01 is about one per cent)."""
        return (math.log(self.high) - math.log(self.low)) / 2


def paired_ratio(times: ArrayLike, baseline: ArrayLike, confidence: float = 0.95) -> Ratio:
    """Return the ratio of two lists of per-process medians taken in the same rounds.

    ``exp(c)`` with c the Hodges-Lehmann centre of ``ln(times_i / baseline_i)``, which one disturbed
    process cannot move far, and its signed-rank interval (see `ranks.centre`).

    Raises
    ------
    BenchError
        The lists differ in length, have fewer than 3 values or more than `MOST`, or hold one that
        is not positive.

    >>> found = paired_ratio([2.0, 4.1, 6.0], [1, 2, 3])
    >>> round(found.value, 3), round(found.low, 3), round(found.high, 3)
    (2.012, 2.0, 2.05)
    """
    logs = _logs(times) - _same_length(_logs(baseline), times)
    return _ratio(centre(logs, confidence), logs.size)


def scatter(times: ArrayLike, confidence: float = 0.95) -> Ratio:
    """Return the ratio 1 of a case's times to their own centre, with the centre's interval.

    The centre is the Hodges-Lehmann estimate of the logs, and the interval its signed-rank
    interval over it: how well the time itself is known.

    >>> found = scatter([1.0, 1.01, 1.02, 1.0, 0.99, 1.0])
    >>> round(found.low, 3), round(found.high, 3)
    (0.99, 1.02)
    """
    logs = _logs(times)
    return _ratio(_about(centre(logs, confidence)), logs.size)


def _about(found: Centre) -> Centre:
    return Centre(0.0, found.low - found.value, found.high - found.value)


def independent_ratio(times: ArrayLike, baseline: ArrayLike, confidence: float = 0.95) -> Ratio:
    """Return the ratio of two lists of per-process medians from separate sessions.

    ``exp(s)`` with s the Hodges-Lehmann shift of the logs, and its rank-sum interval (see
    `ranks.shift`). The interval knows the processes of these two sessions alone: what sets whole
    sessions apart (temperature, memory layout, neighbours) is no part of it. With 2 % of such noise
    up to a third of the verdicts between like sessions are false (tools/evidence/intervals.py).

    Raises
    ------
    BenchError
        A list has fewer than 3 values or more than `MOST`, or holds one that is not positive.
    """
    new, old = _logs(times), _logs(baseline)
    return _ratio(shift(new, old, confidence), min(new.size, old.size))


def _ratio(logs: Centre, pairs: int) -> Ratio:
    return Ratio(math.exp(logs.value), math.exp(logs.low), math.exp(logs.high), pairs)


def _logs(times: ArrayLike) -> NDArray[np.float64]:
    values = np.asarray(times, dtype=np.float64).ravel()
    if values.size < 3 or not np.all(values > SHORTEST):
        raise BenchError(
            f"a ratio needs at least 3 positive times a side, got {values[:10].tolist()}",
            "run more rounds",
        )
    if values.size > MOST:
        raise BenchError(
            f"a ratio takes {MOST} processes a side at most, got {values.size}", "run fewer rounds"
        )
    logs: NDArray[np.float64] = np.log(values)
    return logs


def _same_length(logs: NDArray[np.float64], times: ArrayLike) -> NDArray[np.float64]:
    if logs.size != np.size(times):
        raise BenchError(
            f"paired times must come from the same rounds: got {np.size(times)} and {logs.size}",
            "compare the rounds that both sides finished",
        )
    return logs
