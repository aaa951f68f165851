"""Masks: which steps of a sequence a recurrent layer of Keras passes over.

Keras holds the state wherever the mask is false, also in the middle. The operators of ONNX know
lengths, which only cut the end. So the valid steps are moved to the front, the operator runs over
so many of them, and its outputs are moved back: exact for every mask, with native operators. A
masked step of a returned sequence repeats the valid one before it, as in Keras.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from ..builder.ops import Ops
from ..values import Value, broadcast

INT32, INT64, BOOL = 6, 7, 9
"""ONNX's numbers of the types that Cast makes."""


@dataclass
class Mask:
    """Bools ``[batch, time]``, and what is computed from them: each once, when it is asked for."""

    ops: Ops
    make: Callable[[], Value]
    _made: dict[str, Value] = field(default_factory=dict, repr=False)

    @property
    def valid(self) -> Value:
        """Which steps are valid."""
        if "valid" not in self._made:
            self._made["valid"] = self.make()
        return self._made["valid"]

    def lengths(self) -> Value:
        """Return how many steps of each row are valid, int32 ``[batch]``."""
        if "lengths" not in self._made:
            total = self.ops.reduce("ReduceSum", self._ones(), 1)
            self._made["lengths"] = cast(self.ops, total, INT32, np.int32)
        return self._made["lengths"]

    def to_front(self, x: Value) -> Value:
        """Return ``[batch, time, ...]`` with the valid steps first, in their order."""
        return _gather(self.ops, x, self._order())

    def back_forward(self, sequence: Value) -> Value:
        """Return the outputs at the places of their steps; a masked step repeats the one before.

        Before the first valid step there is nothing to repeat: whatever stands there.
        """
        zero = self.ops.net.scalar(self.ops.layer, 0, np.int64)
        one = self.ops.net.scalar(self.ops.layer, 1, np.int64)
        before = self.ops.sub(self._counts(), one)
        place = self.ops.net.emit("Max", before, zero, layer=self.ops.layer, dims=before.dims)
        return _gather(self.ops, sequence, place)

    def back_reverse(self, sequence: Value) -> Value:
        """Return the outputs of a layer that runs backwards: a masked step repeats the one behind.

        Behind the last valid step the operator has left zeros.
        """
        return _gather(self.ops, sequence, self.ops.sub(self._counts(), self._ones()))

    def started(self) -> Value:
        """Return which steps have a valid one at or before them, bools ``[batch, time]``."""
        zero = self.ops.net.scalar(self.ops.layer, 0, np.int64)
        return logic(self.ops, "Greater", self._counts(), zero)

    def _ones(self) -> Value:
        if "ones" not in self._made:
            self._made["ones"] = cast(self.ops, self.valid, INT64, np.int64)
        return self._made["ones"]

    def _counts(self) -> Value:
        """Return how many steps are valid up to and with each one."""
        if "counts" not in self._made:
            ones, net = self._ones(), self.ops.net
            axis = net.scalar(self.ops.layer, 1, np.int64)
            made = net.emit("CumSum", ones, axis, layer=self.ops.layer, dims=ones.dims)
            self._made["counts"] = made
        return self._made["counts"]

    def _order(self) -> Value:
        """Return the places of the valid steps, in order, and behind them the other places.

        A valid step has a key above 0 that falls with time, so that sorting by the key from the
        largest down gives the order.
        """
        if "order" not in self._made:
            ops, net = self.ops, self.ops.net
            ones = self._ones()
            size = ops.sizes(self.valid, 1)
            bounds = (ops.squeeze(size, 0), *(net.scalar(ops.layer, n, np.int64) for n in (0, -1)))
            falling = net.emit("Range", *bounds, layer=ops.layer, dims=(ones.dims[1],))
            keys = ops.mul(ones, falling)
            outputs = {"keys": keys.dims, "order": keys.dims}
            _, order = net.emit_many(
                "TopK", keys, size, layer=ops.layer, outputs=outputs, dtype=np.int64, axis=1
            )
            self._made["order"] = order
        return self._made["order"]


def cast(ops: Ops, x: Value, to: int, dtype: type[np.generic]) -> Value:
    """Return `x` in another type; `to` is ONNX's number of it."""
    return ops.net.emit("Cast", x, layer=ops.layer, dims=x.dims, dtype=dtype, to=to)


def either(left: Mask | None, right: Mask | None, op_type: str) -> Mask | None:
    """Return the mask that is true where one (``Or``) or both (``And``) are."""
    if left is None or right is None:
        return None

    def make() -> Value:
        return logic(left.ops, op_type, left.valid, right.valid)

    return Mask(left.ops, make)


def logic(ops: Ops, op_type: str, a: Value, b: Value) -> Value:
    """Return an operator of two values that gives bools."""
    dims = broadcast(a, b, ops.layer)
    return ops.net.emit(op_type, a, b, layer=ops.layer, dims=dims, dtype=np.bool_)


def differs(ops: Ops, x: Value, number: float) -> Value:
    """Return where `x` is not `number`."""
    same = logic(ops, "Equal", x, ops.net.scalar(ops.layer, number, x.dtype))
    return ops.unary("Not", same)


def any_of(ops: Ops, flags: Value, axis: int) -> Value:
    """Return whether any of the bools along a dim is true; the dim is dropped."""
    largest = ops.reduce("ReduceMax", cast(ops, flags, INT32, np.int32), axis)
    return cast(ops, largest, BOOL, np.bool_)


def expand(ops: Ops, flags: Value, rank: int) -> Value:
    """Return ``[batch, time]`` with dims of 1 behind, so that it stretches over `rank` dims."""
    for axis in range(2, rank):
        flags = ops.unsqueeze(flags, axis)
    return flags


def _gather(ops: Ops, x: Value, places: Value) -> Value:
    """Return the steps of each row at these places, int64 ``[batch, time]``."""
    index = ops.unsqueeze(places, 2)
    return ops.net.emit("GatherND", x, index, layer=ops.layer, dims=x.dims, batch_dims=1)
