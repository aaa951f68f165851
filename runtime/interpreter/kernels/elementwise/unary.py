"""Functions of one number, without parameters."""

from collections.abc import Callable
from typing import Any

import numpy as np

from ...dtypes import Array
from ...registry import kernel, specializer

OF_X: dict[str, Callable[[Array], Any]] = {
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

OF_INPUT: dict[str, Callable[[Array], Any]] = {
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


def _of_x(function: Callable[[Array], Any]) -> Callable[[Array], Any]:
    def compute(X: Array) -> Any:
        return function(X)

    compute.__name__ = function.__name__
    return compute


def _of_input(function: Callable[[Array], Any]) -> Callable[[Array], Any]:
    def compute(input_: Array) -> Any:
        return function(input_)

    compute.__name__ = function.__name__
    return compute


def _register(make: Callable[..., Any], table: dict[str, Callable[[Array], Any]]) -> None:
    for name, function in table.items():
        kernel(name, since=1)(make(function))
        specializer(name, since=1)(lambda node, constants, _function=function: _function)


_register(_of_x, OF_X)
_register(_of_input, OF_INPUT)


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
