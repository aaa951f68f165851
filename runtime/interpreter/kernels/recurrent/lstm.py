"""The LSTM operator."""

from collections.abc import Sequence
from typing import Any

from ...registry import Kernel, NodeInfo, kernel, specializer
from .activations import InPlace
from .gates import gates, scaled
from .lstm_cells import ORDER, DefaultLSTMCell, GeneralLSTMCell, LSTMCell, PeepholeLSTMCell
from .options import Options, Weights, check_weights
from .prepared import prepared
from .sequences import Array, recur

DEFAULTS = ("Sigmoid", "Tanh", "Tanh")


def lstm_cells(
    options: Options, W: Array, R: Array, B: Array | None, P: Array | None
) -> list[LSTMCell]:
    """Check and lay out the weights, one cell per direction."""
    weights = check_weights(options, 4, W, R, B, P)
    if options.is_default(DEFAULTS) and not options.input_forget:
        return [_default(w) for w in weights]
    functions = options.functions(DEFAULTS)
    return [_general(options, w, *f) for w, f in zip(weights, functions, strict=True)]


def _default(w: Weights) -> LSTMCell:
    halves = [0.5, 0.5, 0.5, 1.0]
    inputs, recurrent = gates(w.W, w.Wb + w.Rb, 4, ORDER), gates(w.R, None, 4, ORDER)
    inputs, recurrent = scaled(inputs, halves), scaled(recurrent, halves)
    if w.P is None:
        return DefaultLSTMCell(inputs, recurrent)
    return PeepholeLSTMCell(inputs, recurrent, 0.5 * _peepholes(w.P))


def _peepholes(P: Array) -> Array:
    """Return ONNX's peepholes of i, o, f in the order o, i, f."""
    return P.reshape(3, 1, -1)[[1, 0, 2]]


def _general(options: Options, w: Weights, f: InPlace, g: InPlace, h: InPlace) -> LSTMCell:
    return GeneralLSTMCell(
        gates(w.W, w.Wb + w.Rb, 4, ORDER),
        gates(w.R, None, 4, ORDER),
        None if w.P is None else _peepholes(w.P),
        f,
        g,
        h,
        options.input_forget != 0,
    )


@kernel("LSTM", since=7)
def lstm(
    X: Array,
    W: Array,
    R: Array,
    B: Array | None = None,
    sequence_lens: Array | None = None,
    initial_h: Array | None = None,
    initial_c: Array | None = None,
    P: Array | None = None,
    *,
    activation_alpha: Sequence[float] | None = None,
    activation_beta: Sequence[float] | None = None,
    activations: Sequence[str] | None = None,
    clip: float | None = None,
    direction: str = "forward",
    hidden_size: int | None = None,
    input_forget: int = 0,
    layout: int = 0,
) -> tuple[Array, ...]:
    """Long short-term memory, ONNX LSTM-22; returns Y, Y_h and Y_c.

    i = f(x Wi^T + h[t-1] Ri^T + Pi * c[t-1] + Wbi + Rbi), f likewise (or 1 - i, if coupled);
    g = g(x Wc^T + h[t-1] Rc^T + Wbc + Rbc);
    c[t] = f * c[t-1] + i * g;
    o = f(x Wo^T + h[t-1] Ro^T + Po * c[t] + Wbo + Rbo);
    h[t] = o * h(c[t]).
    """
    options = Options(
        activation_alpha=activation_alpha,
        activation_beta=activation_beta,
        activations=activations,
        clip=clip,
        direction=direction,
        hidden_size=hidden_size,
        input_forget=input_forget,
        layout=layout,
    )
    cells = lstm_cells(options, W, R, B, P)
    return recur(cells, options, X, sequence_lens, [initial_h, initial_c])


@specializer("LSTM", since=7)
def prepared_lstm(node: NodeInfo, constants: Sequence[Any]) -> Kernel | None:
    """Lay out constant weights once."""
    options = Options(**node.attributes)
    return prepared(lstm_cells, options, constants, weights=(1, 2, 3, 7), states=(5, 6))
