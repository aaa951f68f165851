"""Layers that join several tensors."""

from collections.abc import Callable, Sequence
from functools import reduce

from ...builder.ops import Ops
from ...lowering.directions import where
from ...values import Value, broadcast
from ..masks import Mask, either, expand
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
    ops, op_type = call.ops, BINARY[call.kind]
    mask = _merged_mask(call)
    masks = [tensor.mask for tensor in call.inputs]
    if call.major == 3 and any(masks) and call.kind in ("Multiply", "Maximum", "Minimum"):
        values = [t.keras(ops) for t in call.inputs]
        if {value.rank for value in values} != {3}:
            raise call.refuse("masked tensors of other ranks than 3 are not converted")
        join = _masked_product if call.kind == "Multiply" else _masked_extreme
        return Tensor(join(ops, op_type, values, masks), mask=mask)
    first = all(t.first is not None and t.last is None for t in call.inputs)
    same = len({t.rank for t in call.inputs}) == 1
    values = (
        [t.channels_first(ops) for t in call.inputs]
        if first and same
        else _same_rank(ops, [t.keras(ops) for t in call.inputs])
    )
    y = reduce(_binary(ops, op_type), values)
    if call.kind == "Average":
        y = ops.mul(y, 1 / len(values))
    return Tensor(first=y, mask=mask) if first and same else Tensor(y, mask=mask)


def _masked_product(
    ops: Ops, op_type: str, values: Sequence[Value], masks: Sequence[Mask | None]
) -> Value:
    """Return the product of what is valid: 1 stands for a masked step, 0 where all are masked."""
    one, zero = (ops.net.scalar(ops.layer, number, values[0].dtype) for number in (1.0, 0.0))
    kept = [
        value if mask is None else where(ops, expand(ops, mask.valid, 3), value, one)
        for value, mask in zip(values, masks, strict=True)
    ]
    product = reduce(_binary(ops, op_type), kept)
    known = [mask for mask in masks if mask is not None]
    if len(known) < len(masks):
        return product
    any_valid = reduce(lambda a, b: _either(a, b, "Or"), known)
    return where(ops, expand(ops, any_valid.valid, 3), product, zero)


def _masked_extreme(
    ops: Ops, op_type: str, values: Sequence[Value], masks: Sequence[Mask | None]
) -> Value:
    """Return the largest or smallest of what is valid: a masked step takes the other's number."""
    join = _binary(ops, op_type)
    y, told = values[0], masks[0]
    for value, mask in zip(values[1:], masks[1:], strict=True):
        if mask is not None:
            value = where(ops, expand(ops, mask.valid, 3), value, y)
        if told is not None:
            y = where(ops, expand(ops, told.valid, 3), y, value)
        told = either(told, mask, "Or")
        y = join(y, value)
    return y


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
    if any(mask is None for mask in masks):
        return None
    return reduce(lambda a, b: _either(a, b, op_type), [mask for mask in masks if mask])


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
    if call.major == 3 and len(there) < len(masks):
        return None  # every step is valid for a tensor without a mask, and so for both together
    op_type = "And" if call.major == 2 else "Or"
    return reduce(lambda a, b: _either(a, b, op_type), there)


def _either(left: Mask, right: Mask, op_type: str) -> Mask:
    """Return the mask that is true where one (``Or``) or both (``And``) are."""
    return left if left is right else either(left, right, op_type) or left
