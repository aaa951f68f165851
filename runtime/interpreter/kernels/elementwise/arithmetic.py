"""Arithmetic with NumPy's broadcasting, which is ONNX's."""

from collections.abc import Callable, Sequence
from functools import reduce
from typing import Any

import numpy as np

from ...dtypes import Array
from ...registry import Kernel, NodeInfo, kernel, specializer
from ...run_limits import SMALL, check_broadcast


@kernel("Add", since=7)
def add(A: Array, B: Array) -> Array:
    """Return a + B; integers wrap around."""
    return np.add(A, B)


@kernel("Sub", since=7)
def sub(A: Array, B: Array) -> Array:
    """Return a - B; integers wrap around."""
    return np.subtract(A, B)


@kernel("Mul", since=7)
def mul(A: Array, B: Array) -> Array:
    """Return a * B; integers wrap around."""
    return np.multiply(A, B)


@kernel("Div", since=7)
def div(A: Array, B: Array) -> Any:
    """Return a / B; integers are rounded towards zero.

    An integer divided by zero is undefined in the specification; here it is 0, as in NumPy.
    """
    if A.size * B.size >= SMALL:
        check_broadcast(A, B)
    if A.dtype.kind not in "iu":
        return np.divide(A, B)
    quotient = np.floor_divide(A, B)
    if A.dtype.kind == "u":
        return quotient
    inexact = (B != 0) & (quotient * B != A)
    return quotient + ((quotient < 0) & inexact).astype(A.dtype)


@kernel("Mod", since=10)
def mod(A: Array, B: Array, *, fmod: int = 0) -> Array:
    """Return the remainder with the sign of B, or with the sign of A where `fmod` is 1."""
    if A.size * B.size >= SMALL:
        check_broadcast(A, B)
    return np.fmod(A, B) if fmod else np.mod(A, B)


@kernel("Pow", since=7)
def power(X: Array, Y: Array) -> Array:
    """X to the power Y, in X's dtype.

    An integer to a negative power is rounded towards zero (the specification is silent).
    """
    if X.size * Y.size >= SMALL:
        check_broadcast(X, Y)
    if X.dtype.kind in "iu" and (Y.dtype.kind == "f" or bool(np.any(Y < 0))):
        return np.power(X.astype(np.float64), Y).astype(X.dtype)
    return np.power(X, Y).astype(X.dtype, copy=False)


def _ask(inputs: Sequence[Array]) -> None:
    product = 1
    for x in inputs:
        product *= x.size
    if product >= SMALL:
        check_broadcast(*inputs)


@kernel("Min", since=8)
def minimum(*data_0: Array) -> Array:
    """Return the least of the inputs, element by element; NaN where one is NaN."""
    _ask(data_0)
    return reduce(np.minimum, data_0)


@kernel("Max", since=8)
def maximum(*data_0: Array) -> Array:
    """Return the greatest of the inputs, element by element; NaN where one is NaN."""
    _ask(data_0)
    return reduce(np.maximum, data_0)


@kernel("Sum", since=8)
def total(*data_0: Array) -> Array:
    """Return the inputs' sum."""
    _ask(data_0)
    return reduce(np.add, data_0)


@kernel("Mean", since=8)
def mean(*data_0: Array) -> Any:
    """Return the inputs' sum, divided by their number."""
    _ask(data_0)
    return reduce(np.add, data_0) / data_0[0].dtype.type(len(data_0))


def _ufunc(function: Callable[..., Any]) -> Callable[[NodeInfo, Sequence[Any]], Kernel]:
    """Return a specializer that puts the bare ufunc into the plan: one Python call less."""
    return lambda node, constants: function


for _name, _function in (("Add", np.add), ("Sub", np.subtract), ("Mul", np.multiply)):
    specializer(_name, since=7)(_ufunc(_function))
