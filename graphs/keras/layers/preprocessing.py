"""Scaling of inputs."""

from typing import Any

import numpy as np

from ...weights.arrays import Array
from ..registry import Call, keras_layer
from ..tensor import Tensor

LEAST = 1e-7
"""Keras divides by this where a standard deviation is smaller (keras.backend.epsilon)."""


@keras_layer("Rescaling", masking="keeps")
def rescaling(call: Call) -> Tensor:
    """Return ``x scale + offset``."""
    scale, offset = (_numbers(call, key, d) for key, d in (("scale", 1.0), ("offset", 0.0)))
    x = call.value()
    return Tensor(_affine(call, scale, offset, x.rank))


@keras_layer("Normalization", masking="keeps")
def normalization(call: Call) -> Tensor:
    """Return ``(x - mean) / max(sqrt(variance), 1e-7)``, or the inverse of that."""
    fields, rank = call.fields, call.x.rank
    axes = [] if fields.get("axis", -1) == [] else call.axes(rank)
    if fields.table.get("mean") is None:
        mean, variance = call.vault.take(call.label, "mean", "variance")
    else:
        mean, variance = _numbers(call, "mean", 0.0), _numbers(call, "variance", 1.0)
    fields.get("mean"), fields.get("variance")
    shape = [call.x.dims[axis] if axis in axes else 1 for axis in range(rank)]
    sizes = [size for size in shape if isinstance(size, int)]
    if len(sizes) < rank:
        raise call.refuse("normalises over a dim whose size is open")
    mean, variance = (
        np.broadcast_to(np.asarray(a, np.float64).reshape(_fitting(a, sizes)), sizes)
        for a in (mean, variance)
    )
    root = np.maximum(np.sqrt(variance), LEAST)
    if fields.flag("invert", False):
        return Tensor(_affine(call, root, mean, rank))
    return Tensor(_affine(call, 1 / root, -mean / root, rank))


def _fitting(array: Any, sizes: list[int]) -> list[int]:
    """Return the shape in which statistics stretch over the input."""
    return sizes if np.size(array) == int(np.prod(sizes)) else [1] * len(sizes)


def _affine(call: Call, scale: Array, offset: Array, rank: int) -> Any:
    """Return ``x scale + offset`` over the last dims."""
    ops, x = call.ops, call.value()
    for role, array in (("scale", scale), ("offset", offset)):
        if np.all(array == (role == "scale")):
            continue
        weight = call.net.weight(call.layer, role, np.asarray(array, np.float64))
        x = ops.mul(x, weight) if role == "scale" else ops.add(x, weight)
    return x


def _numbers(call: Call, key: str, default: float) -> Array:
    """Return a field that is a number or nested lists of numbers."""
    value = call.fields.get(key, default)
    try:
        array = np.asarray(value, np.float64)
    except (TypeError, ValueError):
        call.fields.refuse(key, value, "a number, or a list of numbers")
    if array.size > 1 << 20 or not np.all(np.isfinite(array)):
        call.fields.refuse(key, value, "finite numbers")
    return array
