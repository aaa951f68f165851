"""MatMulInteger and QLinearMatMul."""

from typing import Any

import numpy as np

from ...dtypes import Array
from ...registry import kernel
from ..casting.quantize import rounded
from .matmul import check_product


def integer_product(A: Array, B: Array, a_zero: Array | None, b_zero: Array | None) -> Any:
    """Return (A - a_zero) (B - b_zero) exactly, as float64.

    Eight-bit products summed in float64 are exact up to 2**37 terms, and BLAS multiplies
    floats far faster than NumPy multiplies integers.
    """
    a, b = A.astype(np.float64), B.astype(np.float64)
    if a_zero is not None:
        a -= per_row(a_zero)
    if b_zero is not None:
        b -= b_zero
    check_product(a, b)
    return np.matmul(a, b)


def per_row(values: Array) -> Array:
    """Reshape one value per row, [rows], to a column; leave a scalar or a batch as it is."""
    return values[:, None] if values.ndim == 1 and values.size > 1 else values


@kernel("MatMulInteger", since=10)
def matmul_integer(
    A: Array, B: Array, a_zero_point: Array | None = None, b_zero_point: Array | None = None
) -> Any:
    """Return (A - a_zero_point) (B - b_zero_point) as int32.

    The zero points stand for the tensor, for each row of A, or for each column of B.
    """
    return integer_product(A, B, a_zero_point, b_zero_point).astype(np.int32)


@kernel("QLinearMatMul", since=10)
def qlinear_matmul(
    a: Array,
    a_scale: Array,
    a_zero_point: Array,
    b: Array,
    b_scale: Array,
    b_zero_point: Array,
    y_scale: Array,
    y_zero_point: Array,
) -> Any:
    """Saturate(round(a_scale b_scale / y_scale (a - a_zero) (b - b_zero)) + y_zero_point)."""
    product = integer_product(a, b, a_zero_point, b_zero_point)
    scale = per_row(a_scale.astype(np.float64)) * b_scale / per_row(y_scale)
    return rounded(product * scale, per_row(y_zero_point), y_zero_point.dtype)
