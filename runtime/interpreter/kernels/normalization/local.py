"""LRN, LpNormalization, MeanVarianceNormalization."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from ...dtypes import Array, through_float32
from ...registry import kernel


@kernel("LRN", since=1)
@through_float32
def local_response(
    X: Array,
    *,
    alpha: float = 9.999999747378752e-05,
    beta: float = 0.75,
    bias: float = 1.0,
    size: int,
) -> Any:
    """Y = X / (bias + alpha / size * s)**beta, where s sums X**2 over `size` nearby channels.

    They run from floor((size - 1) / 2) before the channel to ceil((size - 1) / 2) after it.
    """
    channels = X.shape[1]
    # Channels that are not there add nothing, however many a `size` asks for.
    before, after = (min(n, channels) for n in ((size - 1) // 2, size // 2))
    pads = [(0, 0), (before, after), *[(0, 0)] * (X.ndim - 2)]
    squares = np.pad(np.square(X), pads)
    total = squares[:, :channels].copy()
    for offset in range(1, before + after + 1):
        total += squares[:, offset : offset + channels]
    return X / (bias + alpha / size * total) ** beta


@kernel("LpNormalization", since=1)
@through_float32
def lp_normalization(input_: Array, *, axis: int = -1, p: int = 2) -> Any:
    """X divided by its norm along `axis`; 0 where the norm is 0."""
    if p == 1:
        norm = np.sum(np.abs(input_), axis=axis, keepdims=True)
    else:
        norm = np.sqrt(np.sum(np.square(input_), axis=axis, keepdims=True))
    zero = norm == 0
    y = input_ / np.where(zero, input_.dtype.type(1), norm)
    return np.where(zero, input_.dtype.type(0), y)


@kernel("MeanVarianceNormalization", since=9)
@through_float32
def mean_variance(X: Array, *, axes: Sequence[int] = (0, 2, 3)) -> Any:
    """(X - mean) / (sqrt(mean of X**2 - mean**2) + 1e-9), over `axes`."""
    over = tuple(axes)
    centred = X - np.mean(X, axis=over, keepdims=True)
    deviation = np.sqrt(np.mean(np.square(centred), axis=over, keepdims=True))
    return centred / (deviation + 1e-9)
