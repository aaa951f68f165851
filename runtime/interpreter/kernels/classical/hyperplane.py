"""LinearClassifier, LinearRegressor."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from ...dtypes import Array
from ...registry import NodeInfo, kernel
from .ensemble import DOMAIN, Floats, Integers
from .transforms import both, labels_of, rounded, table, transformed


def _scores(X: Array, coefficients: Any, intercepts: Any, targets: int, node: NodeInfo) -> Array:
    """Return X times the coefficients [targets, features], plus the intercepts, in float64."""
    rows = table(X, node).astype(np.float64, copy=False)
    given = np.asarray(() if coefficients is None else coefficients, np.float64)
    if given.size != targets * rows.shape[1]:
        raise ValueError(
            f"{given.size} coefficients, but {targets} targets of {rows.shape[1]} features need "
            f"{targets * rows.shape[1]}"
        )
    start = np.asarray(intercepts or 0.0, np.float64)
    if start.ndim and len(start) != targets:
        raise ValueError(f"{len(start)} intercepts for {targets} targets")
    scores: Array = rows @ given.reshape(targets, -1).T + start
    return scores


@kernel("LinearRegressor", since=1, domain=DOMAIN)
def regressor(
    X: Array,
    *,
    coefficients: Floats = None,
    intercepts: Floats = None,
    post_transform: str = "NONE",
    targets: int = 1,
    node: NodeInfo,
) -> Array:
    """Return [rows, targets]: X times the coefficients, plus the intercepts."""
    scores = _scores(X, coefficients, intercepts, targets, node)
    return rounded(transformed(scores, post_transform), node)


@kernel("LinearClassifier", since=1, domain=DOMAIN)
def classifier(
    X: Array,
    *,
    classlabels_ints: Integers = None,
    classlabels_strings: Sequence[str] | None = None,
    coefficients: Floats,
    intercepts: Floats = None,
    multi_class: int = 0,
    post_transform: str = "NONE",
    node: NodeInfo,
) -> tuple[Array, Array]:
    """Return the labels, [rows], and the scores, [rows, classes].

    Two labels may share one row of coefficients: its score s is the second one's, which is taken
    where s > 0; the first one's is 1 - s.
    """
    labels = labels_of(classlabels_ints, classlabels_strings)
    one = len(labels) == 2 and len(intercepts or ()) == 1
    scores = _scores(X, coefficients, intercepts, 1 if one else len(labels), node)
    if not one:
        best = scores.argmax(axis=1)
        return labels[best], rounded(transformed(scores, post_transform), node)
    score = scores[:, 0]
    return labels[(score > 0).astype(int)], rounded(both(score, post_transform, shares=True), node)
