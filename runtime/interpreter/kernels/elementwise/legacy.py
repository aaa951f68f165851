"""Operators as they were before opset 7, when broadcasting had to be asked for."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ...broadcasting import SMALL, check_broadcast
from ...dtypes import Array
from ...registry import NodeInfo, kernel
from ..generating.dropout import dropout_7
from ..linear.matmul import gemm
from ..normalization.batch import EPSILON, batch_normalization_7
from .arithmetic import div, maximum, mean, minimum, power, total

OLD: dict[str, Callable[..., Any]] = {
    "Add": np.add,
    "And": np.logical_and,
    "Div": div,
    "Equal": np.equal,
    "Greater": np.greater,
    "Less": np.less,
    "Mul": np.multiply,
    "Or": np.logical_or,
    "Pow": power,
    "Sub": np.subtract,
    "Xor": np.logical_xor,
}


def aligned(A: Array, B: Array, axis: int | None) -> Array:
    """Reshape B so that its first axis lies on A's axis `axis`, by default its last on A's last."""
    if axis is None:
        return B
    behind = A.ndim - axis % A.ndim - B.ndim
    if behind < 0:
        raise ValueError(f"B of rank {B.ndim} does not fit behind axis {axis} of rank {A.ndim}")
    return B.reshape(*B.shape, *[1] * behind)


def _kernel_of(function: Callable[..., Any]) -> Callable[..., Any]:
    def compute(
        A: Array,
        B: Array,
        *,
        axis: int | None = None,
        broadcast: int = 0,
        consumed_inputs: Sequence[int] | None = None,
    ) -> Any:
        fitting = aligned(A, B, axis if broadcast else None)
        if A.size * B.size >= SMALL:
            check_broadcast(A, fitting)
        return function(A, fitting)

    compute.__name__ = function.__name__
    return compute


for _name, _function in OLD.items():
    kernel(_name, since=1, fresh=True, growth="product")(_kernel_of(_function))


def _variadic_of(function: Callable[..., Any]) -> Callable[..., Any]:
    def compute(*data_0: Array, consumed_inputs: Sequence[int] | None = None) -> Any:
        return function(*data_0)

    compute.__name__ = function.__name__
    return compute


for _name, _function in (("Max", maximum), ("Mean", mean), ("Min", minimum), ("Sum", total)):
    kernel(_name, since=1, growth="broadcast")(_variadic_of(_function))


@kernel("PRelu", since=1, growth="product")
def parametric_relu_1(
    X: Array, slope: Array, *, consumed_inputs: Sequence[int] | None = None
) -> Any:
    """Return x where x >= 0, else slope x; one slope per channel, or one for all."""
    fitting = slope if slope.size == 1 else aligned(X, slope, 1)
    return np.where(X < 0, X * fitting, X)


@kernel("Gemm", since=1, fresh=True, growth="product")
def gemm_1(
    A: Array,
    B: Array,
    C: Array,
    *,
    alpha: float = 1.0,
    beta: float = 1.0,
    broadcast: int = 0,
    transA: int = 0,
    transB: int = 0,
) -> Any:
    """Y = alpha A' B' + beta C, where C's broadcasting had to be asked for."""
    return gemm(A, B, C, alpha=alpha, beta=beta, transA=transA, transB=transB)


@kernel("BatchNormalization", since=1, fresh=True)
def batch_normalization_1(
    X: Array,
    scale: Array,
    B: Array,
    mean: Array,
    var: Array,
    *,
    consumed_inputs: Sequence[int] | None = None,
    epsilon: float = EPSILON,
    is_test: int = 0,
    momentum: float = 0.8999999761581421,
    spatial: int = 1,
    node: NodeInfo,
) -> Any:
    """Y = scale (X - mean) / sqrt(var + epsilon) + B; five outputs ask for training."""
    return batch_normalization_7(
        X, scale, B, mean, var, epsilon=epsilon, momentum=momentum, spatial=spatial, node=node
    )


@kernel("Dropout", since=1)
def dropout_1(
    data: Array,
    *,
    consumed_inputs: Sequence[int] | None = None,
    is_test: int = 0,
    ratio: float = 0.5,
) -> tuple[Array, Array]:
    """Return the input itself, and a mask that keeps everything."""
    return dropout_7(data, ratio=ratio)
