"""The GRU operator."""

from collections.abc import Sequence
from typing import Any

from ...registry import Kernel, NodeInfo, kernel, specializer
from .activations import InPlace
from .gates import gates, scaled
from .gru_cells import DefaultGRUCell, GeneralGRUCell, LinearGRUCell
from .options import Options, Weights, check_weights
from .prepared import prepared
from .sequences import Array, Cell, recur

DEFAULTS = ("Sigmoid", "Tanh")


def gru_cells(options: Options, W: Array, R: Array, B: Array | None) -> list[Cell]:
    """Check and lay out the weights, one cell per direction."""
    weights = check_weights(options, 3, W, R, B)
    if options.is_default(DEFAULTS):
        make = _linear if options.linear_before_reset else _default
        return [make(w) for w in weights]
    functions = options.functions(DEFAULTS)
    return [_general(options, w, *f) for w, f in zip(weights, functions, strict=True)]


def _default(w: Weights) -> Cell:
    return DefaultGRUCell(
        scaled(gates(w.W, w.Wb + w.Rb, 3), [0.5, 0.5, 1.0]),
        scaled(gates(w.R, None, 3, [0, 1]), [0.5, 0.5]),
        gates(w.R, None, 3, [2]),
    )


def _linear(w: Weights) -> Cell:
    halves, bias = [0.5, 0.5, 1.0], _candidate_bias(w)
    return LinearGRUCell(
        scaled(gates(w.W, _input_bias(w, apart=True), 3), halves),
        scaled(gates(w.R, None, 3), halves),
        bias if bias.any() else None,
    )


def _general(options: Options, w: Weights, f: InPlace, g: InPlace) -> Cell:
    linear = options.linear_before_reset != 0
    return GeneralGRUCell(
        gates(w.W, _input_bias(w, apart=linear), 3),
        gates(w.R, None, 3, [0, 1]),
        gates(w.R, None, 3, [2]),
        _candidate_bias(w),
        f,
        g,
        linear,
    )


def _candidate_bias(w: Weights) -> Array:
    return w.Rb[2 * w.R.shape[1] :]


def _input_bias(w: Weights, *, apart: bool) -> Array:
    """Return the bias that joins the inputs: Wb + Rb, less Rbh where it must stay apart."""
    bias = w.Wb + w.Rb
    if apart:
        bias[2 * w.R.shape[1] :] = w.Wb[2 * w.R.shape[1] :]
    return bias


@kernel("GRU", since=7)
def gru(
    X: Array,
    W: Array,
    R: Array,
    B: Array | None = None,
    sequence_lens: Array | None = None,
    initial_h: Array | None = None,
    *,
    activation_alpha: Sequence[float] | None = None,
    activation_beta: Sequence[float] | None = None,
    activations: Sequence[str] | None = None,
    clip: float | None = None,
    direction: str = "forward",
    hidden_size: int | None = None,
    layout: int = 0,
    linear_before_reset: int = 0,
) -> tuple[Array, ...]:
    """Gated recurrent unit, ONNX GRU-22; returns Y and Y_h.

    z = f(x Wz^T + h[t-1] Rz^T + Wbz + Rbz), r likewise;
    h~ = g(x Wh^T + (r * h[t-1]) Rh^T + Wbh + Rbh), or with `linear_before_reset`
    h~ = g(x Wh^T + r * (h[t-1] Rh^T + Rbh) + Wbh);
    h[t] = (1 - z) * h~ + z * h[t-1].
    """
    options = Options(
        activation_alpha=activation_alpha,
        activation_beta=activation_beta,
        activations=activations,
        clip=clip,
        direction=direction,
        hidden_size=hidden_size,
        layout=layout,
        linear_before_reset=linear_before_reset,
    )
    return recur(gru_cells(options, W, R, B), options, X, sequence_lens, [initial_h])


@specializer("GRU", since=7)
def prepared_gru(node: NodeInfo, constants: Sequence[Any]) -> Kernel | None:
    """Lay out constant weights once."""
    options = Options(**node.attributes)
    return prepared(gru_cells, options, constants, weights=(1, 2, 3), states=(5,))
