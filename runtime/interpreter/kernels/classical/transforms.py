"""What is made of scores at the end: transforms and labels."""

from collections.abc import Sequence
from statistics import NormalDist
from typing import Any

import numpy as np

from ...dtypes import Array
from ...registry import NodeInfo

TRANSFORMS = ("NONE", "LOGISTIC", "SOFTMAX", "SOFTMAX_ZERO", "PROBIT")
ZERO = 1e-7
"""Scores that near to 0 are left out by SOFTMAX_ZERO, as onnxruntime does."""


def transformed(scores: Array, transform: str) -> Array:
    """Return [rows, classes] after a transform.

    LOGISTIC is 1 / (1 + exp(-s)); SOFTMAX exp(s) / sum(exp(s)) over the classes; SOFTMAX_ZERO the
    same over the classes whose score is not 0; PROBIT the standard normal quantile.

    Raises
    ------
    ValueError
        There is no such transform.
    """
    if transform == "NONE":
        return scores
    if transform == "LOGISTIC":
        return logistic(scores)
    if transform == "PROBIT":
        return np.array([_probit(share) for share in scores.flat]).reshape(scores.shape)
    if transform not in TRANSFORMS:
        raise ValueError(f"no post_transform {transform!r}: it is one of {TRANSFORMS}")
    present = np.abs(scores) > ZERO if transform == "SOFTMAX_ZERO" else True
    powers = np.exp(scores - scores.max(axis=1, keepdims=True, initial=-np.inf)) * present
    total = powers.sum(axis=1, keepdims=True)
    shares: Array = np.divide(powers, total, out=np.zeros_like(powers), where=total != 0)
    return shares


def logistic(scores: Array) -> Array:
    """Return 1 / (1 + exp(-s)), which does not overflow."""
    small = np.exp(-np.abs(scores))
    found: Array = np.where(scores >= 0, 1, small) / (1 + small)
    return found


def _probit(share: float) -> float:
    if 0 < share < 1:
        return NormalDist().inv_cdf(share)
    return {0.0: -np.inf, 1.0: np.inf}.get(float(share), np.nan)


def both(score: Array, transform: str, *, shares: bool) -> Array:
    """Return the scores of two classes, [rows, 2], from the second one's, [rows].

    The first one's is 1 - s where they are `shares`, else -s. LOGISTIC is taken of -s and s; the
    other transforms are not applied.
    """
    found = np.empty((len(score), 2))
    np.subtract(1.0 if shares and transform != "LOGISTIC" else 0.0, score, out=found[:, 0])
    found[:, 1] = score
    return logistic(found) if transform == "LOGISTIC" else found


def labels_of(integers: Sequence[int] | None, strings: Sequence[Any] | None) -> Array:
    """Return a classifier's labels: int64, or strings as objects."""
    if strings:
        return np.array(list(strings), object)
    return np.array(integers if integers else [], np.int64)


def rounded(scores: Array, node: NodeInfo) -> Array:
    """Return scores in the output's type: float32, float64 in the reference's mode."""
    return scores.astype(node.float_dtype or np.float32)


def table(X: Array, node: NodeInfo) -> Array:
    """Return an input as [rows, features]; integers become the floats that are computed in.

    Raises
    ------
    ValueError
        It has more than two axes, or none.
    """
    if X.ndim not in (1, 2):
        raise ValueError(f"X must be [rows, features], got {list(X.shape)}")
    floats = X if X.dtype.kind == "f" else X.astype(node.float_dtype or np.float32)
    return floats.reshape(1, -1) if X.ndim == 1 else floats
