"""Constant, ConstantOfShape, Range, EyeLike."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from ...dtypes import Array, dtype_of, through_float32, widened
from ...registry import NodeInfo, kernel
from ...run_limits import integers


@kernel("Constant", since=1, growth="bounded")
def constant(
    *,
    sparse_value: Any = None,
    value: Array | None = None,
    value_float: float | None = None,
    value_floats: Sequence[float] | None = None,
    value_int: int | None = None,
    value_ints: Sequence[int] | None = None,
    value_string: str | None = None,
    value_strings: Sequence[str] | None = None,
    node: NodeInfo,
) -> Any:
    """Return the attribute's value."""
    if value is not None:
        return value
    if sparse_value is not None:
        return sparse_value
    number = value_float if value_float is not None else value_floats
    if number is not None:
        return np.array(number, widened(np.dtype(np.float32), node.float_dtype))
    integer = value_int if value_int is not None else value_ints
    if integer is not None:
        return np.array(integer, np.int64)
    text = value_string if value_string is not None else value_strings
    if text is None:
        raise ValueError("none of the attributes that may hold the value is there")
    return np.array(text, object)


def _filled(
    input_: Array, *, value: Array | None = None, node: NodeInfo | None = None
) -> tuple[tuple[int, ...], Any]:
    wide = None if node is None else node.float_dtype
    if value is None:
        return tuple(integers(input_)), widened(np.dtype(np.float32), wide)
    if value.size != 1:
        raise ValueError(f"the value must be one element, but has {value.size}")
    return tuple(integers(input_)), value.dtype


@kernel("ConstantOfShape", since=9, growth="sized", size=_filled)
def constant_of_shape(input_: Array, *, value: Array | None = None, node: NodeInfo) -> Array:
    """Return a tensor with the dims in the input, filled with `value` (default 0.0)."""
    shape, kind = _filled(input_, value=value, node=node)
    return np.zeros(shape, kind) if value is None else np.full(shape, value.reshape(())[()], kind)


def _counted(start: Array, limit: Array, delta: Array, **_: Any) -> tuple[tuple[int], Any]:
    """Return ceil((limit - start) / delta); -(-x // y) rounds up exactly, however large x is."""
    return (max(0, int(-((start.item() - limit.item()) // delta.item()))),), np.int64


@kernel("Range", since=11, growth="sized", size=_counted)
@through_float32
def range_of(start: Array, limit: Array, delta: Array, *, stash_type: int = 1) -> Any:
    """Return start + i delta, for i from 0 to ceil((limit - start) / delta) - 1."""
    (count,), _ = _counted(start, limit, delta)
    return (start + np.arange(count).astype(start.dtype) * delta).astype(start.dtype, copy=False)


@kernel("EyeLike", since=9, size=lambda input_, **_: (input_.shape, np.float64))
def eye_like(input_: Array, *, dtype: int | None = None, k: int = 0, node: NodeInfo) -> Any:
    """Return a matrix of the input's shape with ones on diagonal `k`."""
    kind = input_.dtype if dtype is None else widened(dtype_of(dtype), node.float_dtype)
    rows, columns = input_.shape
    return np.eye(rows, columns, k=k).astype(kind)
