"""BatchNormalization and InstanceNormalization."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from ...dtypes import Array, through_float32
from ...registry import NodeInfo, finisher, kernel
from ..convolution.finishing import Line

EPSILON = 9.999999747378752e-06
"""1e-5 as float32, the default that every operator's schema holds."""


def channelwise(values: Array, rank: int) -> Array:
    """Reshape [channels] so that it broadcasts to [batch, channels, *spatial]."""
    return values.reshape(1, -1, *[1] * (rank - 2)) if rank > 1 else values


def line(scale: Array, B: Array, mean: Array, var: Array, epsilon: float) -> tuple[Array, Array]:
    """Return the factor and the shift that the statistics come to."""
    factor = scale / np.sqrt(var + epsilon)
    return factor, B - mean * factor


def normalized(X: Array, scale: Array, B: Array, mean: Array, var: Array, epsilon: float) -> Array:
    """Scale (X - mean) / sqrt(var + epsilon) + B, as one product and one sum per element."""
    factor, shift = line(scale, B, mean, var, epsilon)
    y = X * channelwise(factor, X.ndim)
    y += channelwise(shift, X.ndim)
    return y.astype(X.dtype, copy=False)


@kernel("BatchNormalization", since=7, fresh=True)
@through_float32
def batch_normalization_7(
    X: Array,
    scale: Array,
    B: Array,
    mean: Array,
    var: Array,
    *,
    epsilon: float = EPSILON,
    momentum: float = 0.8999999761581421,
    spatial: int = 1,
    node: NodeInfo,
) -> Any:
    """Y = scale (X - mean) / sqrt(var + epsilon) + B; five outputs ask for training.

    With spatial 0 every element of a row has its own statistics, of shape X.shape[1:].
    """
    if len(node.outputs) > 1:
        y, new_mean, new_var = trained(X, scale, B, mean, var, epsilon, momentum)
        return y, new_mean, new_var, mean.copy(), var.copy()
    if spatial:
        return normalized(X, scale, B, mean, var, epsilon)
    return scale * (X - mean) / np.sqrt(var + epsilon) + B


@kernel("BatchNormalization", since=9, fresh=True)
def batch_normalization_9(
    X: Array,
    scale: Array,
    B: Array,
    mean: Array,
    var: Array,
    *,
    epsilon: float = EPSILON,
    momentum: float = 0.8999999761581421,
    node: NodeInfo,
) -> Any:
    """Y = scale (X - mean) / sqrt(var + epsilon) + B; five outputs ask for training."""
    return batch_normalization_7(
        X, scale, B, mean, var, epsilon=epsilon, momentum=momentum, node=node
    )


@kernel("BatchNormalization", since=14, fresh=True)
@through_float32
def batch_normalization(
    X: Array,
    scale: Array,
    B: Array,
    input_mean: Array,
    input_var: Array,
    *,
    epsilon: float = EPSILON,
    momentum: float = 0.8999999761581421,
    training_mode: int = 0,
) -> Any:
    """Y = scale (X - mean) / sqrt(var + epsilon) + B, the statistics per channel.

    In training mode the mean and the population variance are X's own, and the outputs
    running = input * momentum + own * (1 - momentum) follow.
    """
    if training_mode:
        return trained(X, scale, B, input_mean, input_var, epsilon, momentum)
    return normalized(X, scale, B, input_mean, input_var, epsilon)


@finisher("BatchNormalization", since=7)
def batch_normalization_of_rows(node: NodeInfo, constants: Sequence[Any]) -> Line | None:
    """Return the product and sum per channel, where the statistics are known and the channels'."""
    given = node.attributes
    statistics = constants[1:]
    plain = given.get("spatial", 1) and not given.get("training_mode") and len(node.outputs) == 1
    if not plain or any(v is None or v.ndim != 1 or v.dtype != np.float32 for v in statistics):
        return None
    scale, B, mean, var = statistics
    return Line(*line(scale, B, mean, var, given.get("epsilon", EPSILON)))


def trained(
    X: Array,
    scale: Array,
    B: Array,
    mean: Array,
    var: Array,
    epsilon: float,
    momentum: float,
) -> tuple[Array, Array, Array]:
    """Normalize by X's own statistics; return those mixed into the running ones too."""
    axes = tuple(axis for axis in range(X.ndim) if axis != 1)
    own_mean, own_var = np.mean(X, axis=axes), np.var(X, axis=axes)
    y = normalized(X, scale, B, own_mean, own_var, epsilon)
    new_mean = (mean * momentum + own_mean * (1 - momentum)).astype(mean.dtype)
    return y, new_mean, (var * momentum + own_var * (1 - momentum)).astype(var.dtype)


@kernel("InstanceNormalization", since=6)
@through_float32
def instance_normalization(
    input_: Array, scale: Array, B: Array, *, epsilon: float = EPSILON
) -> Any:
    """Scale (x - mean) / sqrt(var + epsilon) + B, mean and variance per row and channel."""
    axes = tuple(range(2, input_.ndim))
    mean = np.mean(input_, axis=axes, keepdims=True)
    var = np.var(input_, axis=axes, keepdims=True)
    unit = (input_ - mean) / np.sqrt(var + epsilon)
    y = channelwise(scale, input_.ndim) * unit + channelwise(B, input_.ndim)
    return y.astype(input_.dtype, copy=False)
