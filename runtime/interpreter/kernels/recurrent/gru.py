"""The GRU operator."""

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
class GRUCell:
    """ONNX GRU-22, gates in the order z (update), r (reset), h (candidate).

    z = f(x Wz^T + h Rz^T + Wbz + Rbz), r likewise;
    h~ = g(x Wh^T + (r * h) Rh^T + Wbh + Rbh), or with `linear_before_reset`
    h~ = g(x Wh^T + r * (h Rh^T + Rbh) + Wbh);
    h[t] = (1 - z) * h~ + z * h[t-1].
    """

    Wt: Array
    Rt: Array
    Wb: Array
    Rb: Array
    f: Activation
    g: Activation
    linear_before_reset: bool

    def scan(
        self, x: Array, times: Sequence[int], counts: Sequence[int], state: list[Array], y: Array
    ) -> None:
        """Walk over the steps; see `Cell`."""
        (h,) = state
        size = h.shape[1]
        inputs = x @ self.Wt + self.Wb
        Rzr, Rh = self.Rt[:, : 2 * size], self.Rt[:, 2 * size :]
        for t in times:
            n = counts[t]
            old, gates, candidate = h[:n], inputs[t, :n, : 2 * size], inputs[t, :n, 2 * size :]
            gates += old @ Rzr + self.Rb[: 2 * size]
            self.f(gates)
            z, r = gates[:, :size], gates[:, size:]
            if self.linear_before_reset:
                candidate += r * (old @ Rh + self.Rb[2 * size :])
            else:
                candidate += (r * old) @ Rh + self.Rb[2 * size :]
            self.g(candidate)
            y[t, :n] = (1 - z) * candidate + z * old
            h[:n] = y[t, :n]


def make_cells(
    W: Array,
    R: Array,
    B: Array | None,
    activations: Sequence[str] | None,
    activation_alpha: Sequence[float] | None,
    activation_beta: Sequence[float] | None,
    clip: float | None,
    direction: str,
    hidden_size: int | None,
    linear_before_reset: int,
) -> list[GRUCell]:
    """Check and lay out the weights, one cell per direction."""
    count = direction_count(direction)
    weights = check_weights(W, R, B, 3, count, hidden_size)
    names = activations or ["Sigmoid", "Tanh"] * count
    if len(names) != 2 * count:
        raise ValueError(f"GRU needs {2 * count} activations, got {list(names)}")
    functions = parse_activations(names, activation_alpha, activation_beta, clip)
    return [
        GRUCell(
            np.ascontiguousarray(weights.W[d].T),
            np.ascontiguousarray(weights.R[d].T),
            weights.B[d, : 3 * weights.hidden],
            weights.B[d, 3 * weights.hidden :],
            functions[2 * d],
            functions[2 * d + 1],
            linear_before_reset != 0,
        )
        for d in range(count)
    ]


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
    """Gated recurrent unit (equations in `GRUCell`); returns Y and Y_h."""
    cells = make_cells(
        W,
        R,
        B,
        activations,
        activation_alpha,
        activation_beta,
        clip,
        direction,
        hidden_size,
        linear_before_reset,
    )
    return recur(
        cells,
        X,
        sequence_lens,
        [initial_h],
        hidden=R.shape[2],
        direction=direction,
        layout=layout,
    )
