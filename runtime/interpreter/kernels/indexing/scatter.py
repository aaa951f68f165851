"""ScatterElements, ScatterND, TensorScatter: `data` with some elements replaced or combined."""

from typing import Any

import numpy as np

from ...dtypes import Array
from ...registry import kernel
from .gather import element_places

_COMBINE: dict[str, np.ufunc] = {
    "add": np.add,
    "mul": np.multiply,
    "max": np.maximum,
    "min": np.minimum,
}


def _written(data: Array, places: tuple[Any, ...], updates: Array, reduction: str) -> Array:
    y = data.copy()
    if reduction == "none":
        y[places] = updates
    elif reduction in _COMBINE:
        _COMBINE[reduction].at(y, places, updates)
    else:
        raise ValueError(f"reduction is {reduction!r}, but must be none, add, mul, max or min")
    return y


@kernel("ScatterElements", since=11, growth="product")
def scatter_elements(
    data: Array, indices: Array, updates: Array, *, axis: int = 0, reduction: str = "none"
) -> Array:
    """y[i][indices[i][j][k]][k] = updates[i][j][k] for axis 1; `reduction` combines instead."""
    return _written(data, element_places(indices, axis), updates, reduction)


@kernel("Scatter", since=9)
def scatter(data: Array, indices: Array, updates: Array, *, axis: int = 0) -> Array:
    """ScatterElements by its first name."""
    return scatter_elements(data, indices, updates, axis=axis)


@kernel("ScatterND", since=11, growth="product")
def scatter_nd(data: Array, indices: Array, updates: Array, *, reduction: str = "none") -> Array:
    """y[indices[i]] = updates[i], where the last axis of `indices` holds the index tuples."""
    return _written(data, tuple(np.moveaxis(indices, -1, 0)), updates, reduction)


@kernel("TensorScatter", since=24)
def tensor_scatter(
    past_cache: Array,
    update: Array,
    write_indices: Array | None = None,
    *,
    axis: int = -2,
    mode: str = "linear",
) -> Array:
    """Write `update` into the cache from each row's index on along `axis`, round it if circular."""
    batch, place = past_cache.shape[0], axis % past_cache.ndim
    start = np.zeros(batch, np.int64) if write_indices is None else write_indices
    steps = start[:, None] + np.arange(update.shape[place])
    limit = past_cache.shape[place]
    if mode == "circular":
        steps %= limit
    elif steps.size and (steps.max() >= limit or steps.min() < 0):
        raise ValueError(f"the update ends at {steps.max() + 1}, behind the cache's end, {limit}")
    y = past_cache.copy()
    rows = np.moveaxis(y, place, 1)
    rows[np.arange(batch)[:, None], steps] = np.moveaxis(update, place, 1)
    return y
