"""Softmax and its kin, along one axis, or below opset 13 over a flattened matrix."""

from collections.abc import Callable
from typing import Any

import numpy as np

from ...dtypes import Array, through_float32
from ...registry import kernel

_ADD: Any = np.add.reduce
_MOST: Any = np.maximum.reduce
"""np.sum and np.max wrap these in a microsecond of Python."""


@kernel("Softmax", since=13, fresh=True, growth="bounded")
@through_float32
def softmax(input_: Array, *, axis: int = -1) -> Any:
    """exp(x - m) / sum of exp(x - m) along `axis`, where m is the greatest x."""
    y = input_ - _MOST(input_, axis, None, None, True, -np.inf)
    np.exp(y, out=y)
    y /= _ADD(y, axis, None, None, True)
    return y


@kernel("LogSoftmax", since=13, fresh=True)
@through_float32
def log_softmax(input_: Array, *, axis: int = -1) -> Any:
    """X - m - log of the sum of exp(x - m) along `axis`, where m is the greatest x."""
    y = input_ - np.max(input_, axis=axis, keepdims=True, initial=-np.inf)
    return y - np.log(np.sum(np.exp(y), axis=axis, keepdims=True))


@kernel("Hardmax", since=13)
def hardmax(input_: Array, *, axis: int = -1) -> Any:
    """1 at the first greatest element along `axis`, 0 elsewhere."""
    y = np.zeros_like(input_)
    if input_.size:
        best = np.expand_dims(np.argmax(input_, axis=axis), axis)
        np.put_along_axis(y, best, 1, axis=axis)
    return y


def flattened(function: Callable[..., Any], X: Array, axis: int) -> Any:
    """Apply `function` to the rows of X taken as a matrix.

    Below opset 13 the axes before `axis` made the rows, and all the others together a row.
    """
    start = axis + X.ndim if axis < 0 else axis
    rows = int(np.prod(X.shape[:start]))
    return function(X.reshape(rows, -1 if X.size else 0), axis=1).reshape(X.shape)


@kernel("Softmax", since=1, fresh=True, growth="bounded")
def softmax_1(input_: Array, *, axis: int = 1) -> Any:
    """Softmax of the rows of the flattened matrix."""
    return flattened(softmax, input_, axis)


@kernel("LogSoftmax", since=1, fresh=True)
def log_softmax_1(input_: Array, *, axis: int = 1) -> Any:
    """LogSoftmax of the rows of the flattened matrix."""
    return flattened(log_softmax, input_, axis)


@kernel("Hardmax", since=1)
def hardmax_1(input_: Array, *, axis: int = 1) -> Any:
    """Hardmax of the rows of the flattened matrix."""
    return flattened(hardmax, input_, axis)
