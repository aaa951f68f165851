"""Emitting activations: one operator where opset and target have it, else the equation."""

import math
from collections.abc import Callable
from typing import Any

from ..builder.builder import Builder
from ..builder.ops import Ops
from ..values import Value
from .notation import Activation, parse_activation

OPERATORS: dict[str, tuple[str, int]] = {
    "celu": ("Celu", 12),
    "elu": ("Elu", 6),
    "exp": ("Exp", 13),
    "gelu": ("Gelu", 20),
    "gelu_tanh": ("Gelu", 20),
    "hard_sigmoid": ("HardSigmoid", 6),
    "hard_swish": ("HardSwish", 14),
    "leaky_relu": ("LeakyRelu", 6),
    "log_softmax": ("LogSoftmax", 13),
    "mish": ("Mish", 18),
    "relu": ("Relu", 13),
    "selu": ("Selu", 6),
    "sigmoid": ("Sigmoid", 13),
    "softmax": ("Softmax", 13),
    "softplus": ("Softplus", 1),
    "softsign": ("Softsign", 1),
    "tanh": ("Tanh", 13),
    "thresholded_relu": ("ThresholdedRelu", 10),
}
"""The operator that computes an activation, and the opset that brought it."""

FIXED_ATTRIBUTES: dict[str, dict[str, Any]] = {
    "gelu_tanh": {"approximate": "tanh"},
    "log_softmax": {"axis": -1},
    "softmax": {"axis": -1},
}


def activate(net: Builder, x: Value, activation: str | Activation | None, layer: str) -> Value:
    """Return ``f(x)`` for the named activation; `x` itself for None and for the identity."""
    if activation is None:
        return x
    f = activation
    if not isinstance(f, Activation):
        f = parse_activation(f, f"'{layer}'")
    if f.name == "identity":
        return x
    operator, since = OPERATORS.get(f.name, ("", 0))
    attributes = {**f.parameters, **FIXED_ATTRIBUTES.get(f.name, {})}
    there = bool(operator) and since <= net.opset
    if there and (f.name not in EQUATIONS or net.runs(operator, x, **attributes)):
        return net.emit(operator, x, layer=layer, dims=x.dims, **attributes)
    return EQUATIONS[f.name](Ops(net, layer), x, **f.parameters)


def _affine(ops: Ops, x: Value, alpha: float, beta: float) -> Value:
    """Return alpha x + beta."""
    scaled = x if alpha == 1 else ops.mul(x, alpha)
    return scaled if beta == 0 else ops.add(scaled, beta)


def _celu(ops: Ops, x: Value, alpha: float) -> Value:
    """Return max(0, x) + min(0, alpha (exp(x / alpha) - 1)) as alpha Elu(x / alpha)."""
    return ops.mul(ops.unary("Elu", ops.mul(x, 1 / alpha), alpha=1.0), alpha)


def _clip(ops: Ops, x: Value, min: float, max: float) -> Value:  # noqa: A002 (ONNX's names)
    return ops.clip(x, min, max)


def _gelu(ops: Ops, x: Value) -> Value:
    """Return x (1 + erf(x / sqrt 2)) / 2 (Hendrycks and Gimpel, 2016).

    onnxruntime makes one operator of it where x is divided, not multiplied, and takes 0.6 of the
    time (1.32, CPU).
    """
    erf = ops.unary("Erf", ops.div(x, math.sqrt(2)))
    return ops.mul(ops.mul(x, 0.5), ops.add(erf, 1.0))


def _gelu_tanh(ops: Ops, x: Value) -> Value:
    """Return x (1 + tanh(sqrt(2/pi) (x + 0.044715 x^3))) / 2 (the same paper's approximation).

    Written as x (1 + 0.044715 x x) inside: of this order onnxruntime makes one operator, where it
    is not the last of the graph, and takes half of the time (1.32, CPU).
    """
    bent = ops.add(ops.mul(ops.mul(x, 0.044715), x), 1.0)
    tanh = ops.unary("Tanh", ops.mul(bent, ops.mul(x, math.sqrt(2 / math.pi))))
    return ops.mul(ops.mul(x, 0.5), ops.add(tanh, 1.0))


def _hard_swish(ops: Ops, x: Value) -> Value:
    """Return x max(0, min(1, x/6 + 1/2))."""
    return ops.mul(x, ops.unary("HardSigmoid", x, alpha=1 / 6, beta=0.5))


def _mish(ops: Ops, x: Value) -> Value:
    """Return x tanh(softplus(x))."""
    return ops.mul(x, ops.unary("Tanh", ops.unary("Softplus", x)))


def _relu6(ops: Ops, x: Value) -> Value:
    return ops.clip(x, 0.0, 6.0)


def _scaled_tanh(ops: Ops, x: Value, alpha: float, beta: float) -> Value:
    """Return alpha tanh(beta x)."""
    return ops.mul(ops.unary("Tanh", ops.mul(x, beta)), alpha)


def _silu(ops: Ops, x: Value) -> Value:
    """Return x sigmoid(x)."""
    return ops.mul(x, ops.unary("Sigmoid", x))


EQUATIONS: dict[str, Callable[..., Value]] = {
    "affine": _affine,
    "celu": _celu,
    "clip": _clip,
    "gelu": _gelu,
    "gelu_tanh": _gelu_tanh,
    "hard_swish": _hard_swish,
    "mish": _mish,
    "relu6": _relu6,
    "scaled_tanh": _scaled_tanh,
    "silu": _silu,
}
"""What computes an activation that no operator of the opset does, or none that the target runs."""
