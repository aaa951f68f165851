"""Arithmetic with NumPy's broadcasting, which is ONNX's."""

from functools import reduce
from typing import Any

import numpy as np

from ...dtypes import Array
from ...registry import kernel
from .ufuncs import register

for _name, _ufunc in (("Add", np.add), ("Sub", np.subtract), ("Mul", np.multiply)):
    # Integers wrap around, as the specification leaves them to.
    register(_name, _ufunc, "A", "B", since=7, over=_ufunc, growth="broadcast")


@kernel("Div", since=7, fresh=True, growth="broadcast")
def div(A: Array, B: Array) -> Any:
    """Return a / B; integers are rounded towards zero.

    An integer divided by zero is undefined in the specification; here it is 0, as in NumPy.
    """
    if A.dtype.kind not in "iu":
        return np.divide(A, B)
    quotient = np.floor_divide(A, B)
    if A.dtype.kind == "u":
        return quotient
    inexact = (B != 0) & (quotient * B != A)
    return quotient + ((quotient < 0) & inexact).astype(A.dtype)


@kernel("Mod", since=10, growth="broadcast")
def mod(A: Array, B: Array, *, fmod: int = 0) -> Array:
    """Return the remainder with the sign of B, or with the sign of A where `fmod` is 1."""
    return np.fmod(A, B) if fmod else np.mod(A, B)


@kernel("Pow", since=7, fresh=True, growth="broadcast")
def power(X: Array, Y: Array) -> Array:
    """X to the power Y, in X's dtype.

    An integer to a negative power is rounded towards zero (the specification is silent).
    """
    if X.dtype.kind in "iu" and (Y.dtype.kind == "f" or bool(np.any(Y < 0))):
        return np.power(X.astype(np.float64), Y).astype(X.dtype)
    return np.power(X, Y).astype(X.dtype, copy=False)


@kernel("Min", since=8, growth="broadcast")
def minimum(*data_0: Array) -> Array:
    """Return the least of the inputs, element by element; NaN where one is NaN."""
    return reduce(np.minimum, data_0)


@kernel("Max", since=8, growth="broadcast")
def maximum(*data_0: Array) -> Array:
    """Return the greatest of the inputs, element by element; NaN where one is NaN."""
    return reduce(np.maximum, data_0)


@kernel("Sum", since=8, growth="broadcast")
def total(*data_0: Array) -> Array:
    """Return the inputs' sum."""
    return reduce(np.add, data_0)


@kernel("Mean", since=8, growth="broadcast")
def mean(*data_0: Array) -> Any:
    """Return the inputs' sum, divided by their number."""
    return reduce(np.add, data_0) / data_0[0].dtype.type(len(data_0))
