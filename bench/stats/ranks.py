"""Distribution-free intervals for a centre and for a shift, from the exact laws of rank sums.

They are deterministic, and hold their level from 6 values on, where a bootstrap's interval is too
narrow. Source: M. Hollander, D. A. Wolfe and E. Chicken, Nonparametric Statistical Methods, 3rd
edition, sections 3.2, 3.3 (one sample), 4.2 and 4.3 (two samples).
"""

import math
from functools import lru_cache
from statistics import NormalDist
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

EXACT = 60
"""Up to so many values a side the exact law is computed; beyond it the normal law is as good."""


class Centre(NamedTuple):
    """An estimate and its interval, in the unit of the values."""

    value: float
    low: float
    high: float


def centre(values: NDArray[np.float64], confidence: float = 0.95) -> Centre:
    """Return the Hodges-Lehmann centre of values that lie symmetrically about it.

    The centre is the median of the N = n (n + 1) / 2 means of pairs ``(x_i + x_j) / 2``, i <= j.
    With these sorted and W the signed-rank statistic, the interval is ``[w_(k), w_(N + 1 - k)]``
    where k is the largest rank with ``P(W <= k - 1) <= alpha / 2``. Below 6 values no k gives
    95 %; the interval is then from the least value to the greatest.

    >>> centre(np.array([1.0, 2.0, 3.0, 4.0, 5.0, 6.0]))
    Centre(value=3.5, low=1.0, high=6.0)
    """
    i, j = np.triu_indices(values.size)
    return _between(np.sort((values[i] + values[j]) / 2), _signed_rank_law(values.size), confidence)


def shift(new: NDArray[np.float64], old: NDArray[np.float64], confidence: float = 0.95) -> Centre:
    """Return how far `new` is shifted from `old`: their distributions differ in nothing else.

    As `centre`, of the m n differences ``new_i - old_j``, whose ranks have the law of the rank-sum
    statistic U.

    >>> shift(np.array([11.0, 12.0, 13.0, 14.0]), np.array([1.0, 2.0, 3.0, 4.0]))
    Centre(value=10.0, low=7.0, high=13.0)
    """
    differences = np.sort(np.subtract.outer(new, old).ravel())
    return _between(differences, _rank_sum_law(new.size, old.size), confidence)


class _Law(NamedTuple):
    """The distribution of a rank statistic with the values 0 ... largest."""

    below: NDArray[np.float64] | None
    """``P(statistic <= k)``; None where the normal law stands for it."""
    mean: float
    variance: float

    def rank(self, tail: float) -> int:
        """Return the largest k with ``P(statistic <= k - 1) <= tail``, 0 where there is none."""
        if self.below is not None:
            return int(np.searchsorted(self.below, tail, side="right"))
        edge = NormalDist(self.mean, math.sqrt(self.variance)).inv_cdf(tail)
        return math.floor(edge + 0.5)  # half a step: the statistic is whole


def _between(ordered: NDArray[np.float64], law: _Law, confidence: float) -> Centre:
    rank = max(law.rank((1 - confidence) / 2), 1)
    low, high = ordered[rank - 1], ordered[ordered.size - rank]
    return Centre(float(np.median(ordered)), float(low), float(high))


@lru_cache(maxsize=64)
def _signed_rank_law(n: int) -> _Law:
    """W = the sum of the ranks 1 ... n, each of them counted with probability 1/2."""
    mean = n * (n + 1) / 4
    variance = n * (n + 1) * (2 * n + 1) / 24
    if n > EXACT:
        return _Law(None, mean, variance)
    chance = np.zeros(n * (n + 1) // 2 + 1)
    chance[0] = 1.0
    for rank in range(1, n + 1):
        chance = (chance + _moved(chance, rank)) / 2
    return _Law(np.cumsum(chance), mean, variance)


@lru_cache(maxsize=64)
def _rank_sum_law(m: int, n: int) -> _Law:
    """U = how many of the m n pairs have the value of the first sample above the other.

    The largest of all m + n values is in the first sample with probability m / (m + n), where it
    adds n to U:
    ``P_mn(u) = m / (m + n) P_m-1,n(u - n) + n / (m + n) P_m,n-1(u)``.
    """
    mean, variance = m * n / 2, m * n * (m + n + 1) / 12
    if max(m, n) > EXACT:
        return _Law(None, mean, variance)
    none = np.zeros(m * n + 1)
    none[0] = 1.0  # with no values on a side, U is 0
    row = [none] * (n + 1)
    for i in range(1, m + 1):
        fewer, row = row, [none]
        for j in range(1, n + 1):
            row.append((i * _moved(fewer[j], j) + j * row[j - 1]) / (i + j))
    return _Law(np.cumsum(row[n]), mean, variance)


def _moved(chance: NDArray[np.float64], by: int) -> NDArray[np.float64]:
    """Return the probabilities of the statistic plus `by`."""
    moved = np.zeros_like(chance)
    moved[by:] = chance[: chance.size - by]
    return moved
