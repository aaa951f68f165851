"""Checking how large the inputs broadcast together are, before the result is made."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .run_limits import check_bytes

Array = NDArray[Any]

SMALL = 1 << 25
"""Elements that inputs may broadcast to, by the product of their sizes, without being asked about:
the question would take longer than the work."""


def check_broadcast(*arrays: Array) -> None:
    """Refuse to broadcast `arrays` together where the result is larger than a run may make.

    It takes as long as a small operator: ask where the product of their sizes reaches `SMALL`.
    """
    first = arrays[0].shape
    if any(array.shape != first for array in arrays):
        width = max(array.dtype.itemsize for array in arrays)
        check_bytes(np.broadcast(*arrays).shape, f"V{width}")


def asking(function: Callable[..., Any], count: int) -> Callable[..., Any]:
    """Return `function` with a check of what its `count` inputs broadcast to before it runs."""

    def compute(*inputs: Any) -> Any:
        size = 1
        for x in inputs:
            size *= x.size
        if size >= SMALL:
            check_broadcast(*inputs)
        return function(*inputs)

    def compute_two(a: Any, b: Any) -> Any:
        if a.size * b.size >= SMALL:
            check_broadcast(a, b)
        return function(a, b)

    return compute_two if count == 2 else compute  # for two it takes half the time
