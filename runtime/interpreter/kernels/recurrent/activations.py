"""The activation functions that RNN, GRU and LSTM may name, computed in place."""

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
HALF = np.array(0.5, np.float32)
"""NumPy takes half as long to multiply by it as by a Python float."""
InPlace = Callable[[Array], None]
"""Overwrites its argument, which may be any view of a float array."""


def activations(
    names: Sequence[str],
    alphas: Sequence[float] | None = None,
    betas: Sequence[float] | None = None,
    clip: float | None = None,
) -> list[InPlace]:
    """Return the named functions; alphas and betas go, in order, to those that take them.

    `clip` bounds the input of each.

    >>> x = np.array([-2.0, 3.0])
    >>> tanh, leaky = activations(["Tanh", "LeakyRelu"], [0.5])
    >>> leaky(x)
    >>> x
    array([-1.,  3.])
    """
    if clip is not None and not clip >= 0:
        raise ValueError(f"clip must not be negative, got {clip}")
    left_alphas, left_betas = iter(alphas or ()), iter(betas or ())
    functions = [_parametrized(name, left_alphas, left_betas) for name in names]
    return functions if clip is None else [_clipped(function, clip) for function in functions]


def _parametrized(name: str, alphas: Iterator[float], betas: Iterator[float]) -> InPlace:
    key = name.lower()
    if key not in _FUNCTIONS:
        raise ValueError(f"unknown activation {name!r}, known are {', '.join(sorted(_FUNCTIONS))}")
    defaults = _DEFAULTS.get(key)
    if defaults is None:
        return _FUNCTIONS[key]
    given = {"alpha": alphas, "beta": betas}
    return partial(_FUNCTIONS[key], **{p: next(given[p], value) for p, value in defaults.items()})


def _clipped(function: InPlace, clip: float) -> InPlace:
    def clipped(x: Array) -> None:
        _bound(x, -clip, clip)
        function(x)

    return clipped


_DEFAULTS = {
    "affine": {"alpha": 1.0, "beta": 0.0},
    "leakyrelu": {"alpha": 0.01},
    "thresholdedrelu": {"alpha": 1.0},
    "scaledtanh": {"alpha": 1.0, "beta": 1.0},
    "hardsigmoid": {"alpha": 0.2, "beta": 0.5},
    "elu": {"alpha": 1.0},
}
"""What each function takes; the specification's defaults where it has any."""


def _bound(x: Array, low: float, high: float) -> None:
    """Do what ``np.clip`` does, whose call alone costs more than these two."""
    np.maximum(x, low, out=x)
    np.minimum(x, high, out=x)


def _relu(x: Array) -> None:
    np.maximum(x, 0, out=x)


def _tanh(x: Array) -> None:
    np.tanh(x, x)


def _sigmoid(x: Array) -> None:
    """sigmoid(x) = (1 + tanh(x/2)) / 2: no overflow, and one vectorised function."""
    np.multiply(x, HALF, x)  # x/2
    np.tanh(x, x)  # tanh(x/2)
    np.multiply(x, HALF, x)  # tanh(x/2) / 2
    np.add(x, HALF, x)  # 1/2 + tanh(x/2) / 2


def _affine(x: Array, alpha: float, beta: float) -> None:
    x *= alpha
    x += beta  # alpha x + beta


def _leaky_relu(x: Array, alpha: float) -> None:
    np.multiply(x, alpha, out=x, where=x < 0)


def _thresholded_relu(x: Array, alpha: float) -> None:
    np.copyto(x, 0, where=x < alpha)


def _scaled_tanh(x: Array, alpha: float, beta: float) -> None:
    x *= beta
    np.tanh(x, x)  # tanh(beta x)
    x *= alpha  # alpha tanh(beta x)


def _hard_sigmoid(x: Array, alpha: float, beta: float) -> None:
    x *= alpha
    x += beta  # alpha x + beta
    _bound(x, 0.0, 1.0)


def _elu(x: Array, alpha: float) -> None:
    negative = x < 0
    np.expm1(x, out=x, where=negative)
    np.multiply(x, alpha, out=x, where=negative)


def _softsign(x: Array) -> None:
    x /= 1 + np.abs(x)


def _softplus(x: Array) -> None:
    np.logaddexp(x, 0, out=x)


_FUNCTIONS: dict[str, Callable[..., None]] = {
    "relu": _relu,
    "tanh": _tanh,
    "sigmoid": _sigmoid,
    "affine": _affine,
    "leakyrelu": _leaky_relu,
    "thresholdedrelu": _thresholded_relu,
    "scaledtanh": _scaled_tanh,
    "hardsigmoid": _hard_sigmoid,
    "elu": _elu,
    "softsign": _softsign,
    "softplus": _softplus,
}
