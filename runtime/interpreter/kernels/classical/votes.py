"""What the leaves of a tree ensemble say, and how it is put together."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from ...dtypes import Array
from ...run_limits import check_bytes
from .forest import Forest, leaves

BLOCK = 1 << 15
"""Votes that are counted at a time: their arrays then stay in a core's cache."""
AGGREGATES = ("SUM", "AVERAGE", "MIN", "MAX")


@dataclass(frozen=True)
class Votes:
    """The votes of each node, [nodes, most votes of a node]: none where the target is `targets`."""

    targets: int
    ids: Array
    weights: Array
    """float64."""


def votes_of(count: int, targets: int, nodes: Array, ids: Array, weights: Array) -> Votes:
    """Return the votes of `count` nodes from one entry for each vote.

    Raises
    ------
    ValueError
        A vote is for a target that there is not.
    """
    if len(ids) and not 0 <= ids.min() <= ids.max() < targets:
        wrong = int(ids.min() if ids.min() < 0 else ids.max())
        raise ValueError(f"a leaf votes for target {wrong}, but there are {targets}")
    each = np.bincount(nodes, minlength=count)
    most = int(each.max(initial=1))
    check_bytes((count, most), np.float64)
    order = np.argsort(nodes, kind="stable")
    places = np.arange(len(nodes)) - np.repeat(np.cumsum(each) - each, each)
    table = np.full((count, most), targets, np.intp)
    table[nodes[order], places] = ids[order]
    values = np.zeros((count, most))
    values[nodes[order], places] = weights[order]
    return Votes(targets, table, values)


def only(votes: Votes) -> Votes:
    """Return votes that are all for one target as those for the only one."""
    return Votes(1, np.where(votes.ids < votes.targets, 0, 1), votes.weights)


def counted(forest: Forest, votes: Votes, X: Array, aggregate: str = "SUM") -> tuple[Array, Array]:
    """Return float64 scores, and which of them have a vote, both [rows, targets].

    Raises
    ------
    ValueError
        The rows have too few features, or there is no such aggregate.
    """
    if aggregate not in AGGREGATES:
        raise ValueError(f"no aggregate_function {aggregate!r}: it is one of {AGGREGATES}")
    if X.shape[1] < forest.width:
        raise ValueError(f"a node asks for feature {forest.width - 1} of {X.shape[1]}")
    step = max(1, BLOCK // max(1, len(forest.roots) * votes.ids.shape[1]))
    if len(X) <= step:
        scores, voted = _block(votes, leaves(forest, X), aggregate)
    else:
        check_bytes((len(X), votes.targets + 1), np.float64)
        scores = np.empty((len(X), votes.targets))
        voted = np.empty((len(X), votes.targets), bool)
        for start in range(0, len(X), step):
            part = slice(start, start + step)
            scores[part], voted[part] = _block(votes, leaves(forest, X[part]), aggregate)
    if aggregate == "AVERAGE":
        scores /= max(1, len(forest.roots))
    return scores, voted


def _block(votes: Votes, found: Array, aggregate: str) -> tuple[Array, Array]:
    rows, targets = len(found), votes.targets
    check_bytes((rows, targets + 1), np.float64)
    weights = votes.weights.take(found, axis=0).reshape(-1)
    if targets == 1 and aggregate in ("SUM", "AVERAGE"):
        return weights.reshape(rows, -1).sum(axis=1, keepdims=True), np.ones((rows, 1), bool)
    width = targets + 1
    start = np.arange(rows)[:, None, None] * width
    places = (votes.ids.take(found, axis=0) + start).reshape(-1)
    voted = np.bincount(places, minlength=rows * width) > 0
    if aggregate in ("MIN", "MAX"):
        scores = _extreme(aggregate, places, weights, voted)
    else:
        scores = np.bincount(places, weights, minlength=rows * width)
    return scores.reshape(rows, width)[:, :targets], voted.reshape(rows, width)[:, :targets]


def _extreme(aggregate: str, places: Array, weights: Array, voted: Array) -> Array:
    """Return the least or the greatest of the weights at each place, 0 where there are none."""
    choose: Any = np.minimum if aggregate == "MIN" else np.maximum
    scores = np.full(len(voted), np.inf if aggregate == "MIN" else -np.inf)
    choose.at(scores, places, weights)
    return np.where(voted, scores, 0.0)
