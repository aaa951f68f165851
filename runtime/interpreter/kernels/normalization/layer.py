"""LayerNormalization, RMSNormalization, GroupNormalization: statistics in the stash type."""

from typing import Any

import numpy as np

from ...dtypes import Array, dtype_of, through_float32
from ...registry import NodeInfo, kernel
from .batch import EPSILON, channelwise

_ADD: Any = np.add.reduce


def stashed(X: Array, stash_type: int, node: NodeInfo) -> Array:
    """Return X in the type that the statistics are computed in; never a narrower one than X's."""
    kind = node.float_dtype or dtype_of(stash_type)
    return X if X.dtype == np.float64 else X.astype(kind, copy=False)


def mean_over(x: Array, axes: tuple[int, ...]) -> Any:
    """Return the mean, the axes kept: what np.mean does, without its microseconds of Python."""
    total = _ADD(x, axes, None, None, True)
    return total / x.dtype.type(x.size / max(1, total.size))


@kernel("LayerNormalization", since=17, fresh=True)
def layer_normalization(
    X: Array,
    Scale: Array,
    B: Array | None = None,
    *,
    axis: int = -1,
    epsilon: float = EPSILON,
    stash_type: int = 1,
    node: NodeInfo,
) -> tuple[Any, ...]:
    """Y = Scale (X - Mean) InvStdDev + B, over the axes from `axis` on.

    InvStdDev = 1 / sqrt(mean of (X - Mean)**2 + epsilon).
    """
    wide = stashed(X, stash_type, node)
    axes = tuple(range(axis % X.ndim, X.ndim))
    mean = mean_over(wide, axes)
    centred = wide - mean
    inverse = 1 / np.sqrt(mean_over(np.square(centred), axes) + epsilon)
    centred *= inverse
    y = centred.astype(X.dtype, copy=False)
    y = y * Scale if y.dtype != Scale.dtype else np.multiply(y, Scale, out=y)
    if B is not None:
        y += B
    return y, mean, inverse


@kernel("RMSNormalization", since=23)
def rms_normalization(
    X: Array,
    scale: Array,
    *,
    axis: int = -1,
    epsilon: float = EPSILON,
    stash_type: int = 1,
    node: NodeInfo,
) -> Any:
    """Y = scale X / sqrt(mean of X**2 + epsilon), over the axes from `axis` on."""
    wide = stashed(X, stash_type, node)
    axes = tuple(range(axis % X.ndim, X.ndim))
    root = np.sqrt(mean_over(np.square(wide), axes) + epsilon)
    return (wide / root).astype(X.dtype, copy=False) * scale


def grouped(X: Array, num_groups: int, epsilon: float) -> Array:
    """Return (X - mean) / sqrt(var + epsilon), the statistics per row and group of channels."""
    groups = X.reshape(X.shape[0], num_groups, -1)
    mean = np.mean(groups, axis=2, keepdims=True)
    var = np.var(groups, axis=2, keepdims=True)
    unit: Array = ((groups - mean) / np.sqrt(var + epsilon)).reshape(X.shape)
    return unit


@kernel("GroupNormalization", since=18)
@through_float32
def group_normalization_18(
    X: Array, scale: Array, bias: Array, *, epsilon: float = EPSILON, num_groups: int
) -> Any:
    """Y = scale unit + bias, where scale and bias hold one value per group."""
    repeats = X.shape[1] // num_groups
    gain, shift = np.repeat(scale, repeats), np.repeat(bias, repeats)
    unit = grouped(X, num_groups, epsilon).astype(X.dtype, copy=False)
    return unit * channelwise(gain, X.ndim) + channelwise(shift, X.ndim)


@kernel("GroupNormalization", since=21)
def group_normalization(
    X: Array,
    scale: Array,
    bias: Array,
    *,
    epsilon: float = EPSILON,
    num_groups: int,
    stash_type: int = 1,
    node: NodeInfo,
) -> Any:
    """Y = scale unit + bias, where scale and bias hold one value per channel."""
    unit = grouped(stashed(X, stash_type, node), num_groups, epsilon).astype(X.dtype, copy=False)
    return unit * channelwise(scale, X.ndim) + channelwise(bias, X.ndim)
