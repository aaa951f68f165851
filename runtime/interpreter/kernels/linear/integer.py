"""MatMulInteger and QLinearMatMul.

The kernels themselves multiply in float64: the reference does so. Every other node is given a
product in float32 when the model is compiled, which is as exact; see :mod:`.exact`.
"""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ...dtypes import Array
from ...registry import Kernel, NodeInfo, kernel, specializer
from ...run_limits import keep
from ..casting.quantize import rounded
from .exact import centred, exact_product, right_factor, wrapped
from .matmul import check_product

BYTES = (np.dtype(np.uint8), np.dtype(np.int8))
Product = Callable[[Array, Array, Array | None, Array | None], Any]
"""(A - a_zero) (B - b_zero) of A, B, a_zero and b_zero, exactly, in a float type."""


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
    """Return (A - a_zero_point) (B - b_zero_point) as int32; what int32 cannot hold wraps around.

    The zero points stand for the tensor, for each row of A, or for each column of B.
    """
    return wrapped(integer_product(A, B, a_zero_point, b_zero_point))


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
    return _requantized(product, a_scale, b_scale, y_scale, y_zero_point)


def _requantized(
    product: Any, a_scale: Array, b_scale: Array, y_scale: Array, y_zero_point: Array
) -> Any:
    scale = per_row(a_scale.astype(np.float64)) * b_scale / per_row(y_scale)
    return rounded(product * scale, per_row(y_zero_point), y_zero_point.dtype)


@specializer("MatMulInteger", since=10)
def faster_matmul_integer(node: NodeInfo, constants: Sequence[Any]) -> Kernel | None:
    """Multiply in float32."""
    if node.float_dtype is not None:
        return None
    b_zero = constants[3] if len(constants) > 3 else None
    product = _product(constants[1], b_zero, known=b_zero is not None or len(constants) < 4)

    def compute(A: Array, B: Array, a_zero: Array | None = None, b_zero: Any = None) -> Any:
        return wrapped(product(A, B, a_zero, b_zero))

    return compute


@specializer("QLinearMatMul", since=10)
def faster_qlinear_matmul(node: NodeInfo, constants: Sequence[Any]) -> Kernel | None:
    """Multiply in float32."""
    if node.float_dtype is not None:
        return None
    product = _product(constants[3], constants[5], known=constants[5] is not None)

    def compute(
        a: Array, a_scale: Array, a_zero: Array, b: Array, b_scale: Array, b_zero: Array, *y: Array
    ) -> Any:
        return _requantized(product(a, b, a_zero, b_zero), a_scale, b_scale, *y)

    return compute


def _product(B: Array | None, b_zero: Array | None, *, known: bool) -> Product:
    """Return the product; a constant right factor is converted now, for 4 bytes a number."""
    fixed = None
    if B is not None and known and B.ndim > 1 and B.dtype in BYTES and keep(4 * B.size):
        fixed = right_factor(B, b_zero, measured=True)

    def product(A: Array, B: Array, a_zero: Array | None, b_zero: Array | None) -> Any:
        if A.dtype not in BYTES or B.dtype not in BYTES:  # eight-bit floats
            return integer_product(A, B, a_zero, b_zero)
        factor = fixed or right_factor(B, b_zero, measured=False)
        return exact_product(centred(A, None if a_zero is None else per_row(a_zero)), factor)

    return product
