"""The lecture's toy LSTM: one cell whose weights are chosen by hand and whose answer is known.

Source: Hung-yi Lee's course, "common network structures". At each step the cell takes x1, x2, x3:
x2 = 1 adds x1 to the memory, x2 = -1 clears it, x3 = 1 emits it. Cell input and cell output are
the identity, the gates are sigmoids::

    z = x1                     i = sigmoid(100 x2 - 10)
    f = sigmoid(100 x2 + 10)   o = sigmoid(100 x3 - 10)
    c' = f c + i z             y = o c'
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...graphs import LSTMWeights, Network

TOY = "toy_lstm"

STEPS = (
    # x1, x2, x3, y
    (1, 0, 0, 0),
    (3, 1, 0, 0),
    (2, 0, 0, 0),
    (4, 1, 0, 0),
    (2, 0, 0, 0),
    (1, 0, 1, 7),
    (3, -1, 0, 0),
    (6, 1, 0, 0),
    (1, 0, 1, 6),
)
"""The lecture's nine steps, and what the cell answers at each."""

TOLERANCE = 1e-3
"""The gates saturate at sigmoid(+-10), which is 4.5e-5 short of 0 and 1."""


def inputs() -> NDArray[np.float32]:
    """Return the lecture's input, float32 ``[1, 9, 3]``."""
    return np.array(STEPS, np.float32)[None, :, :3]


def answer() -> NDArray[np.float32]:
    """Return the lecture's answer, float32 ``[1, 9, 1]``."""
    return np.array(STEPS, np.float32)[None, :, 3:]


def arrays() -> dict[str, NDArray[Any]]:
    """Return the cell's weights, rows in the order i, o, f, c: W ``[4, 3]``, R ``[4, 1]``, b."""
    rows = ([0, 100, 0], [0, 0, 100], [0, 100, 0], [1, 0, 0])
    return {
        "W": np.array(rows, np.float32),
        "R": np.zeros((4, 1), np.float32),
        "b": np.array([-10, -10, 10, 0], np.float32),
    }


def build_toy() -> Network:
    """Return the cell as a net from ``x`` ``batch time 3`` to ``y`` ``batch time 1``."""
    net = Network(TOY)
    w, r, b = arrays().values()
    weights = LSTMWeights(w[None], r[None], np.concatenate([b, np.zeros_like(b)])[None])
    cell = net.lstm(
        net.input("x", "batch time 3"),
        weights,
        activations=("sigmoid", "identity", "identity"),
        name="cell",
    )
    net.output("y", cell.sequence)
    return net
