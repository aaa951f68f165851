"""The RNN operator."""

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
class RNNCell:
    """h[t] = f(x[t] W^T + h[t-1] R^T + Wb + Rb), ONNX RNN-22."""

    Wt: Array
    Rt: Array
    b: Array
    f: Activation

    def scan(
        self, x: Array, times: Sequence[int], counts: Sequence[int], state: list[Array], y: Array
    ) -> None:
        """Walk over the steps; see `Cell`."""
        (h,) = state
        z = x @ self.Wt + self.b
        for t in times:
            n = counts[t]
            now = z[t, :n]
            now += h[:n] @ self.Rt
            self.f(now)
            h[:n] = y[t, :n] = now


def make_cells(
    W: Array,
    R: Array,
    B: Array | None,
    activations: Sequence[str],
    activation_alpha: Sequence[float] | None,
    activation_beta: Sequence[float] | None,
    clip: float | None,
    direction: str,
    hidden_size: int | None,
) -> list[RNNCell]:
    """Check and lay out the weights, one cell per direction."""
    count = direction_count(direction)
    weights = check_weights(W, R, B, 1, count, hidden_size)
    if len(activations) < count:
        raise ValueError(f"RNN needs {count} activations, got {list(activations)}")
    functions = parse_activations(activations[:count], activation_alpha, activation_beta, clip)
    return [
        RNNCell(
            np.ascontiguousarray(weights.W[d].T),
            np.ascontiguousarray(weights.R[d].T),
            weights.B[d, : weights.hidden] + weights.B[d, weights.hidden :],
            functions[d],
        )
        for d in range(count)
    ]


@kernel("RNN", since=7)
def rnn(
    X: Array,
    W: Array,
    R: Array,
    B: Array | None = None,
    sequence_lens: Array | None = None,
    initial_h: Array | None = None,
    *,
    activation_alpha: Sequence[float] | None = None,
    activation_beta: Sequence[float] | None = None,
    activations: Sequence[str] = ("Tanh", "Tanh"),
    clip: float | None = None,
    direction: str = "forward",
    hidden_size: int | None = None,
    layout: int = 0,
) -> tuple[Array, ...]:
    """h[t] = f(x[t] W^T + h[t-1] R^T + Wb + Rb); returns Y and Y_h."""
    cells = make_cells(
        W, R, B, activations, activation_alpha, activation_beta, clip, direction, hidden_size
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
