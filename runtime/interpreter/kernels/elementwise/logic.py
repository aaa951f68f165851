"""Comparisons, truth values, bits, and the choice between two tensors."""

from collections.abc import Callable
from typing import Any

import numpy as np

from ...dtypes import Array
from ...registry import kernel, specializer
from ...run_limits import SMALL, check_broadcast

BINARY: dict[str, tuple[int, Callable[..., Any]]] = {
    "And": (7, np.logical_and),
    "BitwiseAnd": (18, np.bitwise_and),
    "BitwiseOr": (18, np.bitwise_or),
    "BitwiseXor": (18, np.bitwise_xor),
    "Equal": (7, np.equal),
    "Greater": (7, np.greater),
    "GreaterOrEqual": (12, np.greater_equal),
    "Less": (7, np.less),
    "LessOrEqual": (12, np.less_equal),
    "Or": (7, np.logical_or),
    "Xor": (7, np.logical_xor),
}
"""Operators that are one NumPy ufunc of A and B, with the opset that gave them broadcasting."""


def _kernel_of(function: Callable[..., Any]) -> Callable[[Array, Array], Any]:
    def compute(A: Array, B: Array) -> Any:
        return function(A, B)

    compute.__name__ = function.__name__
    return compute


for _name, (_since, _function) in BINARY.items():
    kernel(_name, since=_since)(_kernel_of(_function))
    specializer(_name, since=_since)(lambda node, constants, _f=_function: _f)


@kernel("BitShift", since=11)
def bit_shift(X: Array, Y: Array, *, direction: str) -> Any:
    """X shifted by Y bits, LEFT or RIGHT; to the right the sign is kept."""
    if direction not in ("LEFT", "RIGHT"):
        raise ValueError(f"direction is {direction!r}, but it must be LEFT or RIGHT")
    if X.size * Y.size >= SMALL:
        check_broadcast(X, Y)
    return np.left_shift(X, Y) if direction == "LEFT" else np.right_shift(X, Y)


@kernel("Where", since=9)
def where(condition: Array, X: Array, Y: Array) -> Array:
    """X where `condition` holds, else Y."""
    if condition.size * X.size * Y.size >= SMALL:
        check_broadcast(condition, X, Y)
    return np.where(condition, X, Y)
