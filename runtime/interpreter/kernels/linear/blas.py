"""Products of float32 matrices in the sizes that BLAS multiplies fastest.

BLAS copies both factors into an order of its own first (packing), which pays for large products.
OpenBLAS's kernels for AVX-512 multiply up to a million pairs of numbers without it: thin products
are cut into such (1.2 to 1.6 times as fast; a layer of 512 for 4 to 16 rows 3 to 8 times). Its
kernels for other processors pack always, and there the cuts would cost 5 to 40 %.
"""

import ctypes
from contextlib import suppress
from functools import cache
from typing import Any

import numpy as np

from ...dtypes import Array

UNPACKED = 10**6
"""Pairs of numbers in a product up to which nothing is packed."""
KERNELS = frozenset({b"SkylakeX", b"Cooperlake", b"SapphireRapids"})
"""The names by which OpenBLAS calls its kernels with AVX-512."""
ROWS = (24, 96)
"""Rows of a part: fewer are not worth a call, more gain nothing (measured)."""
THIN = 64
"""Rows of a product up to which the columns are cut."""
COLUMNS = 16
"""Columns of a part."""
FEW = (4, 8)
"""Rows for which a matrix as it lies is cut into parts of `WIDE` columns: for more, lines of the
matrix are fetched too often (measured)."""
WIDE = 64


@cache
def cuts() -> bool:
    """Whether BLAS multiplies small matrices without packing them."""
    with suppress(AttributeError, OSError):
        library = ctypes.CDLL(np.linalg._umath_linalg.__file__)
        name: Any = library.scipy_openblas_get_corename64_
        name.restype = ctypes.c_char_p
        return bool(name() in KERNELS)
    return False


def multiply(rows: Array, matrix: Array, out: Array) -> None:
    """Put rows @ matrix into `out`, some rows at a time where that is faster."""
    count, inner = rows.shape
    columns = matrix.shape[1]
    part = UNPACKED // max(1, inner * columns)
    if count * inner * columns <= UNPACKED or part < ROWS[0] or not cuts():
        np.matmul(rows, matrix, out=out)
        return
    part = min(part, ROWS[1])
    whole = count // part * part
    parts = out[:whole].reshape(-1, part, columns)
    np.matmul(rows[:whole].reshape(-1, part, inner), matrix, out=parts)
    if whole < count:
        np.matmul(rows[whole:], matrix, out=out[whole:])


def by_transposed(rows: Array, weights: Array) -> Array:
    """Return rows @ weights.T, some columns at a time where the rows are few."""
    count = len(rows)
    columns, inner = weights.shape
    thin = 1 < count <= THIN and count * inner * COLUMNS <= UNPACKED < count * inner * columns
    if not thin or rows.dtype != np.float32 or not cuts():
        product: Array = np.matmul(rows, weights.T)
        return product
    y = np.empty((count, columns), rows.dtype)
    whole = columns // COLUMNS * COLUMNS
    parts = weights[:whole].reshape(-1, COLUMNS, inner).transpose(0, 2, 1)
    np.matmul(rows, parts, out=y[:, :whole].reshape(count, -1, COLUMNS).transpose(1, 0, 2))
    if whole < columns:
        y[:, whole:] = np.matmul(rows, weights[whole:].T)
    return y


def multiplied(rows: Array, matrix: Array) -> Array:
    """Return rows @ matrix, some columns at a time where the rows are few."""
    count, inner = rows.shape
    columns, size = matrix.shape[1], count * inner
    few = FEW[0] <= count <= FEW[1] and size * WIDE <= UNPACKED < size * columns
    lies = rows.dtype == matrix.dtype == np.float32 and matrix.strides[1] == matrix.itemsize
    if not few or not lies or not cuts():
        product: Array = np.dot(rows, matrix)
        return product
    y = np.empty((count, columns), rows.dtype)
    whole = columns // WIDE * WIDE
    parts = matrix[:, :whole].reshape(inner, -1, WIDE).transpose(1, 0, 2)
    np.matmul(rows, parts, out=y[:, :whole].reshape(count, -1, WIDE).transpose(1, 0, 2))
    if whole < columns:
        y[:, whole:] = np.matmul(rows, matrix[:, whole:])
    return y
