"""The activation functions that RNN, GRU and LSTM may name, computed in place."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]


@dataclass(frozen=True)
class Activation:
    """One activation with its parameters; calling it overwrites its argument.

    >>> x = np.array([-2.0, 3.0])
    >>> Activation("relu")(x)
    >>> x
    array([0., 3.])
    """

    name: str
    """In lower case: the specification's names are compared without regard to case."""
    alpha: float = 0.0
    beta: float = 0.0
    clip: float | None = None
    """The bound of the input, or None."""

    def __call__(self, x: Array) -> None:
        """Replace `x` by the function's values; `x` may be any view of a float array."""
        if self.clip is not None:
            np.clip(x, -self.clip, self.clip, out=x)
        _FUNCTIONS[self.name](x, self.alpha, self.beta)


def parse_activations(
    names: Sequence[str],
    alphas: Sequence[float] | None,
    betas: Sequence[float] | None,
    clip: float | None,
) -> tuple[Activation, ...]:
    """Give each named function its alpha and beta, consumed in order by those that take them.

    >>> parse_activations(["Tanh", "LeakyRelu"], [0.5], None, None)[1]
    Activation(name='leakyrelu', alpha=0.5, beta=0.0, clip=None)
    """
    if clip is not None and not clip >= 0:
        raise ValueError(f"clip must not be negative, got {clip}")
    left_alphas, left_betas = iter(alphas or ()), iter(betas or ())
    return tuple(_parse_one(name, left_alphas, left_betas, clip) for name in names)


def _parse_one(
    name: str, alphas: Iterator[float], betas: Iterator[float], clip: float | None
) -> Activation:
    key = name.lower()
    if key not in _FUNCTIONS:
        raise ValueError(f"unknown activation {name!r}, known are {', '.join(sorted(_FUNCTIONS))}")
    alpha, beta = _DEFAULTS.get(key, (None, None))
    return Activation(
        key,
        0.0 if alpha is None else next(alphas, alpha),
        0.0 if beta is None else next(betas, beta),
        clip,
    )


# (alpha, beta) of the functions that take them; None where there is no such parameter.
_DEFAULTS: dict[str, tuple[float | None, float | None]] = {
    "affine": (1.0, 0.0),
    "leakyrelu": (0.01, None),
    "thresholdedrelu": (1.0, None),
    "scaledtanh": (1.0, 1.0),
    "hardsigmoid": (0.2, 0.5),
    "elu": (1.0, None),
}


def _relu(x: Array, alpha: float, beta: float) -> None:
    np.maximum(x, 0, out=x)


def _tanh(x: Array, alpha: float, beta: float) -> None:
    np.tanh(x, out=x)


def _sigmoid(x: Array, alpha: float, beta: float) -> None:
    """sigmoid(x) = (1 + tanh(x/2)) / 2: no overflow, and one vectorised function."""
    x *= 0.5
    np.tanh(x, out=x)
    x *= 0.5
    x += 0.5


def _affine(x: Array, alpha: float, beta: float) -> None:
    x *= alpha
    x += beta


def _leaky_relu(x: Array, alpha: float, beta: float) -> None:
    np.multiply(x, alpha, out=x, where=x < 0)


def _thresholded_relu(x: Array, alpha: float, beta: float) -> None:
    np.copyto(x, 0, where=x < alpha)


def _scaled_tanh(x: Array, alpha: float, beta: float) -> None:
    x *= beta
    np.tanh(x, out=x)
    x *= alpha


def _hard_sigmoid(x: Array, alpha: float, beta: float) -> None:
    x *= alpha
    x += beta
    np.clip(x, 0, 1, out=x)


def _elu(x: Array, alpha: float, beta: float) -> None:
    negative = x < 0
    np.expm1(x, out=x, where=negative)
    np.multiply(x, alpha, out=x, where=negative)


def _softsign(x: Array, alpha: float, beta: float) -> None:
    x /= 1 + np.abs(x)


def _softplus(x: Array, alpha: float, beta: float) -> None:
    np.logaddexp(x, 0, out=x)


_FUNCTIONS: dict[str, Callable[[Array, float, float], None]] = {
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
