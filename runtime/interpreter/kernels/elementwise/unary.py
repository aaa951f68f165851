"""Functions of one number, without parameters."""

from typing import Any

import numpy as np

from ...dtypes import Array
from ...registry import kernel
from .ufuncs import register

OF_X: dict[str, np.ufunc] = {
    "Abs": np.abs,
    "BitwiseNot": np.bitwise_not,
    "Ceil": np.ceil,
    "Floor": np.floor,
    "IsNaN": np.isnan,
    "Neg": np.negative,
    "Not": np.logical_not,
    "Reciprocal": np.reciprocal,
    "Sqrt": np.sqrt,
}
"""Operators that are one NumPy ufunc of X, at every opset."""

OF_INPUT: dict[str, np.ufunc] = {
    "Acos": np.arccos,
    "Acosh": np.arccosh,
    "Asin": np.arcsin,
    "Asinh": np.arcsinh,
    "Atan": np.arctan,
    "Atanh": np.arctanh,
    "Cos": np.cos,
    "Cosh": np.cosh,
    "Exp": np.exp,
    "Log": np.log,
    "Sign": np.sign,
    "Sin": np.sin,
    "Sinh": np.sinh,
    "Tan": np.tan,
}
"""The same where the specification calls X ``input``."""

OTHER_TYPE = ("IsNaN",)
"""Those whose result is of another type than X, so that it cannot be written over it."""

for _input, _table in (("X", OF_X), ("input_", OF_INPUT)):
    for _name, _ufunc in _table.items():
        register(_name, _ufunc, _input, since=1, over=None if _name in OTHER_TYPE else _ufunc)


@kernel("Round", since=11, growth="bounded")
def round_half_even(X: Array) -> Array:
    """Return the nearest integer, halves to the even one."""
    return np.rint(X)


@kernel("IsInf", since=10, growth="bounded")
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
