"""DynamicQuantizeLSTM, which ``onnxruntime.quantization.quantize_dynamic`` makes of an LSTM."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from ...dtypes import Array
from ...registry import Kernel, NodeInfo, find_specializer, kernel, specializer
from ..recurrent.lstm import lstm

DOMAIN = "com.microsoft"
LSTM_OPSET = 14


def dequantized(values: Array, scale: Array, zero_point: Array) -> Array:
    """Return the weights [directions, 4 hidden, width] of quantized ones with the axes swapped.

    A scale and a zero point stand for a direction, [directions], or for each of its columns,
    [directions, 4 hidden].
    """
    directions = len(values)
    zero = zero_point.reshape(directions, 1, -1).astype(scale.dtype)
    wide = (values.astype(scale.dtype) - zero) * scale.reshape(directions, 1, -1)
    return np.swapaxes(wide, 1, 2)


@kernel("DynamicQuantizeLSTM", since=1, domain=DOMAIN)
def dynamic_quantize_lstm(
    X: Array,
    W: Array,
    R: Array,
    B: Array | None,
    sequence_lens: Array | None,
    initial_h: Array | None,
    initial_c: Array | None,
    P: Array | None,
    W_scale: Array,
    W_zero_point: Array,
    R_scale: Array,
    R_zero_point: Array,
    *,
    activation_alpha: Sequence[float] | None = None,
    activation_beta: Sequence[float] | None = None,
    activations: Sequence[str] | None = None,
    clip: float | None = None,
    direction: str = "forward",
    hidden_size: int | None = None,
    input_forget: int = 0,
) -> tuple[Array, ...]:
    """LSTM with the weights that the integers stand for.

    onnxruntime also rounds x and h to eight bits before each product, by ranges that depend on
    how it splits the batch among its threads. Here they are not rounded: a comparison shows what
    that rounding costs.
    """
    return lstm(
        X,
        dequantized(W, W_scale, W_zero_point),
        dequantized(R, R_scale, R_zero_point),
        B,
        sequence_lens,
        initial_h,
        initial_c,
        P,
        activation_alpha=activation_alpha,
        activation_beta=activation_beta,
        activations=activations,
        clip=clip,
        direction=direction,
        hidden_size=hidden_size,
        input_forget=input_forget,
    )


@specializer("DynamicQuantizeLSTM", since=1, domain=DOMAIN)
def with_constant_weights(node: NodeInfo, constants: Sequence[Any]) -> Kernel | None:
    """Dequantize once, and prepare the weights as LSTM does."""
    prepare = find_specializer("", "LSTM", LSTM_OPSET)
    needed = [constants[i] for i in (1, 2, 8, 9, 10, 11)]
    if prepare is None or any(value is None for value in needed):
        return None
    W = dequantized(constants[1], constants[8], constants[9])
    R = dequantized(constants[2], constants[10], constants[11])
    plain = replace(node, op_type="LSTM", domain="", opset=LSTM_OPSET)
    compute = prepare(plain, [None, W, R, *constants[3:8]])
    if compute is None:
        return None
    return lambda X, _W, _R, *rest: compute(X, W, R, *rest[:5])
