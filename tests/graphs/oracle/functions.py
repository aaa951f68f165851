"""Activations on float64 scalars and arrays, from the ONNX specification's formulas."""

import math
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Function = Callable[[Array], Array]


def _sigmoid(x: Array) -> Array:
    return 1 / (1 + np.exp(-x))


def _elu(x: Array, alpha: float) -> Array:
    return np.where(x < 0, alpha * (np.exp(np.minimum(x, 0)) - 1), x)


def _erf(x: Array) -> Array:
    return np.asarray(np.vectorize(math.erf, otypes=[float])(x))


def _gelu_tanh(x: Array) -> Array:
    return np.asarray(0.5 * x * (1 + np.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * x**3))))


def _selu(x: Array, alpha: float, gamma: float) -> Array:
    return np.where(x > 0, gamma * x, gamma * alpha * (np.exp(np.minimum(x, 0)) - 1))


def _celu(x: Array, alpha: float) -> Array:
    return np.maximum(0, x) + np.minimum(0, alpha * (np.exp(np.minimum(x, 0) / alpha) - 1))


def softmax(x: Array, axis: int = -1) -> Array:
    e = np.exp(x)
    return np.asarray(e / e.sum(axis=axis, keepdims=True))


FUNCTIONS: dict[str, Callable[..., Any]] = {
    "affine": lambda x, alpha, beta: alpha * x + beta,
    "celu": _celu,
    "clip": lambda x, **bounds: np.minimum(np.maximum(x, bounds["min"]), bounds["max"]),
    "elu": _elu,
    "exp": np.exp,
    "gelu": lambda x: 0.5 * x * (1 + _erf(x / math.sqrt(2))),
    "gelu_tanh": _gelu_tanh,
    "hard_sigmoid": lambda x, alpha, beta: np.maximum(0, np.minimum(1, alpha * x + beta)),
    "hard_swish": lambda x: x * np.maximum(0, np.minimum(1, x / 6 + 0.5)),
    "identity": lambda x: x,
    "leaky_relu": lambda x, alpha: np.where(x < 0, alpha * x, x),
    "log_softmax": lambda x: np.log(softmax(x)),
    "mish": lambda x: x * np.tanh(np.log(1 + np.exp(x))),
    "relu": lambda x: np.maximum(x, 0),
    "relu6": lambda x: np.minimum(np.maximum(x, 0), 6),
    "scaled_tanh": lambda x, alpha, beta: alpha * np.tanh(beta * x),
    "selu": _selu,
    "sigmoid": _sigmoid,
    "silu": lambda x: x * _sigmoid(x),
    "softmax": softmax,
    "softplus": lambda x: np.log(1 + np.exp(x)),
    "softsign": lambda x: x / (1 + np.abs(x)),
    "tanh": np.tanh,
    "thresholded_relu": lambda x, alpha: np.where(x > alpha, x, 0),
}
"""Every activation by name; parameters are keyword arguments without defaults."""


def function(name: str, **parameters: float) -> Function:
    """Return the activation with its parameters filled in."""
    return partial(FUNCTIONS[name], **parameters)
