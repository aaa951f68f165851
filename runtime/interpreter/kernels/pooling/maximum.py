"""MaxPool and MaxUnpool."""

import math
from collections.abc import Sequence
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from ...registry import NodeInfo, kernel
from ...run_limits import check_bytes, integers
from ..convolution.windows import Windows, pad, windows
from .separable import combine

Array = NDArray[Any]

MOST = 2**20
"""Cells of a window that indices are found for; each takes an operation on the whole output."""


@kernel("MaxPool", since=1, fresh=True)
def max_pool(
    X: Array,
    *,
    auto_pad: str = "NOTSET",
    ceil_mode: int = 0,
    dilations: Sequence[int] | None = None,
    kernel_shape: Sequence[int],
    pads: Sequence[int] | None = None,
    storage_order: int = 0,
    strides: Sequence[int] | None = None,
    node: NodeInfo | None = None,
) -> Array | tuple[Array, Array]:
    """Return the greatest cell of each window, and its flat index in X where that is wanted."""
    place = windows(
        X.shape[2:],
        kernel_shape,
        strides=strides,
        dilations=dilations,
        pads=pads,
        auto_pad=auto_pad,
        ceil_mode=ceil_mode,
    )
    padded = pad(X, place, lowest(X.dtype))
    if node is not None and len(node.outputs) > 1 and node.outputs[1]:
        return _with_indices(padded, X.shape, place, storage_order)
    return combine(np.maximum, padded, place)


def lowest(dtype: np.dtype[Any]) -> float | int:
    """Return the value that no maximum can be below."""
    return int(np.iinfo(dtype).min) if np.issubdtype(dtype, np.integer) else -np.inf


def _with_indices(
    padded: Array, shape: tuple[int, ...], place: Windows, storage_order: int
) -> tuple[Array, Array]:
    """Compare cell by cell and remember which input cell won."""
    if math.prod(place.kernel) > MOST:
        raise ValueError(f"indices need windows of at most {MOST} cells, got {place.kernel}")
    order: Literal["C", "F"] = "F" if storage_order else "C"
    check_bytes(shape[2:], np.int64)
    plane = np.arange(math.prod(shape[2:])).reshape(shape[2:], order=order)
    numbers = pad(plane[None, None], place, 0)
    first, *rest = place.offsets()
    y = padded[first].copy()
    index = np.broadcast_to(numbers[first], y.shape).copy()
    for cell in rest:
        now = padded[cell]
        better = now > y
        np.copyto(y, now, where=better)
        np.copyto(index, numbers[cell], where=better)
    start = np.arange(shape[0] * shape[1]).reshape(shape[:2]) * plane.size
    index += start.reshape(shape[:2] + (1,) * len(place.output))
    return y, index.astype(np.int64, copy=False)


def _unpooled(
    X: Array,
    *_: Any,
    kernel_shape: Sequence[int],
    pads: Sequence[int] | None = None,
    strides: Sequence[int] | None = None,
) -> tuple[tuple[int, ...], Any]:
    rank = len(kernel_shape)
    pads, strides = list(pads or [0] * 2 * rank), list(strides or [1] * rank)
    spatial = [
        (n - 1) * s + k - pads[a] - pads[a + rank]
        for a, (n, s, k) in enumerate(zip(X.shape[2:], strides, kernel_shape, strict=True))
    ]
    return (*X.shape[:2], *spatial), X.dtype


@kernel("MaxUnpool", since=9, size=_unpooled)
def max_unpool(
    X: Array,
    I: Array,  # noqa: E741 (the specification's name)
    output_shape: Array | None = None,
    *,
    kernel_shape: Sequence[int],
    pads: Sequence[int] | None = None,
    strides: Sequence[int] | None = None,
) -> Array:
    """Put each value where its index says and zeros elsewhere.

    The indices count cells of the shape that kernel_shape, strides and pads imply; a greater
    `output_shape` appends zeros to it (as in the specification's own example).
    """
    y = np.zeros(*_unpooled(X, kernel_shape=kernel_shape, pads=pads, strides=strides))
    if I.size and (I.min() < 0 or I.max() >= y.size):
        raise ValueError(f"indices must lie in 0..{y.size - 1}, got {I.min()}..{I.max()}")
    y.ravel()[I.ravel()] = X.ravel()
    return y if output_shape is None else _enlarge(y, tuple(integers(output_shape)))


def _enlarge(y: Array, shape: tuple[int, ...]) -> Array:
    if len(shape) != y.ndim or any(n < m for n, m in zip(shape, y.shape, strict=True)):
        raise ValueError(f"output_shape must not be below {list(y.shape)}, got {list(shape)}")
    check_bytes(shape, y.dtype)
    larger = np.zeros(shape, y.dtype)
    larger[tuple(slice(0, n) for n in y.shape)] = y
    return larger
