"""The Conv operator."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...registry import kernel
from ...run_limits import check_bytes
from .columns import columns, every_window, parts
from .windows import Windows, pad, windows

Array = NDArray[Any]

ROOM = 2**22
"""Bytes of gathered windows at a time."""


@kernel("Conv", since=1, fresh=True)
def conv(
    X: Array,
    W: Array,
    B: Array | None = None,
    *,
    auto_pad: str = "NOTSET",
    dilations: Sequence[int] | None = None,
    group: int = 1,
    kernel_shape: Sequence[int] | None = None,
    pads: Sequence[int] | None = None,
    strides: Sequence[int] | None = None,
) -> Array:
    """y[n, m, p] = b[m] + sum over c, k of W[m, c, k] x[n, c, p * stride + k * dilation - pad].

    X is [batch, channels, *spatial], W [features, channels / group, *kernel], B [features].
    float16 and bfloat16 are computed in float32 and rounded once.
    """
    check_filter(X, W, group, kernel_shape)
    place = windows(
        X.shape[2:],
        W.shape[2:],
        strides=strides,
        dilations=dilations,
        pads=pads,
        auto_pad=auto_pad,
    )
    wide = np.float32 if X.dtype.itemsize < 4 else X.dtype
    y = convolve(X.astype(wide, copy=False), W.astype(wide, copy=False), place, group)
    if B is not None:
        y += B.reshape(-1, *[1] * len(place.output))
    return y.astype(X.dtype, copy=False)


def convolve(X: Array, W: Array, place: Windows, group: int) -> Array:
    """Convolve by matrix products, one per row of the batch and group.

    The windows' cells are gathered for as many rows of the batch, or of the output, at a time as
    `ROOM` allows: the gathered matrix is as many times greater than X as a window has cells.
    """
    padded = pad(X, place)
    batch, features = X.shape[0], W.shape[0]
    check_bytes((batch, features, *place.output), X.dtype)
    matrix = W.reshape(group, features // group, math.prod(W.shape[1:]))
    row = group * matrix.shape[2] * math.prod(place.output[1:]) * X.itemsize
    rows = max(1, ROOM // max(1, row))
    if max(place.kernel) > 1:
        check_bytes((rows, row), np.uint8)
    if batch * place.output[0] <= rows or max(place.kernel) == 1:
        y: Array = np.matmul(matrix, _cells(padded, place, group))
        return y.reshape(batch, features, *place.output)
    y = np.empty((batch, features, *place.output), X.dtype)
    for part, lines in parts(batch, place.output[0], rows):
        cut = place.cut(lines)
        some = padded[part, :, lines.start * place.strides[0] :][:, :, : cut.reach[0]]
        result = np.matmul(matrix, _cells(some, cut, group))
        y[part, :, lines] = result.reshape(len(result), features, *cut.output)
    return y


def _cells(padded: Array, place: Windows, group: int) -> Array:
    """Return the matrices [batch, group, cells, windows] that the weights multiply."""
    gathered = (every_window if max(place.kernel) == 1 else columns)(padded, place)
    return gathered.reshape(len(padded), group, gathered.shape[1] // group, gathered.shape[2])


def check_filter(X: Array, W: Array, group: int, kernel_shape: Sequence[int] | None) -> None:
    """Check the ranks and channels of a convolution's input against its filter."""
    if X.ndim < 3 or W.ndim != X.ndim:
        raise ValueError(
            f"X and W must have the same number of dimensions, at least 3, "
            f"got {list(X.shape)} and {list(W.shape)}"
        )
    if group < 1 or X.shape[1] != group * W.shape[1] or W.shape[0] % group:
        raise ValueError(
            f"with group {group}, X {list(X.shape)} needs W of {X.shape[1]}/{group} channels "
            f"and a multiple of {group} features, got W {list(W.shape)}"
        )
    if kernel_shape is not None and tuple(kernel_shape) != W.shape[2:]:
        raise ValueError(f"kernel_shape {list(kernel_shape)} contradicts W {list(W.shape)}")
