"""Comparisons, truth values, bits, and the choice between two tensors."""

from typing import Any

import numpy as np

from ...dtypes import Array
from ...registry import kernel
from .ufuncs import register

BINARY: dict[str, tuple[int, np.ufunc]] = {
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


for _name, (_since, _ufunc) in BINARY.items():
    register(_name, _ufunc, "A", "B", since=_since, growth="broadcast")


@kernel("BitShift", since=11, growth="broadcast")
def bit_shift(X: Array, Y: Array, *, direction: str) -> Any:
    """X shifted by Y bits, LEFT or RIGHT; to the right the sign is kept."""
    if direction not in ("LEFT", "RIGHT"):
        raise ValueError(f"direction is {direction!r}, but it must be LEFT or RIGHT")
    return np.left_shift(X, Y) if direction == "LEFT" else np.right_shift(X, Y)


@kernel("Where", since=9, fresh=True, growth="broadcast")
def where(condition: Array, X: Array, Y: Array) -> Array:
    """X where `condition` holds, else Y."""
    return np.where(condition, X, Y)
