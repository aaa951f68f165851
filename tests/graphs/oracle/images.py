"""Convolution, pooling and batch normalisation over one to three spatial dims, window by window."""

import math
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .functions import Array

Sizes = Sequence[int]
Place = tuple[int, ...]


def _windows(
    x: Array, kernel: Sizes, strides: Sizes, pads: Sizes, dilations: Sizes, ceil: bool
) -> tuple[Place, Iterator[tuple[Place, list[list[int]]]]]:
    """Return the output's spatial shape, and for each output position the input positions it sees.

    Positions count from the first number that is not padding, so that padding has positions below 0
    or beyond the end. `pads` are all begins, then all ends.
    """
    spatial, rank = x.shape[2:], len(kernel)
    shape = []
    for axis in range(rank):
        padded = spatial[axis] + pads[axis] + pads[axis + rank]
        steps = (padded - dilations[axis] * (kernel[axis] - 1) - 1) / strides[axis]
        size = (math.ceil if ceil else math.floor)(steps) + 1
        if ceil and (size - 1) * strides[axis] >= spatial[axis] + pads[axis]:
            size -= 1  # a window may not start in the padding behind the end
        shape.append(size)

    def positions() -> Iterator[tuple[Place, list[list[int]]]]:
        for place in np.ndindex(*shape):
            yield (
                place,
                [
                    [
                        place[axis] * strides[axis] - pads[axis] + k * dilations[axis]
                        for k in range(kernel[axis])
                    ]
                    for axis in range(rank)
                ],
            )

    return tuple(shape), positions()


def conv(
    x: NDArray[Any],
    w: NDArray[Any],
    b: NDArray[Any] | None,
    *,
    strides: Sizes,
    pads: Sizes,
    dilations: Sizes,
    groups: int,
) -> Array:
    """``y[n, o, p] = b[o] + sum over c, k of w[o, c, k] x[n, c, p stride + k dilation - pad]``."""
    x, w = np.asarray(x, np.float64), np.asarray(w, np.float64)
    outputs, per_group = w.shape[:2]
    shape, positions = _windows(x, w.shape[2:], strides, pads, dilations, ceil=False)
    y: Any = np.zeros((len(x), outputs, *shape))
    for place, seen in positions:
        for k in np.ndindex(*w.shape[2:]):
            at = tuple(seen[axis][index] for axis, index in enumerate(k))
            if not all(0 <= i < n for i, n in zip(at, x.shape[2:], strict=True)):
                continue
            for o in range(outputs):
                first = o // (outputs // groups) * per_group
                for c in range(per_group):
                    y[:, o, *place] += w[o, c, *k] * x[:, first + c, *at]
    if b is not None:
        y += np.asarray(b, np.float64).reshape(-1, *[1] * len(shape))
    return np.asarray(y)


def _pool(
    x: NDArray[Any],
    kernel: Sizes,
    strides: Sizes,
    pads: Sizes,
    dilations: Sizes,
    ceil: bool,
    reduce: Callable[[Array, int], Array],
) -> Array:
    """Apply `reduce` to each window's real numbers and the count of its places inside the pads."""
    x = np.asarray(x, np.float64)
    rank = len(kernel)
    shape, positions = _windows(x, kernel, strides, pads, dilations, ceil)
    y: Any = np.zeros((*x.shape[:2], *shape))
    for place, seen in positions:
        real = [[i for i in seen[a] if 0 <= i < x.shape[2 + a]] for a in range(rank)]
        padded = [
            [i for i in seen[a] if -pads[a] <= i < x.shape[2 + a] + pads[a + rank]]
            for a in range(rank)
        ]
        inside = x[np.ix_(range(x.shape[0]), range(x.shape[1]), *real)]
        count = math.prod(map(len, padded))
        y[:, :, *place] = reduce(inside.reshape(*x.shape[:2], -1), count)
    return np.asarray(y)


def max_pool(
    x: NDArray[Any], *, kernel: Sizes, strides: Sizes, pads: Sizes, dilations: Sizes, ceil: bool
) -> Array:
    """The largest number of each window."""
    return _pool(x, kernel, strides, pads, dilations, ceil, lambda real, _: real.max(axis=-1))


def average_pool(
    x: NDArray[Any], *, kernel: Sizes, strides: Sizes, pads: Sizes, ceil: bool, count_pads: bool
) -> Array:
    """The mean of each window's real numbers, or of its padding's zeros too."""

    def mean(real: Array, places: int) -> Array:
        return np.asarray(real.sum(axis=-1) / (places if count_pads else real.shape[-1]))

    return _pool(x, kernel, strides, pads, [1] * len(kernel), ceil, mean)


def batch_norm(
    x: NDArray[Any],
    scale: NDArray[Any],
    bias: NDArray[Any],
    mean: NDArray[Any],
    variance: NDArray[Any],
    epsilon: float,
) -> Array:
    """``scale (x - mean) / sqrt(variance + epsilon) + bias`` per channel."""
    arrays = (np.asarray(array, np.float64) for array in (scale, bias, mean, variance))
    s, b, m, v = (array.reshape(-1, *[1] * (x.ndim - 2)) for array in arrays)
    return np.asarray(s * (x - m) / np.sqrt(v + epsilon) + b)
