"""Normalisations."""

import numpy as np

from ...builder.ops import Ops
from ...values import Value
from ...weights import BatchNormWeights
from ..registry import Call, keras_layer
from ..tensor import Tensor


@keras_layer("BatchNormalization", "SyncBatchNormalization", masking="keeps")
def batch_norm(call: Call) -> Tensor:
    """Return ``gamma (x - mean) / sqrt(variance + epsilon) + beta`` with statistics of training."""
    fields = call.fields
    fields.without("renorm")
    scale, center = fields.flag("scale", True), fields.flag("center", True)
    names = ["gamma"] * scale + ["beta"] * center + ["moving_mean", "moving_variance"]
    weights = BatchNormWeights.from_keras(
        call.vault.take(call.label, *names),
        epsilon=fields.number("epsilon", 1e-3),
        scale=scale,
        center=center,
    )
    rank = call.x.rank
    axes = call.axes(rank)
    if len(axes) != 1 or axes[0] not in (1, rank - 1):
        raise call.refuse(f"normalises over axis {axes}, which is not converted")
    if axes[0] == rank - 1 and rank > 2:
        if call.x.first is None:
            return Tensor(_scaled(call, weights))
        return Tensor(first=call.net.batch_norm(call.x.first, weights, name=call.name()))
    return Tensor(call.net.batch_norm(call.value(), weights, name=call.name()))


def _scaled(call: Call, weights: BatchNormWeights) -> Value:
    """Return the same over the last dim as one product and one sum, without turning the dims."""
    mean, variance = (np.asarray(a, np.float64) for a in (weights.mean, weights.variance))
    slope = weights.scale / np.sqrt(variance + weights.epsilon)
    offset = weights.bias - mean * slope
    slope_value, offset_value = (
        call.net.weight(call.layer, role, array.astype(weights.dtype))
        for role, array in (("scale", slope), ("offset", offset))
    )
    return call.ops.add(call.ops.mul(call.value(), slope_value), offset_value)


@keras_layer("LayerNormalization", masking="keeps")
def layer_norm(call: Call) -> Tensor:
    """Return ``gamma (x - mean) / sqrt(variance + epsilon) + beta`` over the last dims."""
    fields, ops, x = call.fields, call.ops, call.value()
    fields.without("rms_scaling")
    axes = call.axes(x.rank)
    if axes != list(range(x.rank - len(axes), x.rank)):
        raise call.refuse(f"normalises over dims {axes}; only the last dims are converted")
    names = ["gamma"] * fields.flag("scale", True) + ["beta"] * fields.flag("center", True)
    arrays = call.vault.take(call.label, *names) if names else []
    centred = ops.sub(x, _mean(ops, x, axes))
    variance = _mean(ops, ops.mul(centred, centred), axes)
    root = ops.unary("Sqrt", ops.add(variance, fields.number("epsilon", 1e-3)))
    y = ops.net.emit("Div", centred, root, layer=ops.layer, dims=x.dims)
    for name, array in zip(names, arrays, strict=True):
        weight = call.net.weight(call.layer, name, array)
        y = ops.mul(y, weight) if name == "gamma" else ops.add(y, weight)
    return Tensor(y)


@keras_layer("UnitNormalization", masking="keeps")
def unit_norm(call: Call) -> Tensor:
    """Return ``x / sqrt(max(sum of squares, 1e-12))`` over chosen dims."""
    ops, x = call.ops, call.value()
    axes = call.axes(x.rank)
    dims = tuple(1 if axis in axes else dim for axis, dim in enumerate(x.dims))
    squares = ops.mul(x, x)
    total = ops.net.emit(
        "ReduceSum", squares, ops.net.indices(*axes), layer=ops.layer, dims=dims, keepdims=1
    )
    least = ops.net.scalar(ops.layer, 1e-12, x.dtype)
    held = ops.net.emit("Max", total, least, layer=ops.layer, dims=dims)
    return Tensor(ops.net.emit("Div", x, ops.unary("Sqrt", held), layer=ops.layer, dims=x.dims))


def _mean(ops: Ops, x: Value, axes: list[int]) -> Value:
    """Return the mean over `axes`, which stay as dims of 1."""
    dims = tuple(1 if axis in axes else dim for axis, dim in enumerate(x.dims))
    if ops.net.opset >= 18:
        inputs = (x, ops.net.indices(*axes))
        return ops.net.emit("ReduceMean", *inputs, layer=ops.layer, dims=dims, keepdims=1)
    return ops.net.emit("ReduceMean", x, layer=ops.layer, dims=dims, axes=axes, keepdims=1)
