"""Rounding activations to 8 bits while a model runs, as onnxruntime's own operators do."""

from collections.abc import Callable
from typing import Any

import numpy as np

from ...dtypes import Array

DOMAIN = "com.microsoft"
OTHER_ROUNDING = "onnxwright.other_rounding"
"""The domain of the same operators as a runtime may round otherwise without being wrong.

DynamicQuantizeLSTM takes a range for each row of the batch, not one for all; MatMulNBits does not
round at all.
"""
STEPS = 255
"""Steps between the least and the greatest number of an unsigned byte."""
SIGNED_STEPS = 127
"""Steps on each side of zero of a signed byte."""


def rounded_to_bytes(
    x: Array, axes: tuple[int, ...] | None = None, ranged: Array | None = None
) -> Array:
    """Return what is left of `x` when it is stored in unsigned bytes.

    As in DynamicQuantizeLinear one scale and one zero point serve the array, or all that lies
    along `axes`. The range is that of `ranged`, else of `x`, widened to hold 0.
    """
    ranged = x if ranged is None else ranged
    over: dict[str, Any] = {"axis": axes, "keepdims": axes is not None, "initial": 0}
    least, greatest = np.minimum.reduce(ranged, **over), np.maximum.reduce(ranged, **over)
    scale = (greatest - least) / x.dtype.type(STEPS)
    if axes is not None:
        scale[scale == 0] = 1  # all zeros: they stay zeros
    elif scale == 0:
        return x
    zero = np.rint(-least / scale)
    rounded: Array = np.divide(x, scale)
    np.rint(rounded, rounded)  # round(x / scale)
    # At most 255 once zero is added; at least 0 it is already, since zero stands for the least.
    np.minimum(rounded, STEPS - zero, out=rounded)
    np.multiply(rounded, scale, out=rounded)  # the number that the byte stands for
    return rounded


def rounding_into(room: Array) -> Callable[[Array], Array]:
    """Return `rounded_to_bytes` for arrays as large as `room`, of one range, written into it.

    A recurrent layer calls it at every step. ``argmin`` takes a third of a reduction's time, and
    dividing by an array of rank 0 two thirds of dividing by a number.
    """
    kind = room.dtype.type
    scale, most = np.empty((), room.dtype), np.empty((), room.dtype)
    none, steps = kind(0), kind(STEPS)

    def rounded(x: Array) -> Array:
        flat = x.reshape(-1)
        least, greatest = flat[flat.argmin()], flat[flat.argmax()]
        least, greatest = min(least, none), max(greatest, none)
        unit = (greatest - least) / steps
        if unit == 0:
            return x
        scale[()], most[()] = unit, steps - np.rint(-least / unit)
        np.divide(x, scale, room)
        np.rint(room, room)  # round(x / scale)
        np.minimum(room, most, out=room)
        result: Array = np.multiply(room, scale, room)
        return result

    return rounded


def rounded_blocks(A: Array, block_size: int) -> Array:
    """Return A [.., K] with each block along K rounded to 127 steps of its largest number."""
    *outer, width = A.shape
    padded = np.zeros((*outer, -(-width // block_size) * block_size), A.dtype)
    padded[..., :width] = A
    blocks = padded.reshape(*outer, -1, block_size)
    scale = np.abs(blocks).max(axis=-1, keepdims=True, initial=0) / A.dtype.type(SIGNED_STEPS)
    scale[scale == 0] = 1
    rounded: Array = (np.rint(blocks / scale) * scale).reshape(padded.shape)[..., :width]
    return rounded
