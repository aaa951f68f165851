"""Weights laid out for the time loop: the gates of all units computed by one product.

Gate-major arrays, [gate, row, hidden], are used throughout: each gate, and each run of
neighbouring gates, is then one contiguous block, on which NumPy's functions are fastest.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
Product = Callable[[Array, Array, Array], Any]


@dataclass(frozen=True)
class Gates:
    """A matrix that gives all gates at once, [inner, gates * hidden], and perhaps a bias.

    A single row is multiplied by ``dot`` (BLAS's gemv), more rows by ``matmul``, one gate at a
    time, straight into the gate-major result.
    """

    matrix: Array
    bias: Array | None
    """[gates, 1, hidden], or None where it is zero."""
    count: int

    def product(self, out: Array) -> tuple[Product, Array, Array]:
        """Return (f, m, target): ``f(a, m, target)`` puts ``a @ matrix`` into `out`.

        `a` is [rows, inner], `out` [gates, rows, hidden] and contiguous. No bias is added.
        """
        if out.shape[1] == 1:
            return np.dot, self.matrix, out.reshape(1, -1)
        return np.matmul, self._by_gate(), out

    def of_steps(self, x: Array) -> Array:
        """Return ``x @ matrix + bias`` of many steps, [steps, gates, rows, hidden].

        `x` is [steps, rows, inner].
        """
        steps, rows, inner = x.shape
        flat = x.reshape(steps * rows, inner)
        if rows == 1:
            result: Array = np.dot(flat, self.matrix).reshape(steps, self.count, 1, -1)
            if self.bias is not None:
                result += self.bias
            return result
        by_gate: Array = np.matmul(flat, self._by_gate())
        if self.bias is not None:
            by_gate += self.bias
        return by_gate.reshape(self.count, steps, rows, -1).swapaxes(0, 1)

    def _by_gate(self) -> Array:
        return self.matrix.reshape(len(self.matrix), self.count, -1).swapaxes(0, 1)


def gates(weights: Array, bias: Array | None, count: int, order: list[int] | None = None) -> Gates:
    """Lay out ONNX's weights [gates * hidden, inner] and bias [gates * hidden].

    `order` picks gates by their position in ONNX; all in ONNX's order where it is None.
    """
    blocks = weights.reshape(count, -1, weights.shape[1])
    rows = None if bias is None else bias.reshape(count, 1, -1)
    if order is not None:
        blocks, rows = blocks[order], None if rows is None else rows[order]
    matrix = np.ascontiguousarray(blocks.reshape(-1, weights.shape[1]).T)
    used = None if rows is None or not rows.any() else np.ascontiguousarray(rows)
    return Gates(matrix, used, len(blocks))


def scaled(layer: Gates, factors: list[float]) -> Gates:
    """Return the gates multiplied by one factor each (a power of two, so nothing is rounded)."""
    factor = np.array(factors, layer.matrix.dtype)
    matrix = layer.matrix * np.repeat(factor, layer.matrix.shape[1] // layer.count)
    bias = None if layer.bias is None else layer.bias * factor[:, None, None]
    return Gates(matrix, bias, layer.count)
