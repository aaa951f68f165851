"""The LSTM operator."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...registry import kernel
from .activations import Activation, parse_activations
from .sequences import check_weights, direction_count, recur

Array = NDArray[Any]


@dataclass(frozen=True)
class LSTMCell:
    """ONNX LSTM-22, gates in the order i, o, f, c; peepholes P in the order i, o, f.

    i = f(x Wi^T + h Ri^T + Pi * c[t-1] + Wbi + Rbi), f likewise;
    g = g(x Wc^T + h Rc^T + Wbc + Rbc);
    c[t] = f * c[t-1] + i * g;
    o = f(x Wo^T + h Ro^T + Po * c[t] + Wbo + Rbo);
    h[t] = o * h(c[t]).
    """

    Wt: Array
    Rt: Array
    b: Array
    P: Array | None
    f: Activation
    g: Activation
    h: Activation
    input_forget: bool

    def scan(
        self, x: Array, times: Sequence[int], counts: Sequence[int], state: list[Array], y: Array
    ) -> None:
        """Walk over the steps; see `Cell`."""
        h, c = state
        size = h.shape[1]
        inputs = x @ self.Wt + self.b
        for t in times:
            n = counts[t]
            z = inputs[t, :n]
            z += h[:n] @ self.Rt
            y[t, :n] = self._step(z, c[:n], size)
            h[:n] = y[t, :n]

    def _step(self, z: Array, c: Array, size: int) -> Array:
        i, o, f, g = (z[:, k * size : (k + 1) * size] for k in range(4))
        if self.P is not None:
            i += self.P[:size] * c
            f += self.P[2 * size :] * c
        self.f(i)
        self.f(f)
        self.g(g)
        c *= 1 - i if self.input_forget else f
        c += i * g
        if self.P is not None:
            o += self.P[size : 2 * size] * c
        self.f(o)
        out = c.copy()
        self.h(out)
        out *= o
        return out


def make_cells(
    W: Array,
    R: Array,
    B: Array | None,
    P: Array | None,
    activations: Sequence[str] | None,
    activation_alpha: Sequence[float] | None,
    activation_beta: Sequence[float] | None,
    clip: float | None,
    direction: str,
    hidden_size: int | None,
    input_forget: int,
) -> list[LSTMCell]:
    """Check and lay out the weights, one cell per direction."""
    count = direction_count(direction)
    weights = check_weights(W, R, B, 4, count, hidden_size)
    hidden = weights.hidden
    if P is not None and P.shape != (count, 3 * hidden):
        raise ValueError(f"P must be {[count, 3 * hidden]}, got {list(P.shape)}")
    names = activations or ["Sigmoid", "Tanh", "Tanh"] * count
    if len(names) != 3 * count:
        raise ValueError(f"LSTM needs {3 * count} activations, got {list(names)}")
    functions = parse_activations(names, activation_alpha, activation_beta, clip)
    return [
        LSTMCell(
            np.ascontiguousarray(weights.W[d].T),
            np.ascontiguousarray(weights.R[d].T),
            weights.B[d, : 4 * hidden] + weights.B[d, 4 * hidden :],
            None if P is None else P[d].astype(weights.W.dtype, copy=False),
            functions[3 * d],
            functions[3 * d + 1],
            functions[3 * d + 2],
            input_forget != 0,
        )
        for d in range(count)
    ]


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
    """Long short-term memory (equations in `LSTMCell`); returns Y, Y_h and Y_c."""
    cells = make_cells(
        W,
        R,
        B,
        P,
        activations,
        activation_alpha,
        activation_beta,
        clip,
        direction,
        hidden_size,
        input_forget,
    )
    return recur(
        cells,
        X,
        sequence_lens,
        [initial_h, initial_c],
        hidden=R.shape[2],
        direction=direction,
        layout=layout,
    )
