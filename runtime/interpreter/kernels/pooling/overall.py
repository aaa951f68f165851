"""Pooling over the whole spatial extent."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...registry import kernel

Array = NDArray[Any]


@kernel("GlobalAveragePool", since=1, fresh=True)
def global_average_pool(X: Array) -> Array:
    """Return the mean over all spatial axes, which stay with length 1."""
    wide = np.float32 if X.dtype.itemsize < 4 else X.dtype
    mean: Array = X.mean(axis=tuple(range(2, X.ndim)), keepdims=True, dtype=wide)
    return mean.astype(X.dtype, copy=False)


@kernel("GlobalMaxPool", since=1)
def global_max_pool(X: Array) -> Array:
    """Return the maximum over all spatial axes, which stay with length 1."""
    greatest: Array = X.max(axis=tuple(range(2, X.ndim)), keepdims=True)
    return greatest


@kernel("GlobalLpPool", since=2)
def global_lp_pool(X: Array, *, p: int = 2) -> Array:
    """Return (sum of |x|^p)^(1/p) over all spatial axes, which stay with length 1."""
    wide = np.float32 if X.dtype.itemsize < 4 else X.dtype
    powers = np.abs(X).astype(wide, copy=False) ** p
    total: Array = powers.sum(axis=tuple(range(2, X.ndim)), keepdims=True) ** (1 / p)
    return total.astype(X.dtype, copy=False)
