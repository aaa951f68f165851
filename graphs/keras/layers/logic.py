"""Arithmetic of masks, which Keras 3 writes into a functional model beside its layers."""

from typing import Any

import numpy as np

from ...values import Value
from ..masks import any_of, differs, logic
from ..registry import Call, keras_layer
from ..tensor import Tensor


@keras_layer("ops.NotEqual", masking="own")
def not_equal(call: Call) -> Tensor:
    """Return where a tensor is not a number."""
    x, number = _operands(call, 2)
    if isinstance(number, bool) or not isinstance(number, int | float):
        raise call.refuse(f"compares with {number!r:.60}, which is no number")
    return Tensor(differs(call.ops, x, number))


@keras_layer("ops.Any", masking="own")
def any_along(call: Call) -> Tensor:
    """Return whether any of the bools along a dim is true."""
    (x,) = _operands(call, 1)
    axis, *_ = call.axes(x.rank)
    found = any_of(call.ops, x, axis)
    if call.fields.flag("keepdims", False):
        found = call.ops.unsqueeze(found, axis)
    return Tensor(found)


@keras_layer("ops.LogicalOr", "ops.LogicalAnd", masking="own")
def both(call: Call) -> Tensor:
    """Return where one or both of two tensors are true."""
    a, b = _operands(call, 2)
    return Tensor(logic(call.ops, call.kind.removeprefix("Logical"), a, b))


@keras_layer("ops.ExpandDims", masking="own")
def expand_dims(call: Call) -> Tensor:
    """Return a tensor with a dim of 1 more."""
    (x,) = _operands(call, 1)
    axis, *_ = call.axes(x.rank + 1)
    return Tensor(call.ops.unsqueeze(x, axis))


@keras_layer("ops.Squeeze", masking="own")
def squeeze(call: Call) -> Tensor:
    """Return a tensor without a dim of 1."""
    (x,) = _operands(call, 1)
    axis, *_ = call.axes(x.rank)
    return Tensor(call.ops.squeeze(x, axis))


@keras_layer("ops.ZerosLike", "ops.OnesLike", masking="own")
def constant_like(call: Call) -> Tensor:
    """Return bools of the dims of a tensor, all false or all true."""
    (x,) = _operands(call, 1)
    if call.fields.text("dtype", "bool") != "bool":
        raise call.refuse("makes numbers, and only bools are converted")
    ops = call.ops
    sizes = ops.net.emit("Shape", x, layer=ops.layer, dims=(x.rank,), dtype=np.int64)
    value = np.array([call.kind == "OnesLike"])
    return Tensor(
        ops.net.emit(
            "ConstantOfShape", sizes, layer=ops.layer, dims=x.dims, dtype=np.bool_, value=value
        )
    )


@keras_layer("ops.Concatenate", masking="own")
def concatenate(call: Call) -> Tensor:
    """Return tensors one after the other along a dim."""
    given = call.keywords.get("operands", [])
    listed = given[0] if len(given) == 1 and isinstance(given[0], list) else given
    values = [_value(call, one) for one in listed]
    axis = call.fields.integer("axis", -1, least=-8)
    return Tensor(call.net.concat(values, axis=axis, name=call.name()))


def _operands(call: Call, count: int) -> list[Any]:
    """Return the operands, the first of which is a tensor."""
    given = call.keywords.get("operands", [])
    if len(given) != count:
        raise call.refuse(f"is called with {len(given)} operands, takes {count}")
    rest = [one.keras(call.ops) if isinstance(one, Tensor) else one for one in given[1:]]
    return [_value(call, given[0]), *rest]


def _value(call: Call, given: Any) -> Value:
    if not isinstance(given, Tensor):
        raise call.refuse(f"has the operand {given!r:.60}, which is no tensor")
    return given.keras(call.ops)
