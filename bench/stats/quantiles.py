"""Quantiles with distribution-free intervals, given only where the sample supports them."""

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..errors import BenchError

PERCENTILES = (90.0, 95.0, 99.0, 99.9)


def median_interval(samples: ArrayLike, confidence: float = 0.95) -> tuple[float, float]:
    """Return the interval for the median between two order statistics.

    See `quantile_interval` for the formula; it supposes nothing but independent samples.

    Raises
    ------
    BenchError
        Fewer samples than the confidence needs (6 for 95 %).

    >>> median_interval([5, 1, 4, 2, 3, 6])
    (1.0, 6.0)
    """
    interval = quantile_interval(samples, 0.5, confidence)
    if interval is None:
        count, needed = np.size(samples), smallest_sample(0.5, confidence)
        raise BenchError(
            f"{count} samples support no {confidence:.0%} interval for the median: needs {needed}",
            "take more samples, or ask for a lower confidence",
        )
    return interval


def quantile_interval(
    samples: ArrayLike, quantile: float, confidence: float = 0.95
) -> tuple[float, float] | None:
    """Return the two-sided interval ``[x_(l), x_(u)]`` for a quantile, or None.

    With B ~ Binomial(n, quantile), l is the largest rank with ``P(B <= l - 1) <= alpha / 2`` and
    u the smallest with ``P(B <= u - 1) >= 1 - alpha / 2``. None where there is no such pair of
    ranks, that is, where n is below `smallest_sample`. Source: H. A. David and H. N. Nagaraja,
    Order Statistics, 3rd edition, section 7.1.
    """
    ordered = np.sort(np.asarray(samples, dtype=np.float64).ravel())
    tail = (1 - confidence) / 2
    if ordered.size < smallest_sample(quantile, confidence):
        return None
    below = _binomial_cdf(ordered.size, quantile)
    lower = int(np.searchsorted(below, tail, side="right")) - 1
    upper = int(np.searchsorted(below, 1 - tail, side="left"))
    return float(ordered[max(lower, 0)]), float(ordered[min(upper, ordered.size - 1)])


def smallest_sample(quantile: float, confidence: float = 0.95) -> int:
    """Return the smallest n for which `quantile_interval` exists.

    The maximum must lie above the quantile, and the minimum below it, each with probability
    ``1 - alpha / 2``: ``max(q, 1 - q) ** n <= alpha / 2``.

    >>> [smallest_sample(q) for q in (0.5, 0.9, 0.95, 0.99, 0.999)]
    [6, 36, 72, 368, 3688]
    """
    tail = (1 - confidence) / 2
    return math.ceil(math.log(tail) / math.log(max(quantile, 1 - quantile)))


def supported_percentiles(
    samples: ArrayLike, percentiles: Sequence[float] = PERCENTILES
) -> dict[str, float]:
    """Return those of the percentiles that the sample's size supports, as ``{"p90": value}``."""
    values = np.asarray(samples, dtype=np.float64).ravel()
    return {
        f"p{percentile:g}": float(np.percentile(values, percentile))
        for percentile in percentiles
        if values.size >= smallest_sample(percentile / 100)
    }


def _binomial_cdf(trials: int, chance: float) -> NDArray[np.float64]:
    """Return ``P(B <= k)`` for k = 0 ... trials, shape [trials + 1]."""
    log_factorial = np.concatenate([[0.0], np.cumsum(np.log(np.arange(1, trials + 1)))])
    k = np.arange(trials + 1)
    choose = log_factorial[trials] - log_factorial - log_factorial[::-1]
    mass = np.exp(choose + k * math.log(chance) + (trials - k) * math.log1p(-chance))
    cumulative: NDArray[np.float64] = np.cumsum(mass)
    return cumulative
