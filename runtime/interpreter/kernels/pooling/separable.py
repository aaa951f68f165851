"""Combining the cells of every window, one axis after another.

A maximum or a sum over a window of k1 x k2 cells is one over k1 rows, then over k2 columns:
k1 + k2 array operations in place of k1 * k2.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..convolution.windows import Windows

Array = NDArray[Any]


def combine(function: np.ufunc, padded: Array, place: Windows) -> Array:
    """Return a new array with `function` (associative) over the cells of each window.

    `padded` is [batch, channels, *spatial], padded as far as the windows reach.
    """
    rank = len(place.output)
    for axis in range(rank - 1):
        padded = _strided(function, padded, place, axis)
    return _dense(function, padded, place, rank - 1)


def _strided(function: np.ufunc, x: Array, place: Windows, axis: int) -> Array:
    """Combine along an axis that is not the last: its slices are still runs of whole rows."""
    stride, span = place.strides[axis], place.dilations[axis]
    stop = (place.output[axis] - 1) * stride + 1
    before = (slice(None),) * (2 + axis)
    cells = [
        x[(*before, slice(i * span, i * span + stop, stride))] for i in range(place.kernel[axis])
    ]
    if len(cells) == 1:
        return cells[0]
    y: Array = function(cells[0], cells[1])
    for cell in cells[2:]:
        function(y, cell, out=y)
    return y


def _dense(function: np.ufunc, x: Array, place: Windows, axis: int) -> Array:
    """Combine along the last axis at every position, then pick every stride-th.

    The array is taken as one long row: operations on neighbours that lie side by side are so much
    faster than on slices with a step that computing what is thrown away, what crosses from one
    row into the next included, still pays (measured: 78 against 92 us on 64 x 56 x 56, 3, step 2).
    """
    kernel, stride, span = place.kernel[axis], place.strides[axis], place.dilations[axis]
    pick = (..., slice(0, (place.output[axis] - 1) * stride + 1, stride))
    if kernel == 1:
        return x[pick].copy()
    flat = x.reshape(-1)
    room = np.empty_like(flat)
    y = room[: flat.size - (kernel - 1) * span]
    shifted = (flat[i * span : i * span + y.size] for i in range(kernel))
    function(next(shifted), next(shifted), out=y)
    for cell in shifted:
        function(y, cell, out=y)
    return room.reshape(x.shape)[pick].copy()
