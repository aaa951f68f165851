"""MatMul and Gemm."""

from typing import Any

import numpy as np

from ...dtypes import Array, through_float32
from ...registry import kernel


@kernel("MatMul", since=1)
@through_float32
def matmul(A: Array, B: Array) -> Any:
    """Return the matrix product A B, with NumPy's rules for vectors and batches."""
    return np.matmul(A, B)


@kernel("Gemm", since=7)
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
    y = np.matmul(A.T if transA else A, B.T if transB else B)
    if alpha != 1:
        y = (y * alpha).astype(y.dtype, copy=False)
    if C is None or beta == 0:
        return y
    scaled = C if beta == 1 else (C * beta).astype(C.dtype, copy=False)
    if np.broadcast_shapes(scaled.shape, y.shape) != y.shape:
        raise ValueError(f"C of shape {C.shape} does not broadcast to {y.shape}")
    y += scaled
    return y
