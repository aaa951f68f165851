"""The ConvTranspose operator."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...registry import kernel
from ...run_limits import check_bytes
from .windows import ALL, Windows

Array = NDArray[Any]
Ints = Sequence[int]

SLICES = 300
"""Bytes of the slices that pick one cell of every window."""


@kernel("ConvTranspose", since=1, fresh=True)
def conv_transpose(
    X: Array,
    W: Array,
    B: Array | None = None,
    *,
    auto_pad: str = "NOTSET",
    dilations: Ints | None = None,
    group: int = 1,
    kernel_shape: Ints | None = None,
    output_padding: Ints | None = None,
    output_shape: Ints | None = None,
    pads: Ints | None = None,
    strides: Ints | None = None,
) -> Array:
    """Spread each input cell, times the filter, over the output: the transpose of Conv.

    X is [batch, channels, *spatial], W [channels, features / group, *kernel], B [features].
    """
    _check(X, W, group, kernel_shape)
    rank = X.ndim - 2
    strides, dilations = list(strides or [1] * rank), list(dilations or [1] * rank)
    extra = list(output_padding or [0] * rank)
    full = [
        s * (n - 1) + e + (k - 1) * d + 1
        for s, n, e, k, d in zip(strides, X.shape[2:], extra, W.shape[2:], dilations, strict=True)
    ]
    begins, sizes = _crop(full, X.shape[2:], strides, auto_pad, output_shape, pads)
    wide = np.float32 if X.dtype.itemsize < 4 else X.dtype
    x, w = X.astype(wide, copy=False), W.astype(wide, copy=False)
    y = _spread(x, w, strides, dilations, group, begins, sizes)
    if B is not None:
        y += B.reshape(-1, *[1] * rank)
    return y.astype(X.dtype, copy=False)


def _crop(
    full: Ints,
    spatial: Ints,
    strides: Ints,
    auto_pad: str,
    output_shape: Ints | None,
    pads: Ints | None,
) -> tuple[list[int], list[int]]:
    """Return how many cells of the full result are cut in front, and how many are kept.

    Where the output's size is given (or is input * stride, with SAME_*), the rest is cut half in
    front and half behind; an odd cell is cut behind with SAME_UPPER, else in front.
    """
    rank = len(full)
    if auto_pad in ("SAME_UPPER", "SAME_LOWER") and output_shape is None:
        output_shape = [n * s for n, s in zip(spatial, strides, strict=True)]
    if output_shape is None:
        pads = [0] * 2 * rank if auto_pad == "VALID" else list(pads or [0] * 2 * rank)
        sizes = [f - pads[a] - pads[a + rank] for a, f in enumerate(full)]
        if min(sizes, default=1) < 1:
            raise ValueError(f"pads {pads} leave {sizes} cells of {list(full)}")
        return pads[:rank], sizes
    cut = [max(0, f - n) for f, n in zip(full, output_shape[-rank:], strict=True)]
    small = auto_pad == "SAME_UPPER"
    return [c // 2 if small else c - c // 2 for c in cut], list(output_shape[-rank:])


def _spread(
    X: Array, W: Array, strides: Ints, dilations: Ints, group: int, begins: Ints, sizes: Ints
) -> Array:
    """Multiply once, then add the result of each filter cell where it belongs."""
    batch, channels, *spatial = X.shape
    kernel_shape = W.shape[2:]
    check_bytes((batch, group * W.shape[1], *kernel_shape, *spatial), X.dtype)
    check_bytes((*kernel_shape, SLICES), np.uint8)
    matrix = W.reshape(group, channels // group, -1).swapaxes(1, 2)
    columns = matrix @ X.reshape(batch, group, channels // group, math.prod(spatial))
    columns = columns.reshape(batch, group * W.shape[1], *kernel_shape, *spatial)
    zeros = (0,) * len(spatial)
    place = Windows(
        tuple(kernel_shape), tuple(strides), tuple(dilations), zeros, zeros, tuple(spatial)
    )
    room = [max(r, b + n) for r, b, n in zip(place.reach, begins, sizes, strict=True)]
    check_bytes((batch, group * W.shape[1], *room), columns.dtype)
    y = np.zeros((batch, group * W.shape[1], *room), columns.dtype)
    for cell, target in zip(np.ndindex(*kernel_shape), place.offsets(), strict=True):
        y[target] += columns[(ALL, ALL, *cell)]
    keep = [slice(b, b + n) for b, n in zip(begins, sizes, strict=True)]
    return np.ascontiguousarray(y[(ALL, ALL, *keep)])


def _check(X: Array, W: Array, group: int, kernel_shape: Ints | None) -> None:
    if X.ndim < 3 or W.ndim != X.ndim:
        raise ValueError(
            f"X and W must have the same number of dimensions, at least 3, "
            f"got {list(X.shape)} and {list(W.shape)}"
        )
    if group < 1 or X.shape[1] != W.shape[0] or W.shape[0] % group:
        raise ValueError(
            f"X {list(X.shape)} needs W of {X.shape[1]} channels, a multiple of group {group}, "
            f"got W {list(W.shape)}"
        )
    if kernel_shape is not None and tuple(kernel_shape) != W.shape[2:]:
        raise ValueError(f"kernel_shape {list(kernel_shape)} contradicts W {list(W.shape)}")
