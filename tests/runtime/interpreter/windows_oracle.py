"""Convolution and pooling as the operator specification writes them, window by window.

Slow on purpose: every window is a list of input positions, in float64, with none of the kernels'
code.
"""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
Position = tuple[int, ...]


class Axis:
    """One spatial axis: where each window's cells lie; a cell may lie in the padding."""

    def __init__(self, n: int, axis: int, rank: int, options: Mapping[str, Any]) -> None:
        kernel = options["kernel_shape"][axis]
        stride = (options.get("strides") or [1] * rank)[axis]
        dilation = (options.get("dilations") or [1] * rank)[axis]
        pads = options.get("pads") or [0] * 2 * rank
        self.n, self.begin, self.end = n, pads[axis], pads[axis + rank]
        span = (kernel - 1) * dilation + 1
        mode, up = options.get("auto_pad", "NOTSET"), options.get("ceil_mode", 0)
        if mode == "VALID":
            self.begin = self.end = 0
            count = math.ceil((n - span + 1) / stride)
        elif mode.startswith("SAME"):
            count = math.ceil(n / stride)
            total = max(0, (count - 1) * stride + span - n)
            half = total // 2
            self.begin, self.end = (
                (half, total - half) if mode == "SAME_UPPER" else (total - half, half)
            )
        else:
            free = (n + self.begin + self.end - span) / stride
            count = (math.ceil(free) if up else math.floor(free)) + 1
            if (count - 1) * stride >= n + self.begin:
                count -= 1  # it would start in the right padding
        starts = [i * stride - self.begin for i in range(count)]
        self.windows = [[start + k * dilation for k in range(kernel)] for start in starts]

    def inside(self, cell: int) -> bool:
        """Whether a cell lies in the input."""
        return 0 <= cell < self.n

    def padded(self, cell: int) -> bool:
        """Whether a cell lies in the input or its padding."""
        return -self.begin <= cell < self.n + self.end


def _axes(spatial: Sequence[int], options: Mapping[str, Any]) -> list[Axis]:
    return [Axis(n, axis, len(spatial), options) for axis, n in enumerate(spatial)]


def _places(axes: Sequence[Axis]) -> Iterator[tuple[Position, list[Position]]]:
    """Yield each window's position in the output, and its cells in row-major order."""
    for place in product(*(range(len(axis.windows)) for axis in axes)):
        rows = [axis.windows[i] for axis, i in zip(axes, place, strict=True)]
        yield place, list(product(*rows))


def _inside(axes: Sequence[Axis], cell: Position) -> bool:
    return all(axis.inside(i) for axis, i in zip(axes, cell, strict=True))


def _at(first: int, count: int, cell: Sequence[int]) -> tuple[slice | int, ...]:
    """Return the index of some channels, of all rows, at one position."""
    return (slice(None), slice(first, first + count), *cell)


def conv_oracle(X: Array, W: Array, B: Array | None, options: Mapping[str, Any]) -> Array:
    """Return Conv of one group or more."""
    axes = _axes(X.shape[2:], {**options, "kernel_shape": W.shape[2:]})
    group = options.get("group", 1)
    each, features = W.shape[1], W.shape[0] // group
    Y = np.zeros((X.shape[0], W.shape[0], *(len(axis.windows) for axis in axes)))
    for place, cells in _places(axes):
        for g in range(group):
            w = W[g * features : (g + 1) * features].reshape(features, each, -1)
            for k, cell in enumerate(cells):
                if _inside(axes, cell):
                    x = X[_at(g * each, each, cell)]
                    Y[_at(g * features, features, place)] += x @ w[:, :, k].T
    return Y if B is None else Y + B.reshape(-1, *[1] * len(axes))


def conv_transpose_oracle(X: Array, W: Array, B: Array | None, options: Mapping[str, Any]) -> Array:
    """Return ConvTranspose: each input cell adds the filter, times itself, to the output."""
    rank, spatial, kernel = X.ndim - 2, X.shape[2:], W.shape[2:]
    strides = options.get("strides") or [1] * rank
    dilations = options.get("dilations") or [1] * rank
    extra = options.get("output_padding") or [0] * rank
    pads = list(options.get("pads") or [0] * 2 * rank)
    mode, shape = options.get("auto_pad", "NOTSET"), options.get("output_shape")
    full = [
        strides[i] * (spatial[i] - 1) + extra[i] + (kernel[i] - 1) * dilations[i] + 1
        for i in range(rank)
    ]
    if mode.startswith("SAME") and shape is None:
        shape = [spatial[i] * strides[i] for i in range(rank)]
    if shape is not None:
        for i in range(rank):
            total = max(0, full[i] - shape[i])
            first = total // 2 if mode == "SAME_UPPER" else total - total // 2
            pads[i], pads[i + rank] = first, total - first
    else:
        shape = [full[i] - pads[i] - pads[i + rank] for i in range(rank)]
    group = options.get("group", 1)
    channels, features = X.shape[1] // group, W.shape[1]
    Y = np.zeros((X.shape[0], features * group, *shape))
    for cell in np.ndindex(*spatial):
        for k in np.ndindex(*kernel):
            at = [cell[i] * strides[i] + k[i] * dilations[i] - pads[i] for i in range(rank)]
            if all(0 <= at[i] < shape[i] for i in range(rank)):
                for g in range(group):
                    x = X[_at(g * channels, channels, cell)]
                    w = W[g * channels : (g + 1) * channels][_at(0, features, k)]
                    Y[_at(g * features, features, at)] += x @ w
    return Y if B is None else Y + B.reshape(-1, *[1] * rank)


def pool_oracle(op: str, X: Array, options: Mapping[str, Any]) -> list[Array]:
    """Return MaxPool with its indices, AveragePool or LpPool."""
    axes = _axes(X.shape[2:], options)
    planes = X.reshape(-1, *X.shape[2:])
    shape = tuple(len(axis.windows) for axis in axes)
    values, indices = np.zeros((len(planes), *shape)), np.zeros((len(planes), *shape), np.int64)
    order = "F" if options.get("storage_order") else "C"
    reduce = {"AveragePool": _average, "LpPool": _norm}.get(op)
    for number, plane in enumerate(planes):
        for place, cells in _places(axes):
            inside = [cell for cell in cells if _inside(axes, cell)]
            at = (number, *place)
            if reduce is not None:
                values[at] = reduce(plane, axes, cells, inside, options)
                continue
            best = max(inside, key=lambda cell: plane[cell])  # the first of equals
            values[at] = plane[best]
            flat = np.ravel_multi_index(best, plane.shape, order=order)  # type: ignore[call-overload]
            indices[at] = number * plane.size + flat
    results = [values.reshape(X.shape[:2] + shape), indices.reshape(X.shape[:2] + shape)]
    return results if reduce is None else results[:1]


Reduce = Callable[[Array, Sequence[Axis], list[Position], list[Position], Mapping[str, Any]], float]


def _average(
    plane: Array,
    axes: Sequence[Axis],
    cells: list[Position],
    inside: list[Position],
    options: Mapping[str, Any],
) -> float:
    counted = inside
    if options.get("count_include_pad"):
        counted = [
            cell
            for cell in cells
            if all(axis.padded(i) for axis, i in zip(axes, cell, strict=True))
        ]
    return sum(float(plane[cell]) for cell in inside) / max(1, len(counted))


def _norm(
    plane: Array,
    axes: Sequence[Axis],
    cells: list[Position],
    inside: list[Position],
    options: Mapping[str, Any],
) -> float:
    p = int(options.get("p", 2))
    return float(sum(abs(float(plane[cell])) ** p for cell in inside) ** (1 / p))
