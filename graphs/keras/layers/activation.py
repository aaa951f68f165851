"""Activations that are layers."""

import math

import numpy as np

from ...activations.notation import Activation
from ...builder.ops import Ops
from ...lowering.directions import where
from ...values import Value
from .. import activations
from ..registry import Call, keras_layer
from ..tensor import Tensor


@keras_layer("Activation", masking="keeps")
def activation(call: Call) -> Tensor:
    """Return any activation by its name."""
    return activations.apply(call, call.x)


@keras_layer("LeakyReLU", masking="keeps")
def leaky_relu(call: Call) -> Tensor:
    """Return ``max(x, 0) + slope min(x, 0)``; Keras 2 calls the slope alpha."""
    key = "alpha" if "alpha" in call.fields.table else "negative_slope"
    alpha = call.fields.number(key, 0.3)
    return activations.apply_activation(call, call.x, activations.leaky(alpha))


@keras_layer("ELU", masking="keeps")
def elu(call: Call) -> Tensor:
    """Return ``x`` where it is above 0, else ``alpha (exp(x) - 1)``."""
    alpha = call.fields.number("alpha", 1.0)
    return activations.apply_activation(call, call.x, Activation("elu", {"alpha": alpha}))


@keras_layer("ThresholdedReLU", masking="keeps")
def thresholded_relu(call: Call) -> Tensor:
    """Return ``x`` where it is above theta, else 0 (Keras 2)."""
    f = Activation("thresholded_relu", {"alpha": call.fields.number("theta", 1.0)})
    return activations.apply_activation(call, call.x, f)


@keras_layer("ReLU", masking="keeps")
def relu(call: Call) -> Tensor:
    """Return ``x`` from the threshold on, else ``slope (x - threshold)``; `max_value` at most.

    The usual form is one Clip, which engines make a part of the convolution before it.
    """
    fields, ops = call.fields, call.ops
    threshold = fields.number("threshold", 0.0)
    slope = _first_number(call, "negative_slope")
    bounded = fields.get("max_value") is not None
    largest = fields.number("max_value", 0.0) if bounded else math.inf
    if bounded and threshold == slope == 0 <= largest:
        f = Activation("clip", {"min": 0.0, "max": largest})
        return activations.apply_activation(call, call.x, f)
    if threshold == 0:
        y = activations.apply_activation(call, call.x, activations.leaky(slope))
    else:
        y = call.x.map(lambda x: _from_threshold(ops, x, threshold, slope))
    return y.map(lambda x: _at_most(ops, x, largest)) if bounded else y


@keras_layer("PReLU", masking="keeps")
def prelu(call: Call) -> Tensor:
    """Return ``max(x, 0) + alpha min(x, 0)`` with a trained alpha per place or channel."""
    call.fields.get("shared_axes")
    (alpha,) = call.vault.take(call.label, "alpha")
    x = call.value()
    slope = call.net.weight(call.layer, "alpha", alpha)
    return Tensor(call.net.emit("PRelu", x, slope, layer=call.layer, dims=x.dims))


@keras_layer("Softmax", masking="keeps")
def softmax(call: Call) -> Tensor:
    """Return ``exp(x) / sum(exp(x))`` over one dim."""
    if call.x.mask is not None:
        raise call.refuse("softmax over masked steps is not converted")
    axes = call.axes(call.x.rank)
    if len(axes) != 1:
        raise call.refuse(f"softmax over {len(axes)} dims is not converted")
    return Tensor(call.net.softmax(call.value(), axis=axes[0], name=call.name()))


def _first_number(call: Call, key: str) -> float:
    """Return a number that old files write as a list of one."""
    value = call.fields.get(key, 0.0)
    if isinstance(value, list) and len(value) == 1:
        return float(np.asarray(value, np.float64)[0])
    return call.fields.number(key, 0.0)


def _from_threshold(ops: Ops, x: Value, threshold: float, slope: float) -> Value:
    at_least = ops.net.scalar(ops.layer, threshold, x.dtype)
    above = ops.net.emit(
        "GreaterOrEqual", x, at_least, layer=ops.layer, dims=x.dims, dtype=np.bool_
    )
    return where(ops, above, x, ops.mul(ops.add(x, -threshold), slope))


def _at_most(ops: Ops, x: Value, largest: float) -> Value:
    bound = ops.net.scalar(ops.layer, largest, x.dtype)
    return ops.net.emit("Min", x, bound, layer=ops.layer, dims=x.dims)
