"""Activations over rows of float32 in place, for the convolution before them to finish with."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from ...dtypes import Array, number
from ...registry import Finish, NodeInfo, finisher
from .activation import clipped_line

KIND = np.dtype(np.float32)
ZERO, ONE = number(0, KIND), number(1, KIND)


@finisher("Relu", since=6)
def relu(node: NodeInfo, constants: Sequence[Any]) -> Finish:
    """max(x, 0)."""

    def finish(rows: Array) -> None:
        np.maximum(rows, ZERO, out=rows)

    return finish


@finisher("LeakyRelu", since=6)
def leaky_relu(node: NodeInfo, constants: Sequence[Any]) -> Finish | None:
    """Return x where x >= 0, else alpha x: the greater of the two where alpha is in ]0, 1]."""
    alpha = node.attributes.get("alpha", 0.009999999776482582)

    def finish(rows: Array) -> None:
        np.maximum(rows, rows * number(alpha, KIND), out=rows)

    return finish if 0 < alpha <= 1 else None


@finisher("Sigmoid", since=6)
def sigmoid(node: NodeInfo, constants: Sequence[Any]) -> Finish:
    """1 / (1 + exp(-x))."""

    def finish(rows: Array) -> None:
        np.negative(rows, rows)
        np.exp(rows, rows)
        np.add(rows, ONE, rows)
        np.divide(ONE, rows, rows)

    return finish


@finisher("Tanh", since=6)
def tanh(node: NodeInfo, constants: Sequence[Any]) -> Finish:
    """tanh(x)."""

    def finish(rows: Array) -> None:
        np.tanh(rows, rows)

    return finish


@finisher("HardSigmoid", since=6)
def hard_sigmoid(node: NodeInfo, constants: Sequence[Any]) -> Finish:
    """max(0, min(1, alpha x + beta))."""
    alpha = number(node.attributes.get("alpha", 0.20000000298023224), KIND)
    beta = number(node.attributes.get("beta", 0.5), KIND)

    def finish(rows: Array) -> None:
        np.multiply(rows, alpha, rows)
        np.add(rows, beta, rows)
        rows.clip(ZERO, ONE, rows)

    return finish


@finisher("HardSwish", since=14)
def hard_swish(node: NodeInfo, constants: Sequence[Any]) -> Finish:
    """Return x max(0, min(1, x / 6 + 1 / 2))."""

    def finish(rows: Array) -> None:
        np.multiply(rows, clipped_line(rows, 1 / 6, 0.5), rows)

    return finish


@finisher("Clip", since=6)
def clip_6(node: NodeInfo, constants: Sequence[Any]) -> Finish:
    """min(max(x, `min`), `max`), with the bounds as attributes."""
    low = node.attributes.get("min", -3.4028234663852886e38)
    high = node.attributes.get("max", 3.4028234663852886e38)
    return _clip(number(low, KIND), number(high, KIND))


@finisher("Clip", since=11)
def clip(node: NodeInfo, constants: Sequence[Any]) -> Finish | None:
    """min(max(x, `min`), `max`), both known."""
    bounds = constants[1:]
    if len(bounds) < 2 or any(b is None or b.ndim or b.dtype != KIND for b in bounds):
        return None
    return _clip(*bounds)


def _clip(low: Array, high: Array) -> Finish:
    def finish(rows: Array) -> None:
        rows.clip(low, high, rows)

    return finish
