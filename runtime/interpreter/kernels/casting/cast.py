"""Cast, CastLike and BitCast."""

from typing import Any

import ml_dtypes
import numpy as np
import onnx

from ...dtypes import Array, dtype_of, widened
from ...guards import LETTER, longest
from ...registry import NodeInfo, kernel
from ...run_limits import LEAST, check_bytes, check_total

SATURATING = frozenset(
    np.dtype(kind)
    for kind in (
        ml_dtypes.float8_e4m3fn,
        ml_dtypes.float8_e4m3fnuz,
        ml_dtypes.float8_e5m2,
        ml_dtypes.float8_e5m2fnuz,
    )
)
"""Types whose casts clip to the greatest finite number where ``saturate`` is 1."""
WIDEST = 32
"""Letters that NumPy keeps for the text of one number."""
EXPONENT = np.dtype(ml_dtypes.float8_e8m0fnu)
FLOAT4 = np.dtype(ml_dtypes.float4_e2m1fn)


@kernel("Cast", since=6, growth="bounded")
def cast(
    input_: Array, *, round_mode: str = "up", saturate: int = 1, to: int, node: NodeInfo
) -> Any:
    """Return the input in the element type `to`; the reference makes every wide float a float64."""
    return converted(input_, widened(dtype_of(to), node.float_dtype), bool(saturate), round_mode)


@kernel("CastLike", since=15, growth="bounded")
def cast_like(
    input_: Array, target_type: Array, *, round_mode: str = "up", saturate: int = 1
) -> Any:
    """Return the input in the element type of `target_type`."""
    return converted(input_, target_type.dtype, bool(saturate), round_mode)


def converted(x: Array, to: np.dtype[Any], saturate: bool, round_mode: str) -> Any:
    """Convert x to the dtype `to`.

    Floats become integers by dropping the fraction; what lies outside an integer type's range,
    or is NaN, becomes what NumPy makes of it, as the specification leaves it open.
    """
    if x.dtype == to:
        return x
    if x.size > LEAST:
        check_bytes(x.shape, to)
    if to.kind == "O":
        return strings(x)
    if x.dtype.kind == "O":
        check_total(x.size * longest(x) * LETTER, "the text")  # all are made as wide
        return x.astype(np.str_).astype(np.float64 if to.kind in "fV" else to).astype(to)
    if to == EXPONENT:
        wide = x.astype(np.float32)
        raw = onnx.numpy_helper.to_float8e8m0(wide, saturate, round_mode)
        return np.asarray(raw).view(EXPONENT)
    if to in SATURATING and saturate:
        return clipped(x, to)
    return x.astype(to)


def clipped(x: Array, to: np.dtype[Any]) -> Any:
    """Convert to a narrow float, what is too great becoming the greatest; NaN stays NaN."""
    wide = x.astype(np.float64 if x.dtype == np.float64 else np.float32)
    finfo: Any = ml_dtypes.finfo
    limit = float(finfo(to).max)
    return np.clip(wide, -limit, limit).astype(to)


def strings(x: Array) -> Array:
    """Return numbers as text, in the shortest form that reads back to the same number."""
    check_total(x.size * WIDEST * LETTER, "the numbers as text")
    return np.asarray(x).astype(np.str_).astype(object)


@kernel("BitCast", since=26, growth="bounded")
def bit_cast(input_: Array, *, to: int, node: NodeInfo) -> Any:
    """Return the same bits read as the type `to`, which must be as wide.

    In the reference a float64 may stand for a narrower float: it is rounded to the width of `to`
    first.
    """
    kind = dtype_of(to)
    narrow = {2: np.float16, 4: np.float32}.get(kind.itemsize)
    if node.float_dtype is not None and input_.dtype == np.float64 and narrow is not None:
        input_ = input_.astype(narrow)
    if kind.itemsize != input_.dtype.itemsize:
        raise ValueError(f"{input_.dtype} and {kind} differ in width")
    y = np.ascontiguousarray(input_).reshape(input_.shape).view(kind)
    return y.astype(widened(kind, node.float_dtype), copy=False)
