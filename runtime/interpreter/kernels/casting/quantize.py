"""QuantizeLinear, DequantizeLinear, DynamicQuantizeLinear.

Scales and zero points stand for the whole tensor, for an axis, or for blocks along one.
"""

from functools import cache
from typing import Any

import ml_dtypes
import numpy as np

from ...dtypes import Array, dtype_of, widened
from ...registry import NodeInfo, kernel
from ...run_limits import LEAST, check_bytes
from .cast import converted


def spread(values: Array, shape: tuple[int, ...], axis: int, block_size: int) -> Array:
    """Make scales or zero points broadcast to a tensor of `shape`."""
    if values.size == 1 and not block_size:
        return values.reshape(())
    if values.ndim == 1 and not block_size:
        return values.reshape([-1 if i == axis % len(shape) else 1 for i in range(len(shape))])
    if not block_size:
        raise ValueError(
            f"a scale or zero point of shape {values.shape} fits neither a tensor "
            f"of shape {shape} nor its axis {axis}"
        )
    check_bytes((*np.delete(values.shape, axis).tolist(), shape[axis]), values.dtype)
    return np.take(values, np.arange(shape[axis]) // block_size, axis)


def is_integer(kind: np.dtype[Any]) -> bool:
    """Whether a type is an integer, the four- and two-bit ones included."""
    return kind.kind in "iu" or "int" in kind.name


@cache
def limits(kind: np.dtype[Any]) -> tuple[int, int]:
    """Return the least and the greatest number of an integer type."""
    iinfo: Any = ml_dtypes.iinfo
    return int(iinfo(kind).min), int(iinfo(kind).max)


def rounded(x: Any, zero_point: Array | None, kind: np.dtype[Any]) -> Any:
    """Return saturate(round half to even(x) + zero point) in an integer type, and overwrite `x`."""
    y = np.asarray(x)  # NumPy gives a scalar for what has no dims
    np.rint(y, out=y)
    if zero_point is not None and moves(zero_point):
        np.add(y, zero_point.astype(y.dtype), out=y)
    y.clip(*limits(kind), out=y)  # half the time of np.clip
    return y.astype(kind)


def moves(zero_point: Array) -> bool:
    """Whether a zero point need be added: most stand for a whole tensor, and half of them are 0."""
    return zero_point.size > 1 or bool(zero_point.item())


@kernel("QuantizeLinear", since=10, growth="bounded")
def quantize(
    x: Array,
    y_scale: Array,
    y_zero_point: Array | None = None,
    *,
    axis: int = 1,
    block_size: int = 0,
    output_dtype: int = 0,
    precision: int = 0,
    saturate: int = 1,
    node: NodeInfo,
) -> Any:
    """Saturate(round(x / y_scale) + y_zero_point), rounded half to even.

    The type is the zero point's, else `output_dtype`, else uint8; a float type is cast to, with
    saturation as in Cast. The division is done in `precision`, else in the scale's type.
    """
    if y_zero_point is not None:
        kind = y_zero_point.dtype
    else:
        kind = dtype_of(output_dtype) if output_dtype else np.dtype(np.uint8)
    wide = _wide(dtype_of(precision) if precision else y_scale.dtype, node)
    scale = spread(y_scale, x.shape, axis, block_size).astype(wide, copy=False)
    quotient = x.astype(wide, copy=False) / scale
    if not is_integer(kind):
        return converted(quotient, kind, bool(saturate), "up")
    zero = None if y_zero_point is None else spread(y_zero_point, x.shape, axis, block_size)
    return rounded(quotient, zero, kind)


def _wide(kind: np.dtype[Any], node: NodeInfo) -> np.dtype[Any]:
    """Return the type to divide in: at least float32, so that NumPy rounds each step once."""
    if node.float_dtype is not None:
        return node.float_dtype
    return kind if kind == np.float64 else np.dtype(np.float32)


@kernel("DequantizeLinear", since=10, growth="bounded")
def dequantize(
    x: Array,
    x_scale: Array,
    x_zero_point: Array | None = None,
    *,
    axis: int = 1,
    block_size: int = 0,
    output_dtype: int = 0,
    node: NodeInfo,
) -> Any:
    """(x - x_zero_point) x_scale, in `output_dtype`, else in the scale's type."""
    kind = dtype_of(output_dtype) if output_dtype else x_scale.dtype
    target = widened(kind, node.float_dtype)
    wide = _wide(target, node)
    if x.size * wide.itemsize > LEAST:
        check_bytes(x.shape, wide)
    y = x.astype(wide)
    if x_zero_point is not None and moves(x_zero_point):
        y -= spread(x_zero_point, x.shape, axis, block_size).astype(wide)
    y *= spread(x_scale, x.shape, axis, block_size).astype(wide, copy=False)
    return y.astype(target, copy=False)


@kernel("DynamicQuantizeLinear", since=11)
def dynamic_quantize(x: Array) -> tuple[Any, ...]:
    """Quantize to uint8 by the tensor's own range, which is widened to hold 0.

    scale = (max - min) / 255, zero point = saturate(round(-min / scale)). A tensor of zeros has
    scale 1 here, as in onnxruntime: the specification divides by zero.
    """
    least = np.minimum.reduce(x, axis=None, initial=0)
    greatest = np.maximum.reduce(x, axis=None, initial=0)
    scale = np.asarray((greatest - least) / x.dtype.type(255))
    if not scale:
        scale = np.ones_like(scale)
    zero = np.asarray(min(np.rint(-least / scale), x.dtype.type(255))).astype(np.uint8)
    y, shift = np.asarray(x / scale), x.dtype.type(zero)
    np.rint(y, out=y)
    if shift:
        np.add(y, shift, out=y)
    if not (np.rint(least / scale) + shift >= 0 and np.rint(greatest / scale) + shift <= 255):
        y.clip(0, 255, out=y)  # the ends tell whether any number is outside: seldom one is
    return y.astype(np.uint8), scale, zero
