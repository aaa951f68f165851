"""DynamicQuantizeLSTM, which ``onnxruntime.quantization.quantize_dynamic`` makes of an LSTM."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np

from ...dtypes import Array
from ...registry import Kernel, NodeInfo, kernel, specializer
from ..recurrent.gates import Gates, Product
from ..recurrent.lstm import lstm_cells
from ..recurrent.lstm_cells import LSTMCell
from ..recurrent.options import Options
from ..recurrent.prepared import prepared
from ..recurrent.sequences import recur
from .rounding import DOMAIN, OTHER_ROUNDING, rounded_to_bytes, rounding_into


def dequantized(values: Array, scale: Array, zero_point: Array) -> Array:
    """Return the weights [directions, 4 hidden, width] of quantized ones with the axes swapped.

    A scale and a zero point stand for a direction, [directions], or for each of its columns,
    [directions, 4 hidden].
    """
    directions = len(values)
    zero = zero_point.reshape(directions, 1, -1).astype(scale.dtype)
    wide = (values.astype(scale.dtype) - zero) * scale.reshape(directions, 1, -1)
    return np.swapaxes(wide, 1, 2)


@dataclass(frozen=True)
class RoundingGates(Gates):
    """Gates that round the hidden state to bytes before each product."""

    axes: tuple[int, ...] | None = None
    """Axes of the state [rows, hidden] that share one range; None for all."""

    def product(self, out: Array) -> tuple[Product, Array, Array]:
        """As `Gates.product`."""
        multiply, matrix, target = super().product(out)
        room = np.empty((out.shape[1], len(self.matrix)), self.matrix.dtype)
        one_range = self.axes is None and room.size
        rounded = rounding_into(room) if one_range else partial(rounded_to_bytes, axes=self.axes)

        def product(h: Array, matrix: Array, target: Array) -> Any:
            return multiply(rounded(h), matrix, target)

        return product, matrix, target


def rounding_cells(
    axes: tuple[int, ...] | None,
    options: Options,
    W: Array,
    R: Array,
    B: Array | None,
    P: Array | None,
    *scales_and_zero_points: Array,
) -> list[LSTMCell]:
    """Check and lay out the weights that the integers stand for, one cell per direction."""
    W_scale, W_zero_point, R_scale, R_zero_point = scales_and_zero_points
    wide_W = dequantized(W, W_scale, W_zero_point)
    cells = lstm_cells(options, wide_W, dequantized(R, R_scale, R_zero_point), B, P)
    return [
        replace(cell, recurrent=RoundingGates(**vars(cell.recurrent), axes=axes)) for cell in cells
    ]


def rounded_input(X: Array, sequence_lens: Array | None, node: NodeInfo) -> Array:
    """Return `X` [time, batch, width] rounded to bytes, by the range of the steps computed."""
    axes = (0, 2) if node.domain == OTHER_ROUNDING and X.ndim == 3 else None
    if sequence_lens is None or not sequence_lens.size:
        return rounded_to_bytes(X, axes)
    return rounded_to_bytes(X, axes, X[: max(0, int(sequence_lens.max()))])


def _state_axes(node: NodeInfo) -> tuple[int, ...] | None:
    return (1,) if node.domain == OTHER_ROUNDING else None


@kernel("DynamicQuantizeLSTM", since=1, domain=OTHER_ROUNDING)
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
    node: NodeInfo,
) -> tuple[Array, ...]:
    """LSTM with the weights that the integers stand for, x and h rounded to bytes.

    The range of x is taken over all steps, that of h at each step over the rows that run then.
    onnxruntime with several threads splits the batch among them, each part with a range of its
    own, and counts rows that ended at the last step: both round otherwise, none of them wrongly.
    """
    options = Options(
        activation_alpha=activation_alpha,
        activation_beta=activation_beta,
        activations=activations,
        clip=clip,
        direction=direction,
        hidden_size=hidden_size,
        input_forget=input_forget,
    )
    scales = (W_scale, W_zero_point, R_scale, R_zero_point)
    cells = rounding_cells(_state_axes(node), options, W, R, B, P, *scales)
    x = rounded_input(X, sequence_lens, node)
    return recur(cells, options, x, sequence_lens, [initial_h, initial_c])


@specializer("DynamicQuantizeLSTM", since=1, domain=OTHER_ROUNDING)
@specializer("DynamicQuantizeLSTM", since=1, domain=DOMAIN)
def with_constant_weights(node: NodeInfo, constants: Sequence[Any]) -> Kernel | None:
    """Dequantize and lay out constant weights once."""
    if any(constants[place] is None for place in (1, 2, 8, 9, 10, 11)):
        return None
    weights = (1, 2, 3, 7, 8, 9, 10, 11)
    options = Options(**node.attributes)
    build = partial(rounding_cells, _state_axes(node))
    run = prepared(build, options, constants, weights=weights, states=(5, 6))
    if run is None:
        return None
    return lambda X, *rest: run(rounded_input(X, rest[3], node), *rest)
