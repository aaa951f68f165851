"""ConvInteger and QLinearConv: convolutions of 8-bit integers, summed exactly.

The sums are computed by floating-point matrix products, which are exact as long as every partial
sum is an integer that the mantissa holds; BLAS has no integer product, and NumPy's own is slow.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...registry import kernel
from ..casting.quantize import rounded
from .conv import check_filter, convolve
from .windows import windows

Array = NDArray[Any]
Ints = Sequence[int]


@kernel("ConvInteger", since=10)
def conv_integer(
    x: Array,
    w: Array,
    x_zero_point: Array | None = None,
    w_zero_point: Array | None = None,
    *,
    auto_pad: str = "NOTSET",
    dilations: Ints | None = None,
    group: int = 1,
    kernel_shape: Ints | None = None,
    pads: Ints | None = None,
    strides: Ints | None = None,
) -> Array:
    """Convolve (x - x_zero_point) with (w - w_zero_point), padded with zeros, into int32.

    `w_zero_point` is a scalar or one value per feature.
    """
    check_filter(x, w, group, kernel_shape)
    place = windows(
        x.shape[2:],
        w.shape[2:],
        strides=strides,
        dilations=dilations,
        pads=pads,
        auto_pad=auto_pad,
    )
    exact = exact_float(w[0].size)
    centred = x.astype(exact) - (0 if x_zero_point is None else x_zero_point.astype(exact))
    weights = w.astype(exact)
    if w_zero_point is not None:
        weights -= per_feature(w_zero_point.astype(exact), w.ndim)
    return convolve(centred, weights, place, group).astype(np.int64).astype(np.int32)


@kernel("QLinearConv", since=10)
def qlinear_conv(
    x: Array,
    x_scale: Array,
    x_zero_point: Array,
    w: Array,
    w_scale: Array,
    w_zero_point: Array,
    y_scale: Array,
    y_zero_point: Array,
    B: Array | None = None,
    *,
    auto_pad: str = "NOTSET",
    dilations: Ints | None = None,
    group: int = 1,
    kernel_shape: Ints | None = None,
    pads: Ints | None = None,
    strides: Ints | None = None,
) -> Array:
    """Return saturate(round(conv(x, w) * x_scale * w_scale / y_scale) + y_zero_point).

    B is int32 in units of x_scale * w_scale; halves round to even.
    """
    total = conv_integer(
        x,
        w,
        x_zero_point,
        w_zero_point,
        auto_pad=auto_pad,
        dilations=dilations,
        group=group,
        kernel_shape=kernel_shape,
        pads=pads,
        strides=strides,
    )
    return requantized(total, x_scale, w_scale, y_scale, y_zero_point, B)


def requantized(
    total: Array,
    x_scale: Array,
    w_scale: Array,
    y_scale: Array,
    y_zero_point: Array,
    B: Array | None = None,
) -> Array:
    """Return the sums `total`, int32, which may be overwritten, as QLinearConv's output."""
    if B is not None:
        total += B.reshape(-1, *[1] * (total.ndim - 2))
    scale = x_scale * per_feature(w_scale, total.ndim - 1) / y_scale
    y: Array = rounded(total * scale, y_zero_point, y_zero_point.dtype)
    return y


def exact_float(terms: int) -> type[np.floating[Any]]:
    """Return the smallest float type that sums `terms` products of 9-bit integers exactly.

    >>> exact_float(9).__name__, exact_float(10_000).__name__
    ('float32', 'float64')
    """
    return np.float32 if terms * 255 * 255 <= 2**24 else np.float64


def per_feature(value: Array, rank: int) -> Array:
    """Shape a scalar or one value per feature as [features, 1, ...] of `rank` dimensions."""
    return value if value.size == 1 else value.reshape(-1, *[1] * (rank - 1))
