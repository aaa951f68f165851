"""MatMulNBits: a product with weights of 2 to 8 bits, packed in blocks with a scale each."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from ...dtypes import Array
from ...registry import Kernel, NodeInfo, kernel, specializer
from ...run_limits import check_bytes
from .rounding import DOMAIN, OTHER_ROUNDING, rounded_blocks

INT8_ACTIVATIONS = 4
"""The accuracy level from which on a runtime may round each block of A to 8 bits."""


def unpacked(B: Array, bits: int) -> Array:
    """Return the numbers of `bits` bits each that fill the bytes of `B`, lowest bits first.

    >>> unpacked(np.array([[0x21, 0x43]], np.uint8), 4).tolist()
    [[1, 2, 3, 4]]
    """
    if bits == 8:
        return B
    every = np.unpackbits(B, axis=-1, bitorder="little")
    weights = (1 << np.arange(bits)).astype(np.uint8)
    numbers: Array = every.reshape(*B.shape[:-1], -1, bits) @ weights
    return numbers


def weights_of(
    B: Array, scales: Array, zero_points: Array | None, N: int, bits: int, block_size: int
) -> Array:
    """Return the matrix [blocks * block size, N] that packed weights stand for.

    `B` is [N, blocks, bytes of a block]; there is a scale for each block, and a zero point, packed
    as `B` is row by row or of the scales' type; without one it is the middle of the range.
    """
    check_bytes((N, B.shape[1], block_size), scales.dtype)
    numbers = unpacked(B, bits).reshape(N, -1, block_size).astype(scales.dtype)
    if zero_points is None:
        numbers -= scales.dtype.type(1 << (bits - 1))
    elif zero_points.dtype == np.uint8:
        zeros = unpacked(zero_points.reshape(N, -1), bits)[:, : B.shape[1]]
        numbers -= zeros.astype(scales.dtype)[..., None]
    else:
        numbers -= zero_points.reshape(N, -1, 1)
    numbers *= scales.reshape(N, -1, 1)
    return numbers.reshape(N, -1).T


@kernel("MatMulNBits", since=1, domain=OTHER_ROUNDING)
@kernel("MatMulNBits", since=1, domain=DOMAIN)
def matmul_nbits(
    A: Array,
    B: Array,
    scales: Array,
    zero_points: Array | None = None,
    g_idx: Array | None = None,
    bias: Array | None = None,
    *,
    K: int,
    N: int,
    bits: int = 4,
    block_size: int,
    accuracy_level: int = 0,
    node: NodeInfo,
) -> Any:
    """Return A [.., K] times the matrix [K, N] of the weights, plus the bias.

    With accuracy level 4 each block of A is rounded to 8 bits first, as onnxruntime does where the
    processor multiplies bytes; elsewhere it does not.
    """
    if g_idx is not None:
        raise ValueError("weights in another order (g_idx) are not supported")
    matrix = weights_of(B, scales, zero_points, N, bits, block_size)
    return _product(A, matrix[:K], bias, block_size if _rounds(accuracy_level, node) else None)


@specializer("MatMulNBits", since=1, domain=OTHER_ROUNDING)
@specializer("MatMulNBits", since=1, domain=DOMAIN)
def with_constant_weights(node: NodeInfo, constants: Sequence[Any]) -> Kernel | None:
    """Unpack constant weights once."""
    B, scales, zeros, g_idx = [*constants, None, None][1:5]
    options = {"bits": 4, "accuracy_level": 0} | dict(node.attributes)
    if B is None or scales is None or g_idx is not None:
        return None
    N, K, bits, block_size = (int(options[name]) for name in ("N", "K", "bits", "block_size"))
    matrix = np.ascontiguousarray(weights_of(B, scales, zeros, N, bits, block_size)[:K])
    rounding = block_size if _rounds(options["accuracy_level"], node) else None

    def run(A: Array, B: Array, scales: Array, *more: Array | None) -> Any:
        zero_points, g_idx, bias = [*more, None, None, None][:3]
        if zero_points is not zeros or g_idx is not None:  # given, and no constants
            return matmul_nbits(A, B, scales, *more, node=node, **options)
        return _product(A, matrix, bias, rounding)

    return run


def _rounds(accuracy_level: int, node: NodeInfo) -> bool:
    return accuracy_level == INT8_ACTIVATIONS and node.domain != OTHER_ROUNDING


def _product(A: Array, matrix: Array, bias: Array | None, block_size: int | None) -> Array:
    rows = A if block_size is None else rounded_blocks(A, block_size)
    product: Array = np.matmul(rows, matrix)
    return product if bias is None else product + bias
