"""Convolutions of float32 by constant weights: what does not change is laid out once."""

import math
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .....external import mapped_file
from ...registry import Kernel, NodeInfo, arranger, specializer
from ...run_limits import LEAST, check_bytes
from .channels_last import FEW, first, last, reached
from .conv import check_filter, conv
from .depthwise import depthwise, runs
from .gathered import gathering, product
from .windows import Windows, windows

Array = NDArray[Any]
Work = Callable[[Array], Array]
"""From X to [batch, *output, features]."""

SHAPES = 16
"""Shapes of X whose geometry a node remembers."""
SHORT = 2**10
"""Features that a bias is repeated to: NumPy's loops over fewer take as long."""
MANY = 2**14
"""Elements of a result from which it pays."""


@arranger("Conv", since=1)
def arranged(node: NodeInfo, constants: Sequence[Any]) -> Sequence[Any]:
    """Lay the weights out as [*kernel, channels, features], the matrix of gathered windows.

    Weights that are mapped from a file stay there.
    """
    W = constants[1]
    if not _dense(node, W) or mapped_file(W) is not None:
        return constants
    order = (*range(2, W.ndim), 1, 0)
    laid = np.ascontiguousarray(W.transpose(order)).transpose(np.argsort(order))
    laid.setflags(write=False)
    return [constants[0], laid, *constants[2:]]


def _dense(node: NodeInfo, W: Any) -> bool:
    return _plain(node, W) and node.attributes.get("group", 1) == 1


def _depthwise(node: NodeInfo, W: Any) -> bool:
    return _plain(node, W) and node.attributes.get("group", 1) == len(W) and W.shape[1] == 1


def _plain(node: NodeInfo, W: Any) -> bool:
    """Whether the channels of a convolution by W lie side by side: not in the reference's mode."""
    if node.float_dtype is not None or W is None or W.dtype != np.float32:
        return False
    return W.ndim > 2 and len(W) >= FEW and W.size > 0


@specializer("Conv", since=1)
def conv_by_constant(node: NodeInfo, constants: Sequence[Any]) -> Kernel | None:
    """Convolve with the channels last, by the geometry remembered for X's shape."""
    W, given, works = constants[1], dict(node.attributes), dict[tuple[int, ...], Work]()
    if _dense(node, W) and W.transpose(*range(2, W.ndim), 1, 0).flags.c_contiguous:
        build = _product
    elif _depthwise(node, W):
        build = _sums
    else:
        return None

    def remembered(X: Array) -> Work:
        if len(works) >= SHAPES:
            works.clear()
        work = works[X.shape] = build(X.shape, W, _place(X, W, **given))
        return work

    def compute(X: Array, W: Array, B: Array | None = None) -> Array:
        if X.dtype != np.float32:
            plain: Array = conv(X, W, B, **given)
            return plain
        y = (works.get(X.shape) or remembered(X))(X)
        if B is not None:
            add_bias(y, B)
        return first(y)

    return compute


def _place(
    X: Array,
    W: Array,
    *,
    group: int = 1,
    kernel_shape: Sequence[int] | None = None,
    **options: Any,
) -> Windows:
    check_filter(X, W, group, kernel_shape)
    return windows(X.shape[2:], W.shape[2:], **options)


def _product(shape: tuple[int, ...], W: Array, place: Windows) -> Work:
    """Return what convolves an X of `shape` as one product, or some, of matrices."""
    matrix = W.transpose(*range(2, W.ndim), 1, 0).reshape(-1, len(W))
    output = (shape[0], *place.output, len(W))
    ask = _asking(output, W.dtype)
    if math.prod(place.kernel) == 1 and not any(place.begins) and place.output == shape[2:]:
        return lambda X: ask() or multiplied(X, matrix)
    plan = gathering((shape[0], *place.reach, shape[1]), place, W.itemsize)
    return lambda X: ask() or product(reached(X, place), matrix, plan)


def multiplied(X: Array, matrix: Array) -> Array:
    """Return the product of every cell's channels with `matrix`: [batch, *spatial, features]."""
    batch, channels, *spatial = X.shape
    rows: Array
    if X.flags.c_contiguous and not last(X).flags.c_contiguous:
        rows = X.reshape(batch, channels, -1).transpose(0, 2, 1)  # BLAS takes it as it lies
    else:
        rows = last(X).reshape(-1, channels)
    y: Array = np.matmul(rows, matrix)
    return y.reshape(batch, *spatial, matrix.shape[1])


def _sums(shape: tuple[int, ...], W: Array, place: Windows) -> Work:
    """Return what convolves an X of `shape` channel by channel."""
    weights = np.moveaxis(W[:, 0], 0, -1)
    plan = runs(shape, place)
    ask = _asking(plan.room if math.prod(plan.room) > math.prod(plan.output) else plan.output, W.dtype)
    return lambda X: ask() or depthwise(X, weights, plan)


def _asking(output: tuple[int, ...], dtype: Any) -> Callable[[], None]:
    """Return a function that asks for the memory of a result, if it is large."""
    large = math.prod(output) * dtype.itemsize > LEAST
    return partial(check_bytes, output, dtype) if large else lambda: None


def add_bias(y: Array, B: Array) -> None:
    """Add B [features] to y [batch, *output, features]: a few features, repeated, at a time."""
    features = y.shape[-1]
    repeats = math.gcd(y.size // features, SHORT // features) if y.size > MANY else 1
    if repeats > 1:
        y = y.reshape(-1, repeats * features)
        B = np.broadcast_to(B, (repeats, features)).reshape(-1)
    y += B
