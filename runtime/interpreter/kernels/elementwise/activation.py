"""Activation functions, as the operator specification writes them.

Constants are Python floats, so every function computes in its input's dtype. A function with an
exp in one branch of a choice evaluates it on the branch's side only, where it cannot overflow.
"""

import math
from typing import Any

import numpy as np

from ...dtypes import Array, number, through_float32
from ...registry import kernel
from .erf import erf
from .ufuncs import register


@kernel(
    "Relu",
    since=6,
    fresh=True,
    over=lambda x: np.maximum(x, number(0, x.dtype), out=x),
    growth="bounded",
)
def relu(X: Array) -> Any:
    """max(x, 0); NaN stays NaN."""
    return np.maximum(X, number(0, X.dtype))


@kernel("Sigmoid", since=6, fresh=True, growth="bounded")
@through_float32
def sigmoid(X: Array) -> Any:
    """1 / (1 + exp(-x)); where exp overflows the quotient is 0, as it should be."""
    if X.ndim == 0:
        return sigmoid(X.reshape(1))[0]
    one = number(1, X.dtype)
    y = np.negative(X)
    np.exp(y, y)
    np.add(y, one, y)
    return np.divide(one, y, y)


register("Tanh", np.tanh, "input_", since=6, over=np.tanh)


@kernel("LeakyRelu", since=6, fresh=True)
@through_float32
def leaky_relu(X: Array, *, alpha: float = 0.009999999776482582) -> Any:
    """Return x where x >= 0, else alpha x: the greater of them, or the lesser, by alpha.

    Picking by a condition takes ten times as long.
    """
    if not alpha > 0:  # 0 times infinity is NaN
        return np.where(X < 0, X * alpha, X)
    y = np.multiply(X, number(alpha, X.dtype), out=np.empty_like(X))
    return (np.maximum if alpha <= 1 else np.minimum)(X, y, out=y)


@kernel("ThresholdedRelu", since=10)
def thresholded_relu(X: Array, *, alpha: float = 1.0) -> Any:
    """Return x where x > alpha, else 0."""
    return np.where(alpha < X, X, X.dtype.type(0))


@kernel("PRelu", since=7, growth="broadcast")
@through_float32
def parametric_relu(X: Array, slope: Array) -> Any:
    """Return x where x >= 0, else slope x; the slope broadcasts to X."""
    if not np.isfinite(slope).all():  # times 0, it is NaN
        return np.where(X < 0, X * slope, X)
    zero = number(0, X.dtype)
    return np.minimum(X, zero) * slope + np.maximum(X, zero)


@kernel("Elu", since=6, fresh=True)
@through_float32
def elu(X: Array, *, alpha: float = 1.0) -> Any:
    """Return x where x > 0, else alpha (exp(x) - 1)."""
    return _elu(X, alpha)


def _elu(x: Array, alpha: float) -> Array:
    """Sum max(x, 0) and alpha (exp(min(x, 0)) - 1), of which one is 0."""
    zero = number(0, x.dtype)
    y = np.minimum(x, zero, out=np.empty_like(x))
    np.expm1(y, out=y)
    y *= number(alpha, x.dtype)
    y += np.maximum(x, zero)
    return y


@kernel("Celu", since=12)
@through_float32
def celu(X: Array, *, alpha: float = 1.0) -> Any:
    """max(0, x) + min(0, alpha (exp(x / alpha) - 1))."""
    return np.maximum(X, 0) + alpha * np.expm1(np.minimum(X, 0) / alpha)


@kernel("Selu", since=6)
@through_float32
def selu(X: Array, *, alpha: float = 1.6732631921768188, gamma: float = 1.0507010221481323) -> Any:
    """Return gamma x where x > 0, else gamma alpha (exp(x) - 1)."""
    y = _elu(X, alpha)
    y *= number(gamma, X.dtype)
    return y


@kernel("Gelu", since=20, fresh=True)
@through_float32
def gelu(X: Array, *, approximate: str = "none") -> Any:
    """Return x / 2 (1 + erf(x / sqrt 2)), or its approximation by tanh."""
    if approximate == "tanh":
        inner = math.sqrt(2 / math.pi) * (X + 0.044715 * X * X * X)
        return 0.5 * X * (1 + np.tanh(inner))
    return 0.5 * X * (1 + erf(X * math.sqrt(0.5)))


def clipped_line(x: Array, slope: float, start: float) -> Array:
    """max(0, min(1, slope x + start)), in one new array."""
    y = np.multiply(x, number(slope, x.dtype), out=np.empty_like(x))
    y += number(start, x.dtype)
    return y.clip(number(0, x.dtype), number(1, x.dtype), out=y)


@kernel("HardSigmoid", since=6, fresh=True)
@through_float32
def hard_sigmoid(X: Array, *, alpha: float = 0.20000000298023224, beta: float = 0.5) -> Any:
    """max(0, min(1, alpha x + beta))."""
    return clipped_line(X, alpha, beta)


@kernel("HardSwish", since=14, fresh=True)
@through_float32
def hard_swish(X: Array) -> Any:
    """Return x max(0, min(1, x / 6 + 1 / 2))."""
    y = clipped_line(X, 1 / 6, 0.5)
    y *= X
    return y


@kernel("Swish", since=24)
@through_float32
def swish(X: Array, *, alpha: float = 1.0) -> Any:
    """Return x sigmoid(alpha x)."""
    return X * sigmoid(X * alpha)


@kernel("Mish", since=18)
@through_float32
def mish(X: Array) -> Any:
    """Return x tanh(softplus(x))."""
    return X * np.tanh(softplus(X))


@kernel("Softplus", since=1, fresh=True)
@through_float32
def softplus(X: Array) -> Any:
    """ln(1 + exp(x)), as max(x, 0) + log1p(exp(-abs(x)))."""
    return np.maximum(X, 0) + np.log1p(np.exp(-np.abs(X)))


@kernel("Softsign", since=1)
@through_float32
def softsign(input_: Array) -> Any:
    """Return x / (1 + abs(x))."""
    return input_ / (1 + np.abs(input_))


@kernel("Shrink", since=9)
def shrink(input_: Array, *, bias: float = 0.0, lambd: float = 0.5) -> Any:
    """Return x + bias where x < -lambd, x - bias where x > lambd, else 0."""
    low, high = input_ < -lambd, input_ > lambd
    kind = input_.dtype
    shifted = np.where(low, input_ + bias, np.where(high, input_ - bias, 0))
    return shifted.astype(kind, copy=False)


def _at_once(x: Array, *bounds: Array) -> bool:
    """Whether NumPy clips in one pass, a third of two passes' time: two numbers of x's own type."""
    return x.dtype.kind in "fiu" and all(b.ndim == 0 and b.dtype == x.dtype for b in bounds)


@kernel("Clip", since=6, growth="product")
def clip_6(
    input_: Array, *, max_: float = 3.4028234663852886e38, min_: float = -3.4028234663852886e38
) -> Any:
    """min(max(x, `min`), `max`), with the bounds as attributes."""
    return np.minimum(np.maximum(input_, min_), max_)


@kernel("Clip", since=11, growth="product")
def clip(input_: Array, min_: Array | None = None, max_: Array | None = None) -> Any:
    """min(max(x, `min`), `max`): where min is above max, everything is max."""
    if min_ is not None and max_ is not None and _at_once(input_, min_, max_):
        return input_.clip(min_, max_)
    y = input_ if min_ is None else np.maximum(input_, min_)
    return y if max_ is None else np.minimum(y, max_)
