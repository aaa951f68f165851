"""Layers that join several tensors."""

from collections.abc import Callable, Sequence
from functools import reduce

from ...builder.ops import Ops
from ...values import Value, broadcast
from ..masks import Mask, either
from ..registry import Call, keras_layer
from ..tensor import Tensor

BINARY = {
    "Add": "Add",
    "Subtract": "Sub",
    "Multiply": "Mul",
    "Average": "Add",
    "Maximum": "Max",
    "Minimum": "Min",
}
"""The operator that joins two of the tensors."""


@keras_layer(*BINARY, masking="own")
def merge(call: Call) -> Tensor:
    """Join tensors element by element; one of lower rank gets dims of 1 behind the batch."""
    if len(call.inputs) < 2 or (call.kind == "Subtract" and len(call.inputs) != 2):
        raise call.refuse(f"is called with {len(call.inputs)} tensors")
    ops = call.ops
    mask = _merged_mask(call)
    if call.kind in ("Maximum", "Minimum") and any(t.mask for t in call.inputs):
        raise call.refuse("masked tensors are not compared step by step")
    first = all(t.first is not None and t.last is None for t in call.inputs)
    same = len({t.rank for t in call.inputs}) == 1
    values = (
        [t.channels_first(ops) for t in call.inputs]
        if first and same
        else _same_rank(ops, [t.keras(ops) for t in call.inputs])
    )
    y = reduce(_binary(ops, BINARY[call.kind]), values)
    if call.kind == "Average":
        y = ops.mul(y, 1 / len(values))
    return Tensor(first=y, mask=mask) if first and same else Tensor(y, mask=mask)


@keras_layer("Concatenate", masking="own")
def concatenate(call: Call) -> Tensor:
    """Return one tensor after the other along a dim."""
    ops = call.ops
    axis = call.fields.integer("axis", -1, least=-8)
    rank = call.inputs[0].rank if call.inputs else 0
    if not call.inputs or not -rank <= axis < rank:
        call.fields.refuse("axis", axis, "a dim of the tensors")
    axis %= rank
    mask = _joined_mask(call, axis)
    if rank > 2 and all(t.first is not None and t.last is None for t in call.inputs):
        place = 1 if axis == rank - 1 else axis + (axis > 0)
        values = [t.channels_first(ops) for t in call.inputs]
        joined = call.net.concat(values, axis=place, name=call.name())
        return Tensor(first=joined, mask=mask)
    values = [t.keras(ops) for t in call.inputs]
    return Tensor(call.net.concat(values, axis=axis, name=call.name()), mask=mask)


def _binary(ops: Ops, op_type: str) -> Callable[[Value, Value], Value]:
    def join(a: Value, b: Value) -> Value:
        dims = broadcast(a, b, ops.layer)
        return ops.net.emit(op_type, a, b, layer=ops.layer, dims=dims)

    return join


def _same_rank(ops: Ops, values: Sequence[Value]) -> list[Value]:
    most = max(value.rank for value in values)
    return [_raised(ops, value, most) for value in values]


def _raised(ops: Ops, value: Value, rank: int) -> Value:
    while value.rank < rank:
        value = ops.unsqueeze(value, 1)
    return value


def _merged_mask(call: Call) -> Mask | None:
    """Return the mask of an elementwise layer.

    Keras 3 has none unless every tensor has one, and then the steps that any of them has valid;
    Keras 2 takes those that there are, and the steps that all of them have valid.
    """
    masks = [tensor.mask for tensor in call.inputs]
    if call.major == 2:
        masks = [mask for mask in masks if mask is not None]
    if not masks:
        return None
    op_type = "And" if call.major == 2 else "Or"
    return reduce(lambda a, b: either(a, b, op_type), masks)


def _joined_mask(call: Call, axis: int) -> Mask | None:
    """Return the mask of tensors that stand side by side along their features.

    A step is valid where all are, in Keras 2; where any of them is, in Keras 3, whose tensors
    without a mask are valid everywhere.
    """
    masks = [tensor.mask for tensor in call.inputs]
    there = [mask for mask in masks if mask is not None]
    if not there:
        return None
    if axis == 1:
        raise call.refuse("masked sequences one after the other cannot be followed")
    if len(there) == len(masks):
        return reduce(lambda a, b: either(a, b, "And" if call.major == 2 else "Or") or a, there)
    if call.major == 2:
        return reduce(lambda a, b: either(a, b, "And") or a, there)
    return None  # every step is valid for a tensor without a mask, and so for both together
