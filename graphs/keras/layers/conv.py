"""Convolutions: plain, depthwise, separable."""

from collections.abc import Sequence

from ...values import Value
from ...weights import ConvWeights
from .. import activations
from ..registry import Call, keras_layer
from ..tensor import Tensor
from .windows import Padding, channels_last, give, output_dims, padding, take


def _rank(call: Call) -> int:
    """Return the number of spatial dims, from the class: Conv2D has two."""
    digits = [c for c in call.kind if c.isdigit()]
    return int(digits[0])


@keras_layer("Conv1D", "Conv2D", "Conv3D", "Convolution1D", "Convolution2D", "Convolution3D")
def conv(call: Call) -> Tensor:
    """Return ``f(x * K + b)``."""
    fields, rank = call.fields, _rank(call)
    fields.integer("filters")
    fields.integers("kernel_size", rank, least=1)
    groups = fields.integer("groups", 1)
    names = ("kernel", "bias") if fields.flag("use_bias", True) else ("kernel",)
    weights = ConvWeights.from_keras(call.vault.take(call.label, *names))
    last = channels_last(call)
    words = ("valid", "same", "causal") if rank == 1 else ("valid", "same")
    y = convolve(call, take(call, last), weights, groups, words)
    return activations.apply(call, give(y, last))


@keras_layer("DepthwiseConv1D", "DepthwiseConv2D")
def depthwise(call: Call) -> Tensor:
    """Return a convolution of each channel by itself."""
    fields, rank = call.fields, _rank(call)
    fields.integers("kernel_size", rank, least=1)
    fields.integer("depth_multiplier", 1)
    if fields.integer("groups", 1) != 1:  # Keras 2 writes a 1 that its layer does not use
        fields.refuse_use("groups")
    names = ["kernel|depthwise_kernel"] + ["bias"] * fields.flag("use_bias", True)
    arrays = call.vault.take(call.label, *names)
    weights = ConvWeights.from_keras(arrays, depthwise=True)
    last = channels_last(call)
    y = convolve(call, take(call, last), weights, arrays[0].shape[-2])
    return activations.apply(call, give(y, last))


@keras_layer("SeparableConv1D", "SeparableConv2D", "SeparableConvolution2D")
def separable(call: Call) -> Tensor:
    """Return a depthwise convolution, and one of size 1 over the channels that it gives."""
    fields, rank = call.fields, _rank(call)
    fields.integers("kernel_size", rank, least=1)
    fields.integer("filters")
    fields.integer("depth_multiplier", 1)
    if fields.integer("groups", 1) != 1:  # Keras 2 writes a 1 that its layer does not use
        fields.refuse_use("groups")
    names = ["depthwise_kernel", "pointwise_kernel"] + ["bias"] * fields.flag("use_bias", True)
    deep, *flat = call.vault.take(call.label, *names)
    last = channels_last(call)
    words = ("valid", "same", "causal") if rank == 1 else ("valid", "same")
    first = ConvWeights.from_keras([deep], depthwise=True)
    inner = convolve(call, take(call, last), first, deep.shape[-2], words, "depthwise")
    second = ConvWeights.from_keras(flat)
    return activations.apply(
        call, give(call.net.conv(inner, second, name=call.name("pointwise")), last)
    )


def convolve(
    call: Call,
    x: Value,
    weights: ConvWeights,
    groups: int,
    words: Sequence[str] = ("valid", "same"),
    role: str = "",
) -> Value:
    """Return the convolution with the layer's strides, dilations and padding."""
    rank = len(weights.kernel_shape)
    strides = call.fields.integers("strides", rank, 1, least=1)
    dilations = call.fields.integers("dilation_rate", rank, 1, least=1)
    pads = padding(call, x, weights.kernel_shape, strides, dilations, words)
    if pads.pads is None:
        return _padded_at_run(call, x, weights, groups, strides, pads)
    return call.net.conv(
        x,
        weights,
        strides=strides,
        pads=pads.pads,
        dilations=dilations,
        groups=groups,
        name=call.name(role),
    )


def _padded_at_run(
    call: Call,
    x: Value,
    weights: ConvWeights,
    groups: int,
    strides: Sequence[int],
    pads: Padding,
) -> Value:
    """Return a strided "same" convolution over open dims, whose pads only the run can tell."""
    net, layer = call.net, call.layer
    inputs = [x, net.weight(layer, "W", weights.w)]
    if weights.b is not None:
        inputs.append(net.weight(layer, "b", weights.b))
    dims = (x.dims[0], weights.output_channels, *output_dims(x, strides))
    return net.emit(
        "Conv",
        *inputs,
        layer=layer,
        dims=dims,
        group=groups,
        kernel_shape=weights.kernel_shape,
        strides=strides,
        **pads.attributes,
    )
