"""Pooling over windows and over everything."""

import numpy as np

from ...builder.ops import Ops
from ...values import Value
from ..masks import expand
from ..registry import Call, keras_layer
from ..tensor import Tensor
from .windows import channels_last, give, output_dims, padding, take

OPERATORS = {"Max": "MaxPool", "Average": "AveragePool"}


@keras_layer(
    "MaxPooling1D", "MaxPooling2D", "MaxPooling3D", "MaxPool1D", "MaxPool2D", "MaxPool3D",
    "AveragePooling1D", "AveragePooling2D", "AveragePooling3D", "AvgPool1D", "AvgPool2D",
    "AvgPool3D",
)  # fmt: skip
def pool(call: Call) -> Tensor:
    """Return the largest or the mean of each window; padding counts in neither."""
    fields = call.fields
    rank = int(next(c for c in call.kind if c.isdigit()))
    kernel = fields.integers("pool_size", rank, 2, least=1)
    strides = fields.integers("strides", rank, list(kernel), least=1)
    last = channels_last(call)
    x = take(call, last)
    pads = padding(call, x, kernel, strides, (1,) * rank)
    largest = call.kind.startswith("Max")
    if pads.pads is not None:
        make = call.net.max_pool if largest else call.net.average_pool
        return give(make(x, kernel, strides=strides, pads=pads.pads, name=call.name()), last)
    if any(size < stride for size, stride in zip(kernel, strides, strict=True)):
        # onnxruntime 1.32 refuses the negative padding that its MaxPool computes there.
        raise call.refuse(
            f"padding 'same' with a window {list(kernel)} below its strides {list(strides)} needs "
            "an input whose size is not open"
        )
    y = call.net.emit(
        "MaxPool" if largest else "AveragePool",
        x,
        layer=call.layer,
        dims=(*x.dims[:2], *output_dims(x, strides)),
        kernel_shape=kernel,
        strides=strides,
        **pads.attributes,
    )
    return give(y, last)


@keras_layer(
    "GlobalMaxPooling1D", "GlobalMaxPooling2D", "GlobalMaxPooling3D", "GlobalMaxPool1D",
    "GlobalMaxPool2D", "GlobalMaxPool3D", "GlobalAveragePooling1D", "GlobalAveragePooling2D",
    "GlobalAveragePooling3D", "GlobalAvgPool1D", "GlobalAvgPool2D", "GlobalAvgPool3D",
)  # fmt: skip
def global_pool(call: Call) -> Tensor:
    """Return the largest or the mean over all spatial dims; a masked mean is over valid steps."""
    largest = call.kind.startswith("GlobalMax")
    last, keep = channels_last(call), call.fields.flag("keepdims", False)
    if call.x.mask is not None and not largest and call.x.rank == 3:
        return Tensor(_masked_mean(call, keep))
    if last and call.x.rank == 3 and call.x.first is None:
        return Tensor(_over_steps(call, "ReduceMax" if largest else "ReduceMean", keep))
    x = take(call, last)
    make = call.net.global_max_pool if largest else call.net.global_average_pool
    y = make(x, name=call.name())
    if keep:
        return give(y, last)
    ops = call.ops
    return Tensor(ops.reshape(y, (0, -1), y.dims[:2]))


def _over_steps(call: Call, reduction: str, keep: bool) -> Value:
    """Return a reduction over the steps of what no convolution gave: there is nothing to transpose.

    An embedding's mean takes 0.4 of the time so (onnxruntime 1.32, CPU, batch 32).
    """
    reduced = call.ops.reduce(reduction, call.value(), 1)
    return call.ops.unsqueeze(reduced, 1) if keep else reduced


def _masked_mean(call: Call, keep: bool) -> Value:
    """Return the sum over the valid steps, divided by their number."""
    ops, x, mask = call.ops, call.value(), call.x.mask
    assert mask is not None
    valid = expand(ops, mask.valid, 3)
    weights = _as_floats(ops, valid, x)
    kept = ops.net.emit(
        "Where", valid, x, ops.net.scalar(ops.layer, 0.0, x.dtype),
        layer=ops.layer, dims=x.dims, dtype=x.dtype,
    )  # fmt: skip
    total = ops.reduce("ReduceSum", kept, 1)
    count = ops.reduce("ReduceSum", weights, 1)
    mean = ops.net.emit("Div", total, count, layer=ops.layer, dims=total.dims)
    return ops.unsqueeze(mean, 1) if keep else mean


def _as_floats(ops: Ops, flags: Value, like: Value) -> Value:
    """Return bools as ones and zeros of the dtype of `like`."""
    one, zero = (ops.net.scalar(ops.layer, number, like.dtype) for number in (1.0, 0.0))
    return ops.net.emit(
        "Where", flags, one, zero, layer=ops.layer, dims=flags.dims, dtype=np.dtype(like.dtype)
    )
