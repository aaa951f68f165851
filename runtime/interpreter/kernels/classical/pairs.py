"""Decisions between pairs of classes: votes, and the probabilities that they are coupled to."""

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ...dtypes import Array
from .transforms import logistic

LEAST = 1e-7
"""Shares between two classes are kept so far from 0 and 1, as libsvm does."""
ROUNDS = 100
"""Rounds of the coupling at most, as in libsvm."""


@dataclass(frozen=True)
class Pairs:
    """The coefficients of the support vectors against each other class."""

    starts: tuple[int, ...]
    """Where each class's vectors begin, and the end of the last one's."""
    coefficients: Array
    """[classes - 1, vectors]: in row k those against the class k, or k + 1 behind one's own."""
    rho: Array

    @property
    def classes(self) -> int:
        """The number of classes."""
        return len(self.starts) - 1

    @property
    def vectors(self) -> int:
        """The number of support vectors."""
        return self.starts[-1]

    @classmethod
    def of(cls, each: Sequence[int], coefficients: Any, rho: Any) -> "Pairs":
        """Read a node's attributes.

        Raises
        ------
        ValueError
            They do not fit each other.
        """
        starts = (0, *itertools.accumulate(each))
        given, offsets = (np.asarray(x or (), np.float64) for x in (coefficients, rho))
        count = len(each) * (len(each) - 1) // 2
        fits = given.size == (len(each) - 1) * starts[-1] and len(offsets) == count
        if len(each) < 2 or min(each) < 0 or not fits:
            raise ValueError(
                f"{given.size} coefficients and {len(offsets)} rho for {len(each)} classes of "
                f"{starts[-1]} vectors: there must be {(len(each) - 1) * starts[-1]} and {count}"
            )
        return cls(starts, given.reshape(len(each) - 1, -1), offsets)

    def decisions(self, products: Array) -> Array:
        """Return [rows, pairs]: above 0 where the first class of a pair wins.

        d_ij = sum of the coefficients of i's vectors against j, and of j's against i, times the
        kernel's values, plus rho_ij, for i < j in order.
        """
        found = []
        for (i, j), offset in zip(pairs_of(self.classes), self.rho, strict=True):
            own, other = (slice(*self.starts[k : k + 2]) for k in (i, j))
            first = products[:, own] @ self.coefficients[j - 1, own]
            found.append(first + products[:, other] @ self.coefficients[i, other] + offset)
        return np.stack(found, axis=1)


def pairs_of(classes: int) -> list[tuple[int, int]]:
    """Return every pair of classes in order.

    >>> pairs_of(3)
    [(0, 1), (0, 2), (1, 2)]
    """
    return list(itertools.combinations(range(classes), 2))


def votes(decisions: Array, classes: int) -> Array:
    """Return how many decisions each class wins, [rows, classes]."""
    found = np.zeros((len(decisions), classes), np.int64)
    for place, (i, j) in enumerate(pairs_of(classes)):
        found[:, i] += decisions[:, place] > 0
        found[:, j] += decisions[:, place] <= 0
    return found


def shares_of(decisions: Array, slopes: Array, offsets: Array) -> Array:
    """Return 1 / (1 + exp(a d + b)) for each decision, by Platt; a is a slope, b an offset.

    Raises
    ------
    ValueError
        There is not one a and one b for each pair.
    """
    if not len(slopes) == len(offsets) == decisions.shape[1]:
        raise ValueError(
            f"{len(slopes)} prob_a and {len(offsets)} prob_b for {decisions.shape[1]} pairs"
        )
    shares = logistic(-(slopes * decisions + offsets))
    return np.clip(shares, LEAST, 1 - LEAST)


def coupled(shares: Array, classes: int, count_steps: Callable[[int], None]) -> Array:
    """Return the probabilities [rows, classes] that fit the shares of all pairs best.

    With r_ij the share of i against j: minimise sum over i and j of (r_ji p_i - r_ij p_j)^2 under
    sum of p = 1 (Wu, Lin and Weng, 2004, the second method), by their iteration, all rows at once.
    """
    ratios = np.zeros((len(shares), classes, classes))
    for place, (i, j) in enumerate(pairs_of(classes)):
        ratios[:, i, j], ratios[:, j, i] = shares[:, place], 1 - shares[:, place]
    Q = -ratios * ratios.transpose(0, 2, 1)
    each = np.arange(classes)
    Q[:, each, each] = (ratios * ratios).sum(axis=1)
    found, left = np.full((len(shares), classes), 1 / classes), np.arange(len(shares))
    for _ in range(max(ROUNDS, classes)):
        p, q = found[left], Q[left]
        slope = np.matmul(q, p[..., None])[..., 0]
        total = (p * slope).sum(axis=1)
        going = np.abs(slope - total[:, None]).max(axis=1, initial=0) >= 0.005 / classes
        if not going.any():
            break
        count_steps(int(going.sum()) * classes // 64 + 1)
        left = left[going]
        found[left] = _round(p[going], q[going], slope[going], total[going])
    return found


def _round(p: Array, Q: Array, slope: Array, total: Array) -> Array:
    """Move each probability in turn to where the others want it, and bring their sum to 1 again.

    `slope` is Q p and `total` p Q p.
    """
    for k in range(p.shape[1]):
        own = Q[:, k, k]
        step = (total - slope[:, k]) / own
        p[:, k] += step
        total = (total + step * (step * own + 2 * slope[:, k])) / (1 + step) ** 2
        slope = (slope + step[:, None] * Q[:, k]) / (1 + step)[:, None]
        p = p / (1 + step)[:, None]
    return p
