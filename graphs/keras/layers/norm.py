"""Normalisations."""

import numpy as np

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
    """Return ``gamma (x - mean) / sqrt(variance + epsilon) + beta`` over dims of each row."""
    fields, x = call.fields, call.value()
    fields.without("rms_scaling")
    scale, center = fields.flag("scale", True), fields.flag("center", True)
    names = ["gamma"] * scale + ["beta"] * center
    arrays = dict(zip(names, call.vault.take(call.label, *names) if names else [], strict=True))
    y = call.net.layer_norm(
        x,
        arrays.get("gamma"),
        arrays.get("beta"),
        axes=call.axes(x.rank),
        epsilon=fields.number("epsilon", 1e-3),
        name=call.name(),
    )
    return Tensor(y)


@keras_layer("GroupNormalization", masking="keeps")
def group_norm(call: Call) -> Tensor:
    """Return the normalisation over groups of channels and all places of each row."""
    fields, rank = call.fields, call.x.rank
    scale, center = fields.flag("scale", True), fields.flag("center", True)
    names = ["gamma"] * scale + ["beta"] * center
    arrays = dict(zip(names, call.vault.take(call.label, *names) if names else [], strict=True))
    axes = call.axes(rank)
    if axes not in ([1], [rank - 1]):
        raise call.refuse(f"normalises over axis {axes}, which is not converted")
    last = axes == [rank - 1] and rank > 2
    x = call.x.channels_first(call.ops) if last else call.value()
    groups = fields.integer("groups", 32, least=-1)
    channels = x.dims[1]
    y = call.net.group_norm(
        x,
        arrays.get("gamma"),
        arrays.get("beta"),
        groups=channels if groups == -1 and isinstance(channels, int) else groups,
        epsilon=fields.number("epsilon", 1e-3),
        name=call.name(),
    )
    return Tensor(first=y) if last else Tensor(y)


@keras_layer("LayerScale", masking="keeps")
def layer_scale(call: Call) -> Tensor:
    """Return ``gamma x``, a factor per channel (of ``keras.applications.ConvNeXt``)."""
    call.fields.get("init_values"), call.fields.get("projection_dim")
    (gamma,) = call.vault.take(call.label, "gamma|variable")
    return Tensor(call.net.multiply(call.value(), gamma, name=call.name()))


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
