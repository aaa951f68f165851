"""Rounding activations to 8 bits while a model runs, as onnxruntime's own operators do."""

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
    least = np.minimum(ranged.min(axes, keepdims=True, initial=0), 0)
    greatest = np.maximum(ranged.max(axes, keepdims=True, initial=0), 0)
    scale = (greatest - least) / x.dtype.type(STEPS)
    scale[scale == 0] = 1  # all zeros: they stay zeros
    zero = np.clip(np.rint(-least / scale), 0, STEPS)
    kept = np.clip(np.rint(x / scale) + zero, 0, STEPS) - zero
    rounded: Array = np.multiply(kept, scale, dtype=x.dtype)
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
