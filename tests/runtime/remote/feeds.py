"""Inputs and outputs of the tests' net."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

Arrays = dict[str, NDArray[Any]]

X = np.arange(6, dtype=np.float32).reshape(2, 3) / np.float32(7)
FEEDS: Arrays = {"x": X, "shift": np.array([2**53 + 1, -1])}
WANTED: Arrays = {
    "y": X * np.array([1, 2, 3], np.float32),
    "sums": np.array([2**54 + 2, -2]),
}
