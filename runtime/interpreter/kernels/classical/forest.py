"""Tree ensembles evaluated for many rows and trees at a time, one level of depth after another."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from ...dtypes import Array
from .nodes import (
    EQUAL,
    GREATER,
    GREATER_EQUAL,
    LEAF,
    LESS,
    UNEQUAL,
    Nodes,
    check_acyclic,
)

STRIDE = 3
"""Levels that are descended before the rows that have come to a leaf are left out."""


@dataclass(frozen=True)
class Forest:
    """Nodes of which each asks ``x <= threshold``, or ``x == threshold`` where `equal`."""

    roots: Array
    features: Array
    thresholds: Array
    children: Array
    """Of node n: entry 2 n where the comparison fails, 2 n + 1 where it holds; a leaf's are n."""
    inner: Array
    """Which nodes are no leaves."""
    equal: Array | None
    """None where no node asks for equality."""
    missing: Array
    """The answer of each node for NaN."""
    width: int
    """How many features a row must have at least."""


def forest_of(nodes: Nodes, dtype: Any) -> Forest:
    """Return `nodes` with every comparison brought to ``<=`` or ``==`` in `dtype`.

    ``x < t`` is ``x <= t'``, where t' is the next number below t; ``>``, ``>=`` and ``!=`` are
    their opposites with the children exchanged.
    """
    check_acyclic(nodes)
    thresholds = nodes.thresholds.astype(dtype)
    strict = np.isin(nodes.modes, (LESS, GREATER_EQUAL))
    # Nothing lies below -inf: NaN, to which nothing compares, stands for its next number.
    below = np.nextafter(thresholds, thresholds.dtype.type(-np.inf))
    below[np.isneginf(thresholds)] = np.nan
    opposite = np.isin(nodes.modes, (GREATER, GREATER_EQUAL, UNEQUAL))
    inner = nodes.modes != LEAF
    holds, fails = np.where(opposite, (nodes.no, nodes.yes), (nodes.yes, nodes.no))
    children = np.where(inner, (fails, holds), np.arange(len(inner)))
    to_yes = nodes.tracks | (nodes.modes == UNEQUAL)
    equal = np.isin(nodes.modes, (EQUAL, UNEQUAL))
    return Forest(
        nodes.roots,
        np.where(inner, nodes.features, 0),
        np.where(strict, below, thresholds),
        np.ascontiguousarray(children.T).reshape(-1),
        inner,
        equal if equal.any() else None,
        to_yes != opposite,
        int(nodes.features[inner].max(initial=-1)) + 1,
    )


def leaves(forest: Forest, rows: Array) -> Array:
    """Return [rows, trees]: the leaf that each row of [rows, features] comes to in each tree."""
    count, width = rows.shape
    at = np.tile(forest.roots, count)
    if not forest.width:
        return at.reshape(count, -1)
    values = np.ascontiguousarray(rows).reshape(-1)
    start = np.repeat(np.arange(count) * width, len(forest.roots))
    gaps = bool(np.isnan(values).any())
    found, places = at, np.arange(0)
    while at.size:
        for _ in range(STRIDE):
            at = _children(forest, at, values, start, gaps)
        going = forest.inner.take(at)
        if len(places):
            found[places] = at
        else:
            found = at
        if going.all():
            continue
        kept = np.flatnonzero(going)
        places = places[kept] if len(places) else kept
        at, start = at[kept], start[kept]
    return found.reshape(count, -1)


def _children(forest: Forest, at: Array, values: Array, start: Array, gaps: bool) -> Array:
    """Return the child of every node of `at`, whose row's features begin at `start`."""
    x = values.take(start + forest.features.take(at))
    thresholds = forest.thresholds.take(at)
    holds = x <= thresholds
    if forest.equal is not None:
        holds = np.where(forest.equal.take(at), x == thresholds, holds)
    if gaps:
        holds = np.where(np.isnan(x), forest.missing.take(at), holds)
    found: Array = forest.children.take(2 * at + holds)
    return found
