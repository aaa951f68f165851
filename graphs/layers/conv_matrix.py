"""A convolution as the fully connected layer that it is: its matrix, sparse and shared."""

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ..weights import ConvWeights, DenseWeights
from .windows import Windows


def conv_matrix(
    weights: ConvWeights, size: Sequence[int], windows: Windows, groups: int
) -> DenseWeights:
    """Return the dense layer that maps a flattened input to the convolution's flattened output.

    Row ``(o, p)`` holds kernel o where the window at position p meets the input, and zeros
    elsewhere: ``W[(o, p), (c, p strides + k dilations - pads)] = w[o, c, k]``.

    Parameters
    ----------
    weights
        ``w`` of ``[out, channels / groups, kernel...]``.
    size
        The spatial dims of the input.
    windows
        The convolution's windows.
    groups
        The number of groups.

    Returns
    -------
    DenseWeights
        ``w`` of ``[out * positions, channels * prod(size)]``, ``b`` the bias of each row's kernel.
    """
    channels, count = groups * weights.group_channels, weights.output_channels
    starts = [_starts(size[axis], windows, axis) for axis in range(len(size))]
    positions = tuple(map(len, starts))
    matrix = np.zeros((count, *positions, channels, *size), weights.dtype)
    sources = _sources(weights, groups)
    for kernel in np.ndindex(*windows.kernel):
        meets = [
            _meets(start + tap * dilation, limit)
            for start, tap, dilation, limit in zip(
                starts, kernel, windows.dilations, size, strict=True
            )
        ]
        where, at = np.ix_(*(m[0] for m in meets)), np.ix_(*(m[1] for m in meets))
        for out, channel in np.ndindex(count, weights.group_channels):
            matrix[(out, *where, sources[out, channel], *at)] = weights.w[(out, channel, *kernel)]
    rows = matrix.reshape(count * math.prod(positions), -1)
    bias = None if weights.b is None else np.repeat(weights.b, math.prod(positions))
    return DenseWeights(rows, bias)


def _starts(size: int, windows: Windows, axis: int) -> NDArray[np.intp]:
    """Return where the windows start along `axis`; negative in the padding."""
    begin, end = windows.pads[axis], windows.pads[axis + len(windows.kernel)]
    span = windows.dilations[axis] * (windows.kernel[axis] - 1) + 1
    return np.arange(-begin, size + end - span + 1, windows.strides[axis])


def _meets(taps: NDArray[np.intp], limit: int) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return the positions whose tap falls on the input, not on padding, and where it falls."""
    (positions,) = np.nonzero((taps >= 0) & (taps < limit))
    return positions, taps[positions]


def _sources(weights: ConvWeights, groups: int) -> NDArray[np.intp]:
    """Return the input channel that channel c of kernel o reads, ``[out, channels / groups]``."""
    group = np.arange(weights.output_channels) // (weights.output_channels // groups)
    return group[:, None] * weights.group_channels + np.arange(weights.group_channels)
