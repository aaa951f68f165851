"""SVMClassifier, SVMRegressor, as libsvm computes them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ...dtypes import Array
from ...registry import Kernel, NodeInfo, kernel, specializer
from ...run_limits import check_bytes, count_steps
from .ensemble import DOMAIN, Floats, Integers
from .pairs import Pairs, coupled, shares_of, votes
from .transforms import both, labels_of, rounded, table, transformed

KERNELS = ("LINEAR", "POLY", "RBF", "SIGMOID")


@dataclass(frozen=True)
class Vectors:
    """Support vectors [vectors, features] and the kernel function."""

    values: Array
    kind: str
    params: tuple[float, ...]
    lengths: Array
    """The square of each vector's length."""

    @classmethod
    def of(cls, values: Array, kind: str, params: Sequence[float]) -> "Vectors":
        """Check the kernel's name and parameters.

        Raises
        ------
        ValueError
            There is no such kernel, or there are not three parameters.
        """
        if kind not in KERNELS:
            raise ValueError(f"no kernel_type {kind!r}: it is one of {', '.join(KERNELS)}")
        if kind != "LINEAR" and len(params) != 3:
            raise ValueError(
                f"kernel_params has {len(params)} entries, not gamma, coef0 and degree"
            )
        return cls(values, kind, tuple(params), (values * values).sum(axis=1))

    def products(self, rows: Array) -> Array:
        """Return the kernel's value for each row x and vector v, [rows, vectors].

        With gamma, c and d: LINEAR x.v; POLY (gamma x.v + c)^d; RBF exp(-gamma |x - v|^2);
        SIGMOID tanh(gamma x.v + c).
        """
        if rows.shape[1] != self.values.shape[1]:
            raise ValueError(
                f"X has {rows.shape[1]} features, but the model {self.values.shape[1]}"
            )
        check_bytes((len(rows), len(self.values)), np.float64)
        dots: Array = rows @ self.values.T
        if self.kind == "LINEAR":
            return dots
        gamma, c, degree = self.params
        if self.kind == "POLY":
            return np.asarray((gamma * dots + c) ** degree)
        if self.kind == "SIGMOID":
            return np.asarray(np.tanh(gamma * dots + c))
        squares = (rows * rows).sum(axis=1)[:, None] + self.lengths
        squares -= 2 * dots
        return np.asarray(np.exp(-gamma * np.maximum(squares, 0)))


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


def _regressor(node: NodeInfo) -> Kernel:
    given = node.attributes
    weights, start = (_flat(given, name) for name in ("coefficients", "rho"))
    params, count = given.get("kernel_params") or (), given.get("n_supports", 0)
    if count > 0:
        values = _shaped(given.get("support_vectors"), count, "support_vectors")
        vectors = Vectors.of(values, given.get("kernel_type", "LINEAR"), params)
    else:
        vectors, weights = Vectors.of(weights[None], "LINEAR", ()), np.ones(1)
    if len(weights) != len(vectors.values) or len(start) != 1:
        raise ValueError(
            f"{len(weights)} coefficients and {len(start)} rho for {len(vectors.values)} vectors: "
            "each vector needs one, and there is one rho"
        )

    def run(X: Array) -> Array:
        rows = table(X, node).astype(np.float64, copy=False)
        scores = (vectors.products(rows) @ weights + start)[:, None]
        if given.get("one_class", 0):
            return rounded(np.where(scores > 0, 1.0, -1.0), node)
        return rounded(transformed(scores, given.get("post_transform", "NONE")), node)

    return run


def _flat(given: Mapping[str, Any], name: str) -> Array:
    return np.asarray(given.get(name) or (), np.float64)


def _classifier(node: NodeInfo) -> Kernel:
    given = node.attributes
    labels = labels_of(given.get("classlabels_ints"), given.get("classlabels_strings"))
    transform = given.get("post_transform", "NONE")
    if not given.get("vectors_per_class"):
        return _linear(labels, transform, node)
    pairs = Pairs.of(given["vectors_per_class"], given.get("coefficients"), given.get("rho"))
    if len(labels) != pairs.classes:
        raise ValueError(f"{len(labels)} labels, but vectors of {pairs.classes} classes")
    values = _shaped(given.get("support_vectors"), pairs.vectors, "support_vectors")
    params = given.get("kernel_params") or ()
    vectors = Vectors.of(values, given.get("kernel_type", "LINEAR"), params)
    slopes, offsets = (_flat(given, name) for name in ("prob_a", "prob_b"))

    def run(X: Array) -> tuple[Array, Array]:
        rows = table(X, node).astype(np.float64, copy=False)
        decisions = pairs.decisions(vectors.products(rows))
        best = votes(decisions, pairs.classes).argmax(axis=1)
        if len(slopes):
            scores = coupled(shares_of(decisions, slopes, offsets), pairs.classes, count_steps)
            return labels[best], rounded(transformed(scores, transform), node)
        if pairs.classes == 2:
            shares = transform != "NONE"
            return labels[best], rounded(both(decisions[:, 0], transform, shares=shares), node)
        return labels[best], rounded(transformed(decisions, transform), node)

    return run


def _linear(labels: Array, transform: str, node: NodeInfo) -> Kernel:
    """Return a classifier without vectors: one row of coefficients for each class."""
    given = node.attributes
    values = _shaped(given.get("coefficients"), len(labels), "coefficients")
    start, weights = (given.get("rho") or (0.0,))[0], Vectors.of(values, "LINEAR", ())

    def run(X: Array) -> tuple[Array, Array]:
        rows = table(X, node).astype(np.float64, copy=False)
        scores = weights.products(rows) + start
        return labels[scores.argmax(axis=1)], rounded(transformed(scores, transform), node)

    return run


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
) -> Any:
    """Return [rows, 1]: the sum over the vectors of coefficient times kernel, plus rho.

    Without vectors it is X times the coefficients, plus rho; with `one_class` 1 where it is above
    0, else -1.
    """
    return _regressor(node)(X)


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
) -> Any:
    """Return the labels, [rows], and the scores.

    The label is the class that wins the most decisions between two classes, the first of equals.
    With `prob_a` and `prob_b` the scores are probabilities, [rows, classes], which need not agree
    with it; else they are the decisions, [rows, pairs]. That of two classes, d, is given as
    [-d, d].
    """
    return _classifier(node)(X)


@specializer("SVMRegressor", since=1, domain=DOMAIN)
def constant_regressor(node: NodeInfo, constants: Sequence[Any]) -> Kernel:
    """Read the attributes once."""
    return _regressor(node)


@specializer("SVMClassifier", since=1, domain=DOMAIN)
def constant_classifier(node: NodeInfo, constants: Sequence[Any]) -> Kernel:
    """Read the attributes once."""
    return _classifier(node)
