"""The ReduceX operators: axes as attribute in old opsets, as input in new ones."""

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ...dtypes import NARROW, Array
from ...registry import kernel
from ...run_limits import check_bytes, integers

Axes = tuple[int, ...] | None
_Reducer = Callable[[Array, Axes, bool], Any]
_ADD: Any = np.add.reduce
_MOST: Any = np.maximum.reduce
_LEAST: Any = np.minimum.reduce


def _sum(data: Array, axes: Axes, keep: bool) -> Any:
    # The bare reduction: np.sum wraps it in a microsecond of Python.
    return _ADD(data, axes, data.dtype, None, keep)


def _mean(data: Array, axes: Axes, keep: bool) -> Any:
    total = _sum(data, axes, keep)
    if data.dtype.kind in "iu":
        return (total / max(1, data.size // max(1, total.size))).astype(data.dtype)
    return total / data.dtype.type(data.size / total.size if total.size else math.nan)


def _prod(data: Array, axes: Axes, keep: bool) -> Any:
    return np.prod(data, axis=axes, keepdims=keep, dtype=data.dtype)


def _lowest(data: Array) -> Any:
    """Return what the greatest of no elements is: minus infinity, or the type's least."""
    if data.dtype.kind in "iu":
        return np.iinfo(data.dtype).min
    return False if data.dtype.kind == "b" else -np.inf


def _highest(data: Array) -> Any:
    if data.dtype.kind in "iu":
        return np.iinfo(data.dtype).max
    return True if data.dtype.kind == "b" else np.inf


def _max(data: Array, axes: Axes, keep: bool) -> Any:
    return _MOST(data, axes, None, None, keep, _lowest(data))


def _min(data: Array, axes: Axes, keep: bool) -> Any:
    return _LEAST(data, axes, None, None, keep, _highest(data))


def _l1(data: Array, axes: Axes, keep: bool) -> Any:
    return _sum(np.abs(data), axes, keep)


def _sum_square(data: Array, axes: Axes, keep: bool) -> Any:
    return _sum(np.square(data), axes, keep)


def _l2(data: Array, axes: Axes, keep: bool) -> Any:
    return np.sqrt(_sum_square(data, axes, keep)).astype(data.dtype, copy=False)


def _log_sum(data: Array, axes: Axes, keep: bool) -> Any:
    return np.log(_sum(data, axes, keep)).astype(data.dtype, copy=False)


def _log_sum_exp(data: Array, axes: Axes, keep: bool) -> Any:
    """Return m + log of the sum of exp(x - m), where m is the greatest finite x, or 0."""
    if data.dtype.kind in "iu":
        return _log_sum_exp(data.astype(np.float64), axes, keep).astype(data.dtype)
    greatest = _max(data, axes, True)
    shift = np.where(np.isfinite(greatest), greatest, data.dtype.type(0))
    total = np.log(_sum(np.exp(data - shift), axes, True)) + shift
    return total if keep else np.squeeze(total, axes)


REDUCERS: dict[str, tuple[int, _Reducer]] = {
    "ReduceL1": (18, _l1),
    "ReduceL2": (18, _l2),
    "ReduceLogSum": (18, _log_sum),
    "ReduceLogSumExp": (18, _log_sum_exp),
    "ReduceMax": (18, _max),
    "ReduceMean": (18, _mean),
    "ReduceMin": (18, _min),
    "ReduceProd": (18, _prod),
    "ReduceSum": (13, _sum),
    "ReduceSumSquare": (18, _sum_square),
}
"""Operator to the opset whose axes are an input, and its function."""


def _reduced(reducer: _Reducer, data: Array, axes: Axes, keepdims: int) -> Any:
    if not data.size:  # Its other dims may be absurd, and remain.
        check_bytes(data.shape, data.dtype)
    if data.dtype in NARROW:
        return reducer(data.astype(np.float32), axes, bool(keepdims)).astype(data.dtype)
    return reducer(data, axes, bool(keepdims))


def _old(reducer: _Reducer) -> Callable[..., Any]:
    def reduce(data: Array, *, axes: Sequence[int] | None = None, keepdims: int = 1) -> Any:
        return _reduced(reducer, data, tuple(axes) if axes else None, keepdims)

    reduce.__name__ = reducer.__name__.strip("_")
    return reduce


def _new(reducer: _Reducer) -> Callable[..., Any]:
    def reduce(
        data: Array, axes: Array | None = None, *, keepdims: int = 1, noop_with_empty_axes: int = 0
    ) -> Any:
        if axes is not None and axes.size:
            return _reduced(reducer, data, tuple(integers(axes)), keepdims)
        if noop_with_empty_axes:
            return _reduced(reducer, data, (), keepdims)
        return _reduced(reducer, data, None, keepdims)

    reduce.__name__ = reducer.__name__.strip("_")
    return reduce


for _name, (_since, _reducer) in REDUCERS.items():
    kernel(_name, since=1, growth="bounded")(_old(_reducer))
    kernel(_name, since=_since, growth="bounded")(_new(_reducer))
