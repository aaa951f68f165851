"""Operators that give the same elements another shape."""

import math
from collections.abc import Sequence
from itertools import repeat
from typing import Any

import numpy as np

from ...dtypes import Array
from ...registry import kernel
from ...run_limits import check_bytes, integers


@kernel("Reshape", since=5, growth="bounded")
def reshape(data: Array, shape: Array, *, allowzero: int = 0) -> Array:
    """Give `data` the dims in `shape`: -1 is what remains, 0 keeps the dim at that place.

    With `allowzero` a 0 is a dim of size zero.
    """
    dims = integers(shape)
    if not allowzero:
        if 0 in dims[data.ndim :]:
            raise ValueError(f"shape {dims} copies a dim that the input, {data.shape}, lacks")
        dims = [data.shape[axis] if dim == 0 else dim for axis, dim in enumerate(dims)]
    elif 0 in dims and -1 in dims:
        raise ValueError(f"shape {dims} has both 0 and -1, which allowzero forbids")
    if data.size == 0:
        if -1 in dims:
            rest = math.prod(dim for dim in dims if dim != -1)
            dims[dims.index(-1)] = 0 if rest == 0 else data.size // rest
        check_bytes(dims, data.dtype)
    return data.reshape(dims)


@kernel("Flatten", since=1, growth="bounded")
def flatten(input_: Array, *, axis: int = 1) -> Array:
    """Make a matrix: the dims before `axis` into one, the others into one."""
    if not -input_.ndim <= axis <= input_.ndim:
        raise ValueError(f"axis {axis} lies outside the rank {input_.ndim}")
    start = axis + input_.ndim if axis < 0 else axis
    return input_.reshape(math.prod(input_.shape[:start]), math.prod(input_.shape[start:]))


@kernel("Squeeze", since=1, growth="bounded")
def squeeze_1(data: Array, *, axes: Sequence[int] | None = None) -> Array:
    """Drop dims of size one: those in `axes`, or all."""
    return np.squeeze(data, None if axes is None else tuple(axes))


@kernel("Squeeze", since=13, growth="bounded")
def squeeze(data: Array, axes: Array | None = None) -> Array:
    """Drop dims of size one: those in `axes`, or all."""
    return np.squeeze(data, None if axes is None else tuple(integers(axes)))


@kernel("Unsqueeze", since=1, growth="bounded")
def unsqueeze_1(data: Array, *, axes: Sequence[int]) -> Array:
    """Insert dims of size one at `axes` of the result."""
    return np.expand_dims(data, tuple(axes))


@kernel("Unsqueeze", since=13, growth="bounded")
def unsqueeze(data: Array, axes: Array) -> Array:
    """Insert dims of size one at `axes` of the result."""
    places = integers(axes.reshape(-1))
    if len(places) == 1 and 0 <= places[0] <= data.ndim:  # which takes a third of the time
        return data[(*repeat(slice(None), places[0]), None)]
    return np.expand_dims(data, tuple(places))


@kernel("Transpose", since=1, growth="bounded")
def transpose(data: Array, *, perm: Sequence[int] | None = None) -> Array:
    """Permute the axes: axis i of the result is axis perm[i] of `data`; reversed without perm."""
    return np.transpose(data, perm)


def _expanded(input_: Array, shape: Array) -> tuple[tuple[int, ...], Any]:
    target = tuple(integers(shape))
    same = target == input_.shape  # which saves a microsecond
    return target if same else np.broadcast_shapes(input_.shape, target), input_.dtype


@kernel("Expand", since=8, growth="sized", size=_expanded)
def expand(input_: Array, shape: Array) -> Array:
    """Broadcast the input and a tensor of the given `shape` together."""
    dims, _ = _expanded(input_, shape)
    return input_ if dims == input_.shape else np.broadcast_to(input_, dims)


@kernel("Identity", since=1, growth="bounded")
def identity(input_: Any) -> Any:
    """Return the input itself."""
    return input_


@kernel("Shape", since=1, growth="bounded")
def shape_of(data: Array, *, end: int | None = None, start: int = 0) -> Array:
    """Return the dims from `start` up to `end`, as int64; both are clamped to the rank."""
    return np.array(data.shape[start:end], np.int64)


@kernel("Size", since=1, growth="bounded")
def size_of(data: Array) -> Array:
    """Return the number of elements, as int64."""
    return np.array(data.size, np.int64)
