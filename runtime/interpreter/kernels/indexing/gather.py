"""Gather, GatherElements, GatherND; a negative index counts from the end."""

from typing import Any

import numpy as np

from ...dtypes import Array
from ...registry import kernel
from ...run_limits import LEAST, check_total


@kernel("Gather", since=1, growth="product")
def gather(data: Array, indices: Array, *, axis: int = 0) -> Any:
    """Return the slices of `data` at `indices` along `axis`."""
    if data.size * indices.size > LEAST:
        check_total(data.nbytes // data.shape[axis] * indices.size, "the result")
    return data.take(indices, axis)


@kernel(
    "GatherElements",
    since=11,
    growth="product",
    size=lambda data, indices, **_: (indices.shape, data.dtype),
)
def gather_elements(data: Array, indices: Array, *, axis: int = 0) -> Array:
    """y[i][j][k] = data[i][indices[i][j][k]][k] for axis 1: one index for each element."""
    return data[element_places(indices, axis)]


def element_places(indices: Array, axis: int) -> tuple[Array, ...]:
    """Return the index tuple that reads ``indices`` along `axis` and its own place elsewhere."""
    places = list(np.ogrid[tuple(slice(size) for size in indices.shape)])
    places[axis] = indices
    return tuple(places)


def _sliced(data: Array, indices: Array, *, batch_dims: int = 0) -> tuple[tuple[int, ...], Any]:
    return (*indices.shape[:-1], *data.shape[batch_dims + indices.shape[-1] :]), data.dtype


@kernel("GatherND", since=11, growth="product", size=_sliced)
def gather_nd(data: Array, indices: Array, *, batch_dims: int = 0) -> Any:
    """Return the slices of `data` at the index tuples in the last axis of `indices`."""
    batch = np.ogrid[tuple(slice(size) for size in data.shape[:batch_dims])]
    spread = [axis.reshape(*axis.shape, *[1] * (indices.ndim - 1 - batch_dims)) for axis in batch]
    return data[(*spread, *np.moveaxis(indices, -1, 0))]
