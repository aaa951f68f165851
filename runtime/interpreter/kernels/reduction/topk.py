"""ArgMax, ArgMin, TopK, CumSum, CumProd."""

from collections.abc import Callable
from typing import Any

import numpy as np

from ...dtypes import Array
from ...registry import kernel


@kernel("ArgMax", since=1)
def arg_max(data: Array, *, axis: int = 0, keepdims: int = 1, select_last_index: int = 0) -> Array:
    """Return the index of the greatest element along `axis`, as int64: the first, or the last."""
    return _arg(np.argmax, data, axis, keepdims, select_last_index)


@kernel("ArgMin", since=1)
def arg_min(data: Array, *, axis: int = 0, keepdims: int = 1, select_last_index: int = 0) -> Array:
    """Return the index of the least element along `axis`, as int64: the first, or the last."""
    return _arg(np.argmin, data, axis, keepdims, select_last_index)


def _arg(choose: Callable[..., Any], data: Array, axis: int, keepdims: int, last: int) -> Array:
    found = choose(np.flip(data, axis) if last else data, axis)
    index = np.asarray(data.shape[axis] - 1 - found if last else found, np.int64)
    return np.expand_dims(index, axis) if keepdims else index


@kernel("TopK", since=1)
def top_k_1(X: Array, *, axis: int = -1, k: int) -> tuple[Array, Array]:
    """Return the `k` greatest elements along `axis` and their indices."""
    return best(X, k, axis, largest=True)


@kernel("TopK", since=10)
def top_k(
    X: Array,
    K: Array,
    *,
    axis: int = -1,
    largest: int = 1,
    sorted_: int = 1,
) -> tuple[Array, Array]:
    """Return the `K` greatest (or least) elements along `axis` and their indices, the best first.

    Of equal elements the one with the lower index comes first. They are sorted whatever
    ``sorted`` says, which the specification allows.
    """
    return best(X, int(K.item()), axis, largest=bool(largest))


def best(X: Array, count: int, axis: int, *, largest: bool) -> tuple[Array, Array]:
    """Return the first `count` values and int64 indices of a stable order along `axis`."""
    if not 0 <= count <= X.shape[axis]:
        raise ValueError(f"K is {count}, but the axis has {X.shape[axis]} elements")
    if largest:
        # Reversed before and after, the stable sort puts lower indices first among equals.
        backwards = np.argsort(np.flip(X, axis), axis=axis, kind="stable")
        order = np.flip(X.shape[axis] - 1 - backwards, axis)
    else:
        order = np.argsort(X, axis=axis, kind="stable")
    indices = np.take(order, range(count), axis).astype(np.int64)
    return np.take_along_axis(X, indices, axis), indices


@kernel("CumSum", since=11, growth="bounded")
def cumulative_sum(x: Array, axis: Array, *, exclusive: int = 0, reverse: int = 0) -> Array:
    """Return the sums of the elements up to each along `axis`, from the end if `reverse`.

    An `exclusive` sum leaves the element itself out.
    """
    return _cumulative(np.cumsum, 0, x, axis, exclusive, reverse)


@kernel("CumProd", since=26)
def cumulative_product(x: Array, axis: Array, *, exclusive: int = 0, reverse: int = 0) -> Array:
    """Return the products of the elements up to each along `axis`, as CumSum sums them."""
    return _cumulative(np.cumprod, 1, x, axis, exclusive, reverse)


def _cumulative(
    function: Callable[..., Array], unit: int, x: Array, axis: Array, exclusive: int, reverse: int
) -> Array:
    over = int(axis.item())
    y = np.moveaxis(x, over, 0)
    y = y[::-1] if reverse else y
    if exclusive and len(y):
        y = np.concatenate([np.full_like(y[:1], unit), y[:-1]])
    y = function(y, axis=0, dtype=x.dtype)
    return np.moveaxis(y[::-1] if reverse else y, 0, over)
