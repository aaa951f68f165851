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

LONG = 16
"""Levels up to which one row descends every tree to the end, come to a leaf before or not."""
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
    walk: "Walk | None"
    """None where some way to a leaf is long, or a node asks for equality."""


@dataclass(frozen=True)
class Walk:
    """The same nodes for one row: node n is entries 2 n and 2 n + 1, which `children` refers to."""

    roots: Array
    features: Array
    thresholds: Array
    children: Array
    depth: int


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
    features = np.where(inner, nodes.features, 0)
    limits = np.where(strict, below, thresholds)
    flat = np.ascontiguousarray(children.T).reshape(-1)
    return Forest(
        nodes.roots,
        features,
        limits,
        flat,
        inner,
        equal if equal.any() else None,
        to_yes != opposite,
        int(nodes.features[inner].max(initial=-1)) + 1,
        None if equal.any() else _walk(nodes.roots, features, limits, flat, inner),
    )


def _walk(
    roots: Array, features: Array, thresholds: Array, children: Array, inner: Array
) -> Walk | None:
    at = np.unique(roots)
    for depth in range(LONG + 1):
        going = at[inner[at]]
        if not len(going):
            twice, limits = np.repeat(features, 2), np.repeat(thresholds, 2)
            return Walk(2 * roots, twice, limits, 2 * children, depth)
        at = np.unique(np.concatenate([children[2 * going], children[2 * going + 1]]))
    return None


def leaves(forest: Forest, rows: Array) -> Array:
    """Return [rows, trees]: the leaf that each row of [rows, features] comes to in each tree."""
    count, width = rows.shape
    at = np.tile(forest.roots, count)
    if not forest.width:
        return at.reshape(count, -1)
    values = np.ascontiguousarray(rows).reshape(-1)
    if count == 1 and forest.walk is not None and not np.isnan(values).any():
        return _walked(forest.walk, values)
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


def _walked(walk: Walk, row: Array) -> Array:
    """Return [1, trees]: the leaf that one row without NaN comes to in each tree."""
    at = walk.roots
    for _ in range(walk.depth):
        holds = row.take(walk.features.take(at)) <= walk.thresholds.take(at)
        at = walk.children.take(at + holds)
    return (at >> 1)[None]


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
