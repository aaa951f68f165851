"""Operators on values and numbers as plain calls, so that an equation reads as one."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..values import Dim, Dims, Value, broadcast
from .builder import Builder


class Ops:
    """Emits operators into `net`, their nodes named after `layer`.

    A number stands for a scalar of the dtype of the value beside it.
    """

    def __init__(self, net: Builder, layer: str) -> None:
        self.net = net
        self.layer = layer

    def add(self, a: Value, b: Value | float) -> Value:
        """Return ``a + b``."""
        return self._binary("Add", a, self._operand(b, a))

    def sub(self, a: Value | float, b: Value) -> Value:
        """Return ``a - b``."""
        return self._binary("Sub", self._operand(a, b), b)

    def mul(self, a: Value, b: Value | float) -> Value:
        """Return ``a * b``, element by element."""
        return self._binary("Mul", a, self._operand(b, a))

    def div(self, a: Value, b: Value | float) -> Value:
        """Return ``a / b``, element by element."""
        return self._binary("Div", a, self._operand(b, a))

    def sum(self, first: Value, *others: Value) -> Value:
        """Return the sum of values, in one node."""
        dims = first.dims
        for other in others:
            dims = broadcast(Value(first.name, first.dtype, dims, self.net), other, self.layer)
        return self.net.emit("Sum", first, *others, layer=self.layer, dims=dims)

    def matmul(self, a: Value, b: Value) -> Value:
        """Return the matrix product over the last two dims, the others stretched."""
        outer = broadcast(
            Value(a.name, a.dtype, a.dims[:-2], self.net),
            Value(b.name, b.dtype, b.dims[:-2], self.net),
            self.layer,
        )
        dims = (*outer, a.dims[-2], b.dims[-1])
        return self.net.emit("MatMul", a, b, layer=self.layer, dims=dims)

    def gemm(self, a: Value, b: Value, c: Value | None) -> Value:
        """Return ``a b + c`` of two matrices, `c` stretched over the rows where it is a vector."""
        dims = (a.dims[0], b.dims[1])
        inputs = (a, b) if c is None else (a, b, c)
        return self.net.emit("Gemm", *inputs, layer=self.layer, dims=dims)

    def unary(self, op_type: str, x: Value, **attributes: Any) -> Value:
        """Return an operator of one value that keeps its dims."""
        return self.net.emit(op_type, x, layer=self.layer, dims=x.dims, **attributes)

    def clip(self, x: Value, low: float, high: float) -> Value:
        """Return `x` held between two numbers."""
        bounds = self._operand(low, x), self._operand(high, x)
        return self.net.emit("Clip", x, *bounds, layer=self.layer, dims=x.dims)

    def split(self, x: Value, sizes: Sequence[int], axis: int) -> tuple[Value, ...]:
        """Return consecutive pieces of `x` of these sizes along `axis`."""
        outputs = {str(number): _with(x.dims, axis, size) for number, size in enumerate(sizes)}
        return self.net.emit_many(
            "Split", x, self.net.indices(*sizes), layer=self.layer, outputs=outputs, axis=axis
        )

    def squeeze(self, x: Value, axis: int) -> Value:
        """Return `x` without its dim `axis`, which is 1."""
        dims = x.dims[:axis] + x.dims[axis + 1 :]
        return self.net.emit("Squeeze", x, self.net.indices(axis), layer=self.layer, dims=dims)

    def unsqueeze(self, x: Value, axis: int) -> Value:
        """Return `x` with a dim of 1 put in at `axis`."""
        dims = (*x.dims[:axis], 1, *x.dims[axis:])
        return self.net.emit("Unsqueeze", x, self.net.indices(axis), layer=self.layer, dims=dims)

    def transpose(self, x: Value, *perm: int) -> Value:
        """Return `x` with its dims in the order `perm`."""
        dims = tuple(x.dims[axis] for axis in perm)
        return self.net.emit("Transpose", x, layer=self.layer, dims=dims, perm=perm)

    def reshape(self, x: Value, shape: Sequence[int], dims: Dims) -> Value:
        """Return `x` reshaped; a 0 in `shape` keeps the dim at its place."""
        return self.net.emit("Reshape", x, self.net.indices(*shape), layer=self.layer, dims=dims)

    def sizes(self, x: Value, *axes: int) -> Value:
        """Return the sizes of dims when the model runs, as an int64 array."""
        shape = self.net.emit("Shape", x, layer=self.layer, dims=(x.rank,), dtype=np.int64)
        indices = self.net.indices(*axes)
        return self.net.emit("Gather", shape, indices, layer=self.layer, dims=(len(axes),))

    def concat(self, values: Sequence[Value], axis: int, size: Dim) -> Value:
        """Return the values one after the other; `size` is that of the joined dim."""
        dims = _with(values[0].dims, axis, size)
        return self.net.emit("Concat", *values, layer=self.layer, dims=dims, axis=axis)

    def tile(self, x: Value, count: int) -> Value:
        """Return `x` side by side with itself, so many times, along its last dim."""
        last = x.dims[-1]
        assert isinstance(last, int)
        repeats = self.net.indices(*(1 for _ in x.dims[:-1]), count)
        dims = (*x.dims[:-1], count * last)
        return self.net.emit("Tile", x, repeats, layer=self.layer, dims=dims)

    def reduce(self, op_type: str, x: Value, axis: int) -> Value:
        """Return a reduction over one dim, which is dropped.

        ReduceSum takes its axes as an input from opset 13 on, the other reductions from 18 on.
        """
        dims = x.dims[:axis] + x.dims[axis + 1 :]
        emit = self.net.emit
        if op_type == "ReduceSum" or self.net.opset >= 18:
            axes = self.net.indices(axis)
            return emit(op_type, x, axes, layer=self.layer, dims=dims, keepdims=0)
        return emit(op_type, x, layer=self.layer, dims=dims, axes=[axis], keepdims=0)

    def mean(self, x: Value, axes: Sequence[int]) -> Value:
        """Return the mean over `axes`, which stay as dims of 1."""
        dims = tuple(1 if axis in axes else dim for axis, dim in enumerate(x.dims))
        emit = self.net.emit
        if self.net.opset >= 18:
            inputs = (x, self.net.indices(*axes))
            return emit("ReduceMean", *inputs, layer=self.layer, dims=dims, keepdims=1)
        return emit("ReduceMean", x, layer=self.layer, dims=dims, axes=list(axes), keepdims=1)

    def _binary(self, op_type: str, a: Value, b: Value) -> Value:
        return self.net.emit(op_type, a, b, layer=self.layer, dims=broadcast(a, b, self.layer))

    def _operand(self, number: Value | float, beside: Value) -> Value:
        if isinstance(number, Value):
            return number
        return self.net.scalar(self.layer, number, beside.dtype)


def _with(dims: Dims, axis: int, size: Dim) -> Dims:
    """Return `dims` with another size at `axis`."""
    return (*dims[:axis], size, *dims[axis + 1 :])
