"""AveragePool and LpPool."""

from collections.abc import Sequence
from functools import lru_cache, reduce
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...registry import kernel
from ...run_limits import check_bytes
from ..convolution.windows import Windows, pad, windows
from .separable import combine

Array = NDArray[Any]


@kernel("AveragePool", since=1, fresh=True)
def average_pool(
    X: Array,
    *,
    auto_pad: str = "NOTSET",
    ceil_mode: int = 0,
    count_include_pad: int = 0,
    dilations: Sequence[int] | None = None,
    kernel_shape: Sequence[int],
    pads: Sequence[int] | None = None,
    strides: Sequence[int] | None = None,
) -> Array:
    """Return the mean of each window's cells, padding counted only with `count_include_pad`."""
    place = windows(
        X.shape[2:],
        kernel_shape,
        strides=strides,
        dilations=dilations,
        pads=pads,
        auto_pad=auto_pad,
        ceil_mode=ceil_mode,
    )
    wide = np.float32 if X.dtype.itemsize < 4 else X.dtype
    y = combine(np.add, pad(X, place).astype(wide, copy=False), place)
    y /= counts(X.shape[2:], place, count_include_pad != 0)
    return y.astype(X.dtype, copy=False)


@kernel("LpPool", since=2)
def lp_pool(
    X: Array,
    *,
    auto_pad: str = "NOTSET",
    ceil_mode: int = 0,
    dilations: Sequence[int] | None = None,
    kernel_shape: Sequence[int],
    p: int = 2,
    pads: Sequence[int] | None = None,
    strides: Sequence[int] | None = None,
) -> Array:
    """Return (sum of |x|^p)^(1/p) over each window."""
    place = windows(
        X.shape[2:],
        kernel_shape,
        strides=strides,
        dilations=dilations,
        pads=pads,
        auto_pad=auto_pad,
        ceil_mode=ceil_mode,
    )
    wide = np.float32 if X.dtype.itemsize < 4 else X.dtype
    powers = np.abs(pad(X, place)).astype(wide, copy=False) ** p
    return (combine(np.add, powers, place) ** (1 / p)).astype(X.dtype, copy=False)


@lru_cache(maxsize=64)
def counts(spatial: tuple[int, ...], place: Windows, include_pad: bool) -> Array:
    """Return how many cells each window averages over, shaped like the spatial output.

    A window's cells are the product of its cells along each axis, so one axis at a time is
    counted. At least 1, so that a window that lies wholly in the padding gives 0, not NaN.
    """
    check_bytes(place.output, np.int64)
    axes = []
    for axis, n in enumerate(spatial):
        begin, end = place.begins[axis], place.ends[axis]
        first = np.arange(place.output[axis]) * place.strides[axis] - begin
        low, high = (-begin, n + end) if include_pad else (0, n)
        # Cell k lies at first + k * dilation: how many of these are below `low`, and `high`?
        below = [
            np.clip(-((first - bound) // place.dilations[axis]), 0, place.kernel[axis])
            for bound in (low, high)
        ]
        axes.append(below[1] - below[0])
    count: Array = reduce(np.multiply.outer, axes)
    divisor = np.maximum(count, 1).astype(np.float32)  # exact up to 16 million cells
    divisor.flags.writeable = False
    return divisor
