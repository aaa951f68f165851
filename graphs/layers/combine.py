"""Layers that join several values: concatenation and elementwise arithmetic."""

from collections.abc import Sequence
from typing import TypeAlias

import numpy as np

from ..builder.builder import FLOATS, Builder
from ..errors import ValueMismatchError, WeightError
from ..given import several
from ..values import Dim, Value, broadcast, compatible
from ..weights.arrays import Array, plain
from .checks import check_axis, check_same_dtype

Operand: TypeAlias = Value | Array | float
"""A value, or an array or a number that stands beside one."""


class Combining(Builder):
    """Adds ``concat``, and ``add`` and other arithmetic of two values."""

    def concat(self, values: Sequence[Value], *, axis: int = -1, name: str | None = None) -> Value:
        """Return the values one after the other along `axis`.

        Raises
        ------
        ValueMismatchError
            There is no value, or two differ in dtype, rank or another dim.
        """
        layer = self.layer_name("concat", name)
        label = f"concat '{layer}'"
        values = several(values, f"{label}: values")
        if not values:
            raise ValueMismatchError(f"{label}: there is no value to join", "give one or more")
        first = self.own(values[0], label)
        axis = check_axis(first, axis, label)
        check_same_dtype([self.own(value, label) for value in values], label)
        for value in values[1:]:
            _check_joinable(first, value, axis, label)
        sizes = [value.dims[axis] for value in values]
        total = sum(size for size in sizes if isinstance(size, int))
        joined: Dim = total if all(isinstance(size, int) for size in sizes) else None
        dims = (*first.dims[:axis], joined, *first.dims[axis + 1 :])
        return self.emit("Concat", *values, layer=layer, dims=dims, axis=axis)

    def add(self, a: Operand, b: Operand, *, name: str | None = None) -> Value:
        """Return ``a + b``, with dims of 1 stretched as in NumPy.

        One of the two may be an array or a number, which takes the other's dtype.
        """
        return self._binary("Add", a, b, self.layer_name("add", name))

    def subtract(self, a: Operand, b: Operand, *, name: str | None = None) -> Value:
        """Return ``a - b``, with dims of 1 stretched as in NumPy.

        One of the two may be an array or a number, which takes the other's dtype.
        """
        return self._binary("Sub", a, b, self.layer_name("subtract", name))

    def multiply(self, a: Operand, b: Operand, *, name: str | None = None) -> Value:
        """Return ``a * b`` element by element, with dims of 1 stretched as in NumPy.

        One of the two may be an array or a number, which takes the other's dtype.
        """
        return self._binary("Mul", a, b, self.layer_name("multiply", name))

    def divide(self, a: Operand, b: Operand, *, name: str | None = None) -> Value:
        """Return ``a / b`` element by element, with dims of 1 stretched as in NumPy.

        One of the two may be an array or a number, which takes the other's dtype.
        """
        return self._binary("Div", a, b, self.layer_name("divide", name))

    def maximum(self, a: Operand, b: Operand, *, name: str | None = None) -> Value:
        """Return the larger of `a` and `b`, element by element, dims of 1 stretched as in NumPy.

        One of the two may be an array or a number, which takes the other's dtype.
        """
        return self._binary("Max", a, b, self.layer_name("maximum", name))

    def minimum(self, a: Operand, b: Operand, *, name: str | None = None) -> Value:
        """Return the smaller of `a` and `b`, element by element, dims of 1 stretched as in NumPy.

        One of the two may be an array or a number, which takes the other's dtype.
        """
        return self._binary("Min", a, b, self.layer_name("minimum", name))

    def _binary(self, op_type: str, a: Operand, b: Operand, layer: str) -> Value:
        label = f"{op_type} '{layer}'"
        if not isinstance(a, Value) and not isinstance(b, Value):
            self.own(a, label)  # type: ignore[arg-type]  # refuses it with what is needed
        left = a if isinstance(a, Value) else self._constant(a, b, layer, label)
        right = b if isinstance(b, Value) else self._constant(b, a, layer, label)
        check_same_dtype((self.own(left, label), self.own(right, label)), label)
        return self.emit(op_type, left, right, layer=layer, dims=broadcast(left, right, label))

    def _constant(self, given: Operand, beside: Operand, layer: str, label: str) -> Value:
        """Return an array or a number as a constant in the dtype of the value beside it.

        Raises
        ------
        WeightError
            It is not of numbers, or that dtype cannot hold it.
        """
        assert isinstance(beside, Value)
        array, dtype = plain(given), beside.dtype
        floats = dtype in FLOATS.values()
        if array.dtype.kind not in "iuf" and array.dtype not in FLOATS.values():
            raise WeightError(
                f"{label}: takes values, arrays or numbers, got {type(given).__name__}",
                "give what an input or a layer of this network returned, or an array of numbers",
            )
        if not floats and not np.array_equal(array.astype(dtype), array):
            raise WeightError(
                f"{label}: {beside} is of integers, and the array beside it is not",
                "round the array, or make the input of a float dtype",
            )
        converted = array.astype(dtype)
        return (
            self.weight(layer, "value", converted)
            if floats and dtype == self.dtype
            else (self.initializer(f"{layer}.value", converted))
        )


def _check_joinable(first: Value, value: Value, axis: int, label: str) -> None:
    pairs = zip(first.dims, value.dims, strict=False)
    if value.rank != first.rank or not all(
        index == axis or compatible(*pair) for index, pair in enumerate(pairs)
    ):
        raise ValueMismatchError(
            f"{label}: {first} and {value} differ in more than dim {axis}",
            "give values of one rank that agree in every other dim",
        )
