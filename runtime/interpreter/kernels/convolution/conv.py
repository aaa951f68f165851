"""The Conv operator."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from ...registry import kernel
from .windows import Windows, pad, windows

Array = NDArray[Any]


@kernel("Conv", since=1)
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
    y = convolve(X, W, place, group)
    if B is not None:
        y += B.reshape(-1, *[1] * len(place.output))
    return y


def convolve(X: Array, W: Array, place: Windows, group: int) -> Array:
    """Convolve by one matrix product per row of the batch and group, over gathered windows."""
    batch, features = X.shape[0], W.shape[0]
    columns = gather(pad(X, place), place).reshape(batch, group, W[0].size, -1)
    y = W.reshape(group, features // group, -1) @ columns
    return y.reshape(batch, features, *place.output)


def gather(padded: Array, place: Windows) -> Array:
    """Return the windows' cells, [batch, channels, *kernel, *output] (im2col), as a view."""
    rank = len(place.kernel)
    spans = [(k - 1) * d + 1 for k, d in zip(place.kernel, place.dilations, strict=True)]
    view = sliding_window_view(padded, spans, axis=tuple(range(2, 2 + rank)))
    steps = [slice(None, None, s) for s in place.strides]
    cells = [slice(None, None, d) for d in place.dilations]
    crop = [slice(0, n) for n in place.output]
    view = view[(slice(None), slice(None), *steps, *cells)][(slice(None), slice(None), *crop)]
    return np.moveaxis(view, range(2 + rank, 2 + 2 * rank), range(2, 2 + rank))


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
