"""MatMul and Gemm."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from ...dtypes import Array, through_float32
from ...registry import Kernel, NodeInfo, kernel, specializer
from ...run_limits import LEAST, check_bytes
from .blas import FEW, THIN, by_transposed, multiplied


@kernel("MatMul", since=1, fresh=True, growth="product")
@through_float32
def matmul(A: Array, B: Array) -> Any:
    """Return the matrix product A B, with NumPy's rules for vectors and batches."""
    check_product(A, B)
    return np.matmul(A, B)


def check_product(A: Array, B: Array) -> None:
    """Refuse a product that is larger than a run may make."""
    if 0 < A.size * B.size * 8 <= LEAST or A.ndim < 2 or B.ndim < 2:
        return  # A product with a vector is no larger than the other factor.
    batch = np.broadcast_shapes(A.shape[:-2], B.shape[:-2])
    check_bytes((*batch, A.shape[-2], B.shape[-1]), A.dtype)


@kernel("Gemm", since=7, fresh=True, growth="product")
@through_float32
def gemm(
    A: Array,
    B: Array,
    C: Array | None = None,
    *,
    alpha: float = 1.0,
    beta: float = 1.0,
    transA: int = 0,
    transB: int = 0,
) -> Any:
    """Y = alpha A' B' + beta C.

    A' is A or its transpose, [m, k]; B' is [k, n]; C broadcasts to [m, n].
    """
    if A.ndim != 2 or B.ndim != 2:
        raise ValueError(f"A and B must be matrices, but have rank {A.ndim} and {B.ndim}")
    left, right = A.T if transA else A, B.T if transB else B
    check_product(left, right)
    y = np.matmul(left, right)
    if alpha != 1:
        y = (y * alpha).astype(y.dtype, copy=False)
    if C is None or beta == 0:
        return y
    scaled = C if beta == 1 else (C * beta).astype(C.dtype, copy=False)
    if np.broadcast_shapes(scaled.shape, y.shape) != y.shape:
        raise ValueError(f"C of shape {C.shape} does not broadcast to {y.shape}")
    y += scaled
    return y


@specializer("MatMul", since=1)
def matmul_by_constant(node: NodeInfo, constants: Sequence[Any]) -> Kernel | None:
    """Multiply by a constant matrix without asking for types, a batch of rows as one matrix.

    NumPy multiplies a batch of matrices by one matrix once for every matrix of the batch; as one
    tall matrix they are one BLAS call.
    """
    B = constants[1]
    if not plain_matrix(B):
        return None
    inner, columns = B.shape
    most = LEAST * inner // (8 * columns)

    def compute(A: Any, B: Any) -> Any:
        if A.size > most:
            check_bytes((*A.shape[:-1], columns), B.dtype)
        if A.ndim == 2 and A.shape[1] == inner:
            # For one row the same product as matmul's, called in half the time.
            return A.dot(B) if len(A) < FEW[0] else multiplied(A, B)
        if A.ndim <= 2 or A.shape[-1] != inner:
            return np.matmul(A, B)
        return np.matmul(A.reshape(-1, inner), B).reshape(*A.shape[:-1], columns)

    return compute


@specializer("Gemm", since=7)
def gemm_by_constant(node: NodeInfo, constants: Sequence[Any]) -> Kernel | None:
    """Multiply by a constant matrix where alpha and beta are 1, without asking for types.

    The transposed matrix stays a view: BLAS multiplies it as fast as a copy in order (measured
    from 1 to 256 rows, OpenBLAS).
    """
    given = node.attributes
    plain = given.get("alpha", 1.0) == 1 and given.get("beta", 1.0) == 1 and not given.get("transA")
    if not plain or not plain_matrix(constants[1]):
        return None
    turned = bool(given.get("transB")) and constants[1].dtype == np.float32
    matrix = constants[1].T if given.get("transB") else constants[1]
    most = LEAST * len(matrix) // (8 * matrix.shape[1])

    def compute(A: Any, B: Any, C: Any = None) -> Any:
        if A.ndim != 2:
            raise ValueError(f"A must be a matrix, but has rank {A.ndim}")
        if A.size > most:
            check_bytes((len(A), matrix.shape[1]), matrix.dtype)
        if A.shape[1] != len(matrix):
            y = np.matmul(A, matrix)
        elif turned and 1 < len(A) <= THIN:
            y = by_transposed(A, matrix.T)
        else:
            y = A.dot(matrix) if len(A) < FEW[0] else multiplied(A, matrix)
        if C is not None:
            y += C
        return y

    return compute


def plain_matrix(value: Any) -> bool:
    """Whether a constant is a matrix, not an empty one, of a type that BLAS multiplies."""
    if value is None or value.ndim != 2 or not value.size:
        return False
    return value.dtype in (np.float32, np.float64)
