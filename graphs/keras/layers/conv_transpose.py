"""Transposed convolutions."""

import numpy as np

from ...values import Dim
from .. import activations
from ..registry import Call, keras_layer
from ..tensor import Tensor
from .windows import channels_last, give, take


@keras_layer("Conv1DTranspose", "Conv2DTranspose", "Conv3DTranspose")
def conv_transpose(call: Call) -> Tensor:
    """Spread each input over a window of outputs, which add up.

    "valid" gives ``(in - 1) stride + max(span, stride)`` places, "same" ``in stride``.
    """
    fields = call.fields
    rank = int(next(c for c in call.kind if c.isdigit()))
    fields.integer("filters")
    fields.without("output_padding")
    if fields.integer("groups", 1) != 1:  # Keras 2 writes a 1 that its layer does not use
        fields.refuse_use("groups")
    fields.integers("kernel_size", rank, least=1)
    strides = fields.integers("strides", rank, 1, least=1)
    dilations = fields.integers("dilation_rate", rank, 1, least=1)
    word = fields.text("padding", "valid", ("valid", "same"))
    names = ["kernel"] + ["bias"] * fields.flag("use_bias", True)
    kernel, *bias = call.vault.take(call.label, *names)
    last = channels_last(call)
    x = take(call, last)
    sizes = kernel.shape[:rank]
    spans = [(k - 1) * d + 1 for k, d in zip(sizes, dilations, strict=True)]
    over = [span - stride for span, stride in zip(spans, strides, strict=True)]
    cut = [max(one, 0) if word == "same" else 0 for one in over]
    inputs = [x, call.net.weight(call.layer, "W", np.moveaxis(kernel, (-1, -2), (0, 1)))]
    inputs += [call.net.weight(call.layer, "b", one) for one in bias]
    places = tuple(
        _size(dim, stride, span, word)
        for dim, stride, span in zip(x.dims[2:], strides, spans, strict=True)
    )
    y = call.net.emit(
        "ConvTranspose",
        *inputs,
        layer=call.layer,
        dims=(x.dims[0], kernel.shape[-2], *places),
        kernel_shape=sizes,
        strides=strides,
        dilations=dilations,
        pads=[*(c // 2 for c in cut), *(c - c // 2 for c in cut)],
        output_padding=[max(-one, 0) for one in over],
    )
    return activations.apply(call, give(y, last))


def _size(dim: Dim, stride: int, span: int, word: str) -> Dim:
    """Return how many places come out of `dim`."""
    if not isinstance(dim, int):
        return None
    return dim * stride if word == "same" else (dim - 1) * stride + max(span, stride)
