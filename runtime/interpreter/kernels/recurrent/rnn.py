"""The RNN operator."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ...registry import Kernel, NodeInfo, kernel, specializer
from .activations import InPlace
from .gates import Gates, gates
from .options import Options, check_weights
from .prepared import prepared
from .sequences import Array, recur

DEFAULTS = ("Tanh",)


@dataclass(frozen=True)
class RNNCell:
    """h[t] = f(x[t] W^T + h[t-1] R^T + Wb + Rb), ONNX RNN-22."""

    inputs: Gates
    recurrent: Array
    """R^T, [hidden, hidden]."""
    f: InPlace

    def run(self, products: Array, outs: Array, state: Sequence[Array]) -> None:
        """Run over some steps; see `Cell`."""
        (last,) = state
        h, dot, add, R, f = last, np.dot, np.add, self.recurrent, self.f
        for product, out in zip(products[:, 0], outs, strict=True):
            dot(h, R, out)  # R h[t-1]
            add(out, product, out)  # + W x[t] + b
            f(out)  # h[t] = f(...)
            h = out
        last[...] = h


def rnn_cells(options: Options, W: Array, R: Array, B: Array | None) -> list[RNNCell]:
    """Check and lay out the weights, one cell per direction."""
    functions = options.functions(DEFAULTS)
    return [
        RNNCell(gates(w.W, w.Wb + w.Rb, 1), np.ascontiguousarray(w.R.T), f)
        for w, (f,) in zip(check_weights(options, 1, W, R, B), functions, strict=True)
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
    options = Options(
        activation_alpha=activation_alpha,
        activation_beta=activation_beta,
        activations=activations,
        clip=clip,
        direction=direction,
        hidden_size=hidden_size,
        layout=layout,
    )
    return recur(rnn_cells(options, W, R, B), options, X, sequence_lens, [initial_h])


@specializer("RNN", since=7)
def prepared_rnn(node: NodeInfo, constants: Sequence[Any]) -> Kernel | None:
    """Lay out constant weights once."""
    options = Options(**node.attributes)
    return prepared(rnn_cells, options, constants, weights=(1, 2, 3), states=(5,))
