"""Products of 8-bit integers by float32 BLAS, without an error.

float32 holds every integer up to 2**24. Where the magnitudes of all the terms of a sum stay below
that together, so does every partial sum, in whatever order BLAS adds: nothing is rounded. Longer
sums are cut into spans of rows that stay below, and the spans are added in float64. That takes a
third of the time of products in float64.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from ...dtypes import Array
from ...run_limits import LEAST, check_bytes
from ..casting.quantize import moves
from .blas import multiplied
from .matmul import check_product

LARGEST = 255
"""What an 8-bit integer, less a zero point of its own type, has at most in magnitude."""
EXACT = 1 << 24
ROWS = EXACT // LARGEST**2
"""Terms of a sum of products that are exact whatever the integers: 258."""


@dataclass(frozen=True)
class Factor:
    """A right factor [.., inner, columns], less its zero point, in float32."""

    matrix: Array
    spans: tuple[slice, ...]
    """Rows whose products with 8-bit integers add up exactly."""


def right_factor(B: Array, zero_point: Array | None, *, measured: bool) -> Factor:
    """Return `B` - `zero_point` with its spans, by its own numbers where they are `measured`.

    Weights are mostly far below the largest integer: a layer of them seldom needs two spans.
    """
    matrix = centred(B, zero_point)
    inner = matrix.shape[-2] if matrix.ndim > 1 else matrix.size
    rows = slice(0, inner)
    spans = _measured(matrix, rows) if measured else _spans(inner)
    return Factor(matrix, tuple(spans))


def centred(values: Array, zero_point: Array | None) -> Array:
    """Return `values` - `zero_point`, which broadcasts, in float32: exact for 8 bits."""
    if values.size * 4 > LEAST:
        check_bytes(values.shape, np.float32)
    wide = values.astype(np.float32)
    if zero_point is not None and moves(zero_point):
        np.subtract(wide, zero_point.astype(np.float32), out=wide)
    return wide


def _spans(inner: int) -> Iterator[slice]:
    return (slice(start, min(start + ROWS, inner)) for start in range(0, max(inner, 1), ROWS))


def _measured(matrix: Array, rows: slice) -> Iterator[slice]:
    """Yield halves, halves of halves, ... of the rows until the sums of each are exact."""
    count = rows.stop - rows.start
    some = matrix[..., rows, :]
    if count <= ROWS or LARGEST * np.abs(some).sum(-2, np.float64).max(initial=0) <= EXACT:
        yield rows
        return
    middle = rows.start + count // 2
    yield from _measured(matrix, slice(rows.start, middle))
    yield from _measured(matrix, slice(middle, rows.stop))


def exact_product(a: Array, factor: Factor) -> Any:
    """Return ``a @ factor.matrix``, all of it integers: float32 for one span, else float64."""
    B = factor.matrix
    if B.ndim == 2 and a.ndim > 2:  # as one tall matrix it is one product
        rows = exact_product(a.reshape(math.prod(a.shape[:-1]), a.shape[-1]), factor)
        return rows.reshape(*a.shape[:-1], B.shape[1])
    check_product(a, B)
    if len(factor.spans) == 1:
        fits = a.ndim == B.ndim == 2 and a.shape[1] == len(B)
        return multiplied(a, B) if fits else np.matmul(a, B)
    if a.shape[-1] != factor.spans[-1].stop:
        return np.matmul(a, B)  # which says that they do not fit
    total: Any = np.float64(0)
    for span in factor.spans:
        total = total + np.matmul(a[..., span], B[..., span, :] if B.ndim > 1 else B[span])
    return total


def wrapped(integers: Any) -> Any:
    """Return floats that are integers as int32, modulo 2**32; float32 ones are below 2**24."""
    if integers.dtype == np.float32:
        return integers.astype(np.int32)
    return integers.astype(np.int64).astype(np.int32)
