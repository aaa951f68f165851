"""The MaxRoiPool operator."""

import math
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...registry import kernel
from ...run_limits import check_bytes, count_steps

Array = NDArray[Any]


@kernel("MaxRoiPool", since=1)
def max_roi_pool(
    X: Array, rois: Array, *, pooled_shape: Sequence[int], spatial_scale: float = 1.0
) -> Array:
    """Return the maxima of each region's cells, [regions, channels, *pooled_shape].

    X is [batch, channels, height, width]; a row of `rois` is (index in the batch, x1, y1, x2, y2),
    ends included, in units of `spatial_scale` cells. The specification leaves out how a region is
    cut; here, as in Fast R-CNN (Girshick 2015) and onnxruntime: corners round half away from zero,
    a region has at least one cell, cell i of n covers floor(i * size / n) to
    ceil((i + 1) * size / n), and what lies outside X counts nothing, 0 if that is all.
    """
    if X.ndim != 4 or rois.ndim != 2 or rois.shape[1] != 5 or len(pooled_shape) != 2:
        raise ValueError(
            f"X must be [batch, channels, height, width], rois [regions, 5] and pooled_shape 2 "
            f"integers, got {list(X.shape)}, {list(rois.shape)}, {list(pooled_shape)}"
        )
    rows = rois[:, 0].astype(np.int64)
    if rows.size and (rows.min() < 0 or rows.max() >= len(X)):
        raise ValueError(f"rois name rows of the batch outside 0..{len(X) - 1}: {rows.tolist()}")
    check_bytes((len(rois), X.shape[1], *pooled_shape), X.dtype)
    count_steps(len(rois) * max(0, math.prod(pooled_shape)))
    y = np.zeros((len(rois), X.shape[1], *pooled_shape), X.dtype)
    for region, (row, corners) in enumerate(zip(rows, rois[:, 1:], strict=True)):
        x1, y1, x2, y2 = (_round(float(value) * spatial_scale) for value in corners)
        for i, lines in enumerate(_cuts(y1, y2, pooled_shape[0], X.shape[2])):
            for j, columns in enumerate(_cuts(x1, x2, pooled_shape[1], X.shape[3])):
                cells = X[row, :, lines, columns]
                if cells.size:
                    y[region, :, i, j] = cells.max(axis=(1, 2))
    return y


def _round(value: float) -> int:
    return int(np.copysign(np.floor(abs(value) + 0.5), value))


def _cuts(first: int, last: int, count: int, size: int) -> Iterator[slice]:
    """Yield the part of an axis of `size` cells that each of `count` results covers."""
    cells = max(last - first + 1, 1)
    for i in range(count):
        start, stop = i * cells // count, -(-(i + 1) * cells // count)
        yield slice(min(max(first + start, 0), size), min(max(first + stop, 0), size))
