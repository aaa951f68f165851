"""The ratio of two runtimes' times, with a bootstrap interval over processes."""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..errors import BenchError

RESAMPLES = 4999
"""Enough that the ends of a 95 % interval repeat to a few per cent of its width."""


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


def paired_ratio(
    times: ArrayLike, baseline: ArrayLike, confidence: float = 0.95, seed: int = 0
) -> Ratio:
    """Return the ratio of two lists of per-process medians taken in the same rounds.

    ``exp(HL(d))`` with ``d_i = ln(times_i / baseline_i)`` and HL the Hodges-Lehmann centre, which
    one disturbed process cannot move far. The interval is the bias-corrected accelerated
    bootstrap's (B. Efron, Better Bootstrap Confidence Intervals, JASA 82, 1987), the resampled
    unit being the round.

    Raises
    ------
    BenchError
        The lists differ in length, have fewer than 3 values, or hold one that is not positive.
    """
    logs = _logs(times) - _same_length(_logs(baseline), times)
    low, high = _interval((logs,), _centre, confidence, seed)
    return Ratio(math.exp(float(_centre(logs))), math.exp(low), math.exp(high), logs.size)


def independent_ratio(
    times: ArrayLike, baseline: ArrayLike, confidence: float = 0.95, seed: int = 0
) -> Ratio:
    """Return the ratio of two lists of per-process medians from separate sessions.

    As `paired_ratio`, but of ``HL(ln times) - HL(ln baseline)`` with each list resampled alone.
    It is wider than the paired one: what changed between the sessions is part of it.
    """
    new, old = _logs(times), _logs(baseline)
    low, high = _interval((new, old), _difference, confidence, seed)
    value = math.exp(float(_difference(new, old)))
    return Ratio(value, math.exp(low), math.exp(high), min(new.size, old.size))


def _centre(values: NDArray[np.float64], axis: int = -1) -> NDArray[np.float64]:
    """Return the median of all pairwise means (i <= j) along the last axis.

    Source: J. L. Hodges and E. L. Lehmann, Estimates of Location Based on Rank Tests, Annals of
    Mathematical Statistics 34, 1963.
    """
    moved = np.moveaxis(values, axis, -1)
    i, j = np.triu_indices(moved.shape[-1])
    centre: NDArray[np.float64] = np.median((moved[..., i] + moved[..., j]) / 2, axis=-1)
    return centre


def _difference(
    new: NDArray[np.float64], old: NDArray[np.float64], axis: int = -1
) -> NDArray[np.float64]:
    return _centre(new, axis) - _centre(old, axis)


def _interval(
    samples: tuple[NDArray[np.float64], ...], statistic: Any, confidence: float, seed: int
) -> tuple[float, float]:
    if all(np.ptp(sample) == 0 for sample in samples):
        point = float(statistic(*samples))
        return point, point
    result = bootstrap_function()(
        samples,
        statistic,
        n_resamples=RESAMPLES,
        batch=500,
        confidence_level=confidence,
        method="BCa",
        rng=np.random.default_rng(seed),
    )
    low, high = float(result.confidence_interval.low), float(result.confidence_interval.high)
    if math.isnan(low) or math.isnan(high):  # so few distinct values that BCa is undefined
        return _extremes(samples)
    return low, high


def bootstrap_function() -> Any:
    """Return SciPy's bootstrap, which is imported where an interval is first wanted.

    Raises
    ------
    BenchError
        SciPy is not installed.
    """
    try:
        from scipy.stats import bootstrap
    except ImportError as error:
        raise BenchError(
            "intervals need SciPy, which is not installed",
            "install it: pip install 'onnxwright[bench]'",
        ) from error
    return bootstrap


def _extremes(samples: tuple[NDArray[np.float64], ...]) -> tuple[float, float]:
    """Return the least and the greatest value that one centre, or a difference of two, can take."""
    first, *rest = samples
    return (
        float(first.min() - sum(other.max() for other in rest)),
        float(first.max() - sum(other.min() for other in rest)),
    )


def _logs(times: ArrayLike) -> NDArray[np.float64]:
    values = np.asarray(times, dtype=np.float64).ravel()
    if values.size < 3 or not np.all(values > 0):
        raise BenchError(
            f"a ratio needs at least 3 positive times a side, got {values.tolist()}",
            "run more rounds",
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
