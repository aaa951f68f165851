"""Unique."""

import numpy as np

from ...dtypes import Array
from ...registry import kernel


@kernel("Unique", since=11)
def unique(
    X: Array,
    *,
    axis: int | None = None,
    sorted: int = 1,  # noqa: A002 (the schema's name)
) -> tuple[Array, Array, Array, Array]:
    """Return what is in X once, where each first is, which one each element is, and how often.

    The elements are those of X, or its parts along `axis`; they are in rising order, or in that of
    their first places where not `sorted`. All NaN count as one.
    """
    if axis is not None and not -X.ndim <= axis < X.ndim:
        raise ValueError(f"axis {axis} of {list(X.shape)}")
    found = np.unique(X, True, True, True, axis=axis)
    y, first, inverse, counts = found[0], found[1], found[2].reshape(-1), found[3]
    if not sorted:
        order = np.argsort(first)
        place = np.empty_like(order)
        place[order] = np.arange(len(order))
        y = y.take(order, axis=0 if axis is None else axis)
        first, inverse, counts = first[order], place[inverse], counts[order]
    first, inverse, counts = (part.astype(np.int64) for part in (first, inverse, counts))
    return y, first, inverse, counts
