"""GridSample.

A point beyond the border is brought back before cells are taken around it, but in mode ``cubic``
with padding ``border``: there each cell is, as PyTorch and onnxruntime do. onnx.reference brings
back the point there, too.
"""

import itertools
import math
from collections.abc import Iterator

import numpy as np

from ...dtypes import Array
from ...registry import kernel
from ...run_limits import check_bytes
from ..resizing.taps import cubic, triangle

SPANS = {"nearest": (0, 1), "linear": (0, 2), "cubic": (-1, 3)}
"""Of each mode: the cells taken, counted from the one below a point."""
OLD = {"bilinear": "linear", "bicubic": "cubic"}
"""The names of modes before opset 20."""
PADDINGS = ("zeros", "border", "reflection")
A = -0.75
"""The coefficient of cubic convolution."""
POINTS = 1 << 16
"""Points that are sampled at a time."""


@kernel("GridSample", since=16)
def grid_sample_16(
    X: Array,
    grid: Array,
    *,
    align_corners: int = 0,
    mode: str = "bilinear",
    padding_mode: str = "zeros",
) -> Array:
    """Return the values of X at the points of a grid; see `grid_sample`."""
    known = OLD.get(mode, mode)
    return grid_sample(X, grid, align_corners=align_corners, mode=known, padding_mode=padding_mode)


@kernel("GridSample", since=20)
def grid_sample(
    X: Array,
    grid: Array,
    *,
    align_corners: int = 0,
    mode: str = "linear",
    padding_mode: str = "zeros",
) -> Array:
    """Return Y [batch, channels, ..]: the values of X [batch, channels, ..] at points of a grid.

    A point has one number for each axis of a picture, the last axis first: -1 is its begin and 1
    its end, which are the middles of the outermost cells with `align_corners`, else their edges.
    """
    rank = X.ndim - 2
    if rank < 1 or grid.ndim != X.ndim or grid.shape[-1] != rank or len(grid) != len(X):
        raise ValueError(f"a grid {list(grid.shape)} of points does not fit X {list(X.shape)}")
    if mode not in SPANS:
        raise ValueError(f"no mode {mode!r}: it is one of {tuple(SPANS)}")
    if padding_mode not in PADDINGS:
        raise ValueError(f"no padding_mode {padding_mode!r}: it is one of {PADDINGS}")
    shape = (*X.shape[:2], *grid.shape[1:-1])
    check_bytes(shape, X.dtype)
    if 0 in shape or 0 in X.shape:
        return np.zeros(shape, X.dtype)
    kind = X.dtype if X.dtype in (np.float32, np.float64) else np.dtype(np.float32)
    y = np.empty((*X.shape[:2], math.prod(shape[2:])), X.dtype)
    pictures = X.reshape(*X.shape[:2], -1)
    points = grid.reshape(len(grid), -1, rank)[..., ::-1].astype(np.float64)
    for n, start in itertools.product(range(len(X)), range(0, y.shape[2], POINTS)):
        part = slice(start, start + POINTS)
        found = np.zeros((X.shape[1], len(points[n, part])), kind)
        for places, weights in _taps(
            points[n, part], X.shape[2:], bool(align_corners), mode, padding_mode
        ):
            found += pictures[n].take(places, axis=1) * weights.astype(kind)
        y[n, :, part] = found
    return y.reshape(shape)


def _taps(
    points: Array, dims: tuple[int, ...], align: bool, mode: str, padding: str
) -> Iterator[tuple[Array, Array]]:
    """Yield flat places and weights, one of each for every point: cells of the last axes first."""
    axes = [_along(points[:, axis], size, align, mode, padding) for axis, size in enumerate(dims)]
    for chosen in itertools.product(*axes):
        flat = np.zeros(len(points), np.intp)
        weight = np.ones(len(points))
        for size, (place, share) in zip(dims, chosen, strict=True):
            flat = flat * size + place
            weight = weight * share
        yield flat, weight


def _along(x: Array, size: int, align: bool, mode: str, padding: str) -> list[tuple[Array, Array]]:
    """Return the places on one axis, and their weights, of the cells that a mode takes."""
    low, high = (0.0, size - 1.0) if align else (-0.5, size - 0.5)
    at = (x + 1) / 2 * (size - 1) if align else ((x + 1) * size - 1) / 2
    at = np.where(np.isfinite(at), at, low - 1)
    at = np.rint(at) if mode == "nearest" else at
    if padding == "border" and mode != "cubic":
        at = np.where((at < low) | (at > high), np.clip(at, 0, size - 1), at)
    elif padding == "reflection":
        at = _reflected(at, low, high)
    below, found = np.floor(at), []
    for step in range(*SPANS[mode]):
        cell = below + step
        inside = (cell >= 0) & (cell < size)
        place = _reflected(cell, low, high) if padding == "reflection" else cell
        share = _share(at - cell, mode)
        share = np.where(inside, share, 0) if padding == "zeros" else share
        found.append((np.clip(place, 0, size - 1).astype(np.intp), share))
    return found


def _share(distance: Array, mode: str) -> Array:
    if mode == "nearest":
        return np.ones_like(distance)
    return triangle(distance, A) if mode == "linear" else cubic(distance, A)


def _reflected(x: Array, low: float, high: float) -> Array:
    """Return x mirrored at both ends as often as it takes to lie between them."""
    span = high - low
    if span == 0:
        return np.full_like(x, low)
    over = np.abs(x - low) % (2 * span)
    mirrored: Array = low + np.where(over > span, 2 * span - over, over)
    return np.where((x < low) | (x > high), mirrored, x)
