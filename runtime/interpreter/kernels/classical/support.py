"""SVMClassifier, SVMRegressor, as libsvm computes them."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from ...dtypes import Array
from ...registry import NodeInfo, kernel
from ...run_limits import check_bytes, count_steps
from .ensemble import DOMAIN, Floats, Integers
from .pairs import Pairs, coupled, shares_of, votes
from .transforms import both, labels_of, rounded, table, transformed


def products(rows: Array, vectors: Array, kind: str, params: Sequence[float]) -> Array:
    """Return the kernel's value for each row x and vector v, [rows, vectors].

    With ``params`` gamma, c and d: LINEAR x.v; POLY (gamma x.v + c)^d; RBF exp(-gamma |x - v|^2);
    SIGMOID tanh(gamma x.v + c).

    Raises
    ------
    ValueError
        There is no such kernel, or there are not three parameters.
    """
    if kind == "LINEAR":
        return rows @ vectors.T
    if len(params) != 3:
        raise ValueError(f"kernel_params has {len(params)} entries, not gamma, coef0 and degree")
    gamma, c, degree = params
    check_bytes((len(rows), len(vectors)), np.float64)
    dots: Array = rows @ vectors.T
    if kind == "POLY":
        return np.asarray((gamma * dots + c) ** degree)
    if kind == "SIGMOID":
        return np.asarray(np.tanh(gamma * dots + c))
    if kind != "RBF":
        raise ValueError(f"no kernel_type {kind!r}: it is one of LINEAR, POLY, RBF, SIGMOID")
    lengths = (rows * rows).sum(axis=1)[:, None] + (vectors * vectors).sum(axis=1)
    return np.asarray(np.exp(-gamma * np.maximum(lengths - 2 * dots, 0)))


def _shaped(values: Any, count: int, what: str) -> Array:
    """Return a flat list as [count, equally many].

    Raises
    ------
    ValueError
        It cannot be divided so.
    """
    array = np.asarray(() if values is None else values, np.float64)
    if count < 1 or len(array) % count or not len(array):
        raise ValueError(f"{len(array)} {what} cannot be divided among {count}")
    return array.reshape(count, -1)


def _fit(rows: Array, vectors: Array) -> None:
    if rows.shape[1] != vectors.shape[1]:
        raise ValueError(f"X has {rows.shape[1]} features, but the model {vectors.shape[1]}")


@kernel("SVMRegressor", since=1, domain=DOMAIN)
def regressor(
    X: Array,
    *,
    coefficients: Floats = None,
    kernel_params: Floats = None,
    kernel_type: str = "LINEAR",
    n_supports: int = 0,
    one_class: int = 0,
    post_transform: str = "NONE",
    rho: Floats = None,
    support_vectors: Floats = None,
    node: NodeInfo,
) -> Array:
    """Return [rows, 1]: the sum over the vectors of coefficient times kernel, plus rho.

    Without vectors it is X times the coefficients, plus rho; with `one_class` 1 where it is above
    0, else -1.
    """
    rows = table(X, node).astype(np.float64, copy=False)
    weights = np.asarray(coefficients or (), np.float64)
    if n_supports > 0:
        vectors = _shaped(support_vectors, n_supports, "support_vectors")
        kind = kernel_type
    else:
        vectors, weights, kind = weights[None], np.ones(1), "LINEAR"
    _fit(rows, vectors)
    if len(weights) != len(vectors) or len(rho or ()) != 1:
        raise ValueError(
            f"{len(weights)} coefficients and {len(rho or ())} rho for {len(vectors)} vectors: "
            "each vector needs one, and there is one rho"
        )
    start = np.asarray(rho, np.float64)
    scores = (products(rows, vectors, kind, kernel_params or ()) @ weights + start)[:, None]
    if one_class:
        return rounded(np.where(scores > 0, 1.0, -1.0), node)
    return rounded(transformed(scores, post_transform), node)


@kernel("SVMClassifier", since=1, domain=DOMAIN)
def classifier(
    X: Array,
    *,
    classlabels_ints: Integers = None,
    classlabels_strings: Sequence[str] | None = None,
    coefficients: Floats = None,
    kernel_params: Floats = None,
    kernel_type: str = "LINEAR",
    post_transform: str = "NONE",
    prob_a: Floats = None,
    prob_b: Floats = None,
    rho: Floats = None,
    support_vectors: Floats = None,
    vectors_per_class: Integers = None,
    node: NodeInfo,
) -> tuple[Array, Array]:
    """Return the labels, [rows], and the scores.

    The label is the class that wins the most decisions between two classes, the first of equals.
    With `prob_a` and `prob_b` the scores are probabilities, [rows, classes], which need not agree
    with it; else they are the decisions, [rows, pairs]. That of two classes, d, is given as
    [-d, d].
    """
    labels = labels_of(classlabels_ints, classlabels_strings)
    rows = table(X, node).astype(np.float64, copy=False)
    if not vectors_per_class:
        return _linear(rows, labels, coefficients, rho, post_transform, node)
    pairs = Pairs.of(vectors_per_class, coefficients, rho)
    if len(labels) != pairs.classes:
        raise ValueError(f"{len(labels)} labels, but vectors of {pairs.classes} classes")
    vectors = _shaped(support_vectors, pairs.vectors, "support_vectors")
    _fit(rows, vectors)
    decisions = pairs.decisions(products(rows, vectors, kernel_type, kernel_params or ()))
    best = votes(decisions, pairs.classes).argmax(axis=1)
    if prob_a:
        scores = coupled(shares_of(decisions, prob_a, prob_b), pairs.classes, count_steps)
        return labels[best], rounded(transformed(scores, post_transform), node)
    if pairs.classes == 2:
        shares = post_transform != "NONE"
        return labels[best], rounded(both(decisions[:, 0], post_transform, shares=shares), node)
    return labels[best], rounded(transformed(decisions, post_transform), node)


def _linear(
    rows: Array, labels: Array, coefficients: Floats, rho: Floats, transform: str, node: NodeInfo
) -> tuple[Array, Array]:
    """Return what a classifier without vectors gives: one row of coefficients for each class."""
    weights = _shaped(coefficients, len(labels), "coefficients")
    _fit(rows, weights)
    scores = rows @ weights.T + (rho[0] if rho else 0.0)
    return labels[scores.argmax(axis=1)], rounded(transformed(scores, transform), node)
