"""OneHot, Compress, NonZero, Trilu, ReverseSequence."""

from typing import Any

import numpy as np

from ...dtypes import Array
from ...registry import kernel
from ...run_limits import LEAST, check_bytes


def _hot(indices: Array, depth: Array, values: Array, **_: Any) -> tuple[tuple[int, ...], Any]:
    size = int(depth.reshape(-1)[0])
    counted = indices.size * values.dtype.itemsize < 8  # The kernel counts up to the depth, too.
    return ((size,), np.int64) if counted else ((*indices.shape, size), values.dtype)


@kernel("OneHot", since=9, size=_hot)
def one_hot(indices: Array, depth: Array, values: Array, *, axis: int = -1) -> Any:
    """values[1] at each index along a new `axis` of size `depth`, values[0] elsewhere.

    A negative index counts from the end; one outside the depth gives values[0] throughout.
    """
    size = int(depth.reshape(-1)[0])
    whole = indices.astype(np.int64)
    whole = np.where(whole < 0, whole + size, whole)
    place = axis % (indices.ndim + 1)
    span = np.arange(size).reshape(-1, *[1] * (indices.ndim - place))
    return np.where(np.expand_dims(whole, place) == span, values[1], values[0])


@kernel("Compress", since=9, growth="bounded")
def compress(input_: Array, condition: Array, *, axis: int | None = None) -> Array:
    """Return the slices along `axis` (of the flat input when None) where `condition` holds."""
    return np.compress(condition, input_, axis)


@kernel("NonZero", since=9, growth="bounded")
def non_zero(X: Array) -> Array:
    """Return the indices of the elements that are not zero, [rank, number], as int64."""
    if X.ndim == 0:
        return np.zeros((0, int(X != 0)), np.int64)
    if X.size > LEAST:
        check_bytes((X.ndim, int(np.count_nonzero(X))), np.int64)
    return np.array(np.nonzero(X), np.int64)


@kernel("Trilu", since=14, growth="bounded")
def trilu(input_: Array, k: Array | None = None, *, upper: int = 1) -> Any:
    """Return the upper or lower triangle of a batch of matrices, from diagonal `k` on."""
    diagonal = 0 if k is None else int(k.item())
    return (np.triu if upper else np.tril)(input_, diagonal)


@kernel("ReverseSequence", since=10, growth="bounded")
def reverse_sequence(
    input_: Array, sequence_lens: Array, *, batch_axis: int = 1, time_axis: int = 0
) -> Array:
    """Turn the first `sequence_lens[b]` steps of each row b round; the steps behind them stay."""
    rows = np.moveaxis(input_, (batch_axis, time_axis), (0, 1))
    steps = np.arange(rows.shape[1])
    lengths = sequence_lens[:, None]
    order = np.where(steps < lengths, lengths - 1 - steps, steps)
    turned = rows[np.arange(rows.shape[0])[:, None], order]
    return np.moveaxis(turned, (0, 1), (batch_axis, time_axis))
