"""Functions of one number, without parameters."""

from collections.abc import Callable
from typing import Any

import numpy as np

from ...dtypes import Array
from ...registry import kernel

PLAIN: dict[str, Callable[[Array], Any]] = {
    "Abs": np.abs,
    "Acos": np.arccos,
    "Acosh": np.arccosh,
    "Asin": np.arcsin,
    "Asinh": np.arcsinh,
    "Atan": np.arctan,
    "Atanh": np.arctanh,
    "BitwiseNot": np.bitwise_not,
    "Ceil": np.ceil,
    "Cos": np.cos,
    "Cosh": np.cosh,
    "Exp": np.exp,
    "Floor": np.floor,
    "IsNaN": np.isnan,
    "Log": np.log,
    "Neg": np.negative,
    "Not": np.logical_not,
    "Reciprocal": np.reciprocal,
    "Sign": np.sign,
    "Sin": np.sin,
    "Sinh": np.sinh,
    "Sqrt": np.sqrt,
    "Tan": np.tan,
}
"""Operators that are one NumPy ufunc, at every opset."""


def _kernel_of(function: Callable[[Array], Any]) -> Callable[[Array], Any]:
    def compute(X: Array) -> Any:
        return function(X)

    return compute


for _name, _function in PLAIN.items():
    kernel(_name, since=1)(_kernel_of(_function))


@kernel("Round", since=11)
def round_half_even(X: Array) -> Array:
    """Return the nearest integer, halves to the even one."""
    return np.rint(X)


@kernel("IsInf", since=10)
def is_inf(X: Array, *, detect_negative: int = 1, detect_positive: int = 1) -> Any:
    """Whether an element is infinite with a sign that is asked for."""
    if detect_negative and detect_positive:
        return np.isinf(X)
    if not detect_negative and not detect_positive:
        return np.zeros(X.shape, bool)
    return np.isinf(X) & ((X < 0) if detect_negative else (X > 0))


@kernel("Det", since=11)
def determinant(X: Array) -> Any:
    """Return the determinants of a batch of matrices, [..., m, m] to [...]."""
    return np.linalg.det(X).astype(X.dtype, copy=False)
