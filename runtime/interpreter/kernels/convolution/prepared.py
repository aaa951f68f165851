"""Convolutions of float32 by constant weights: what does not change is laid out once."""

import math
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .....external import mapped_file
from ...registry import Finish, Kernel, NodeInfo, arranger, finished, specializer
from ...run_limits import LEAST, check_bytes
from .channels_last import FEW, first, reached
from .conv import check_filter
from .depthwise import depthwise, runs
from .finishing import Apply, Line, finishing, in_blocks, line_of
from .gathered import gathering, multiplied, product
from .windows import Windows, windows

Array = NDArray[Any]
Work = Callable[[Array], Array]
"""From X to [batch, *output, features]."""

SHAPES = 16
"""Shapes of X whose geometry a node remembers."""
FOLDED = 2**17
"""Bytes of weights up to which they are multiplied by the factor that follows: a copy is kept."""


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
    return conv_finished(node, constants, ())


@finished("Conv", since=1)
def conv_finished(
    node: NodeInfo, constants: Sequence[Any], finishes: Sequence[Finish]
) -> Kernel | None:
    """Do the same, and what follows on every block of the result."""
    W, works = constants[1], dict[tuple[int, ...], Work]()
    bias = constants[2] if len(constants) > 2 else None
    unknown = len(constants) > 2 and bias is None
    if _dense(node, W) and W.transpose(*range(2, W.ndim), 1, 0).flags.c_contiguous:
        build = _product
    elif _depthwise(node, W):
        build = _sums
    else:
        return None
    if unknown and finishes:
        return None
    line, rest = line_of(bias, finishes)
    weights = np.moveaxis(W, 0, -1)  # [channels, *kernel, features]
    if line.factor is not None and W.nbytes <= FOLDED:
        weights, line = weights * line.factor, Line(None, line.shift)
    apply = finishing(line, rest)

    def remembered(X: Array) -> Work:
        if X.dtype != np.float32:
            raise ValueError(f"X is {X.dtype}, but W is float32: they must be of one type")
        if len(works) >= SHAPES:
            works.clear()
        place = _place(X, W, **node.attributes)
        work = works[X.shape] = build(X.shape, weights, place, apply)
        return work

    def compute(X: Array, W: Array, B: Array | None = None) -> Array:
        y = (works.get(X.shape) or remembered(X))(X)
        if unknown:
            y += B
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


def _product(shape: tuple[int, ...], weights: Array, place: Windows, apply: Apply | None) -> Work:
    """Return what convolves an X of `shape` as one product, or some, of matrices."""
    features = weights.shape[-1]
    matrix = np.moveaxis(weights, 0, -2).reshape(-1, features)
    ask = _asking((shape[0], *place.output, features), weights.dtype)
    if math.prod(place.kernel) == 1 and not any(place.begins) and place.output == shape[2:]:
        return lambda X: ask() or multiplied(X, matrix, apply)
    plan = gathering((shape[0], *place.reach, shape[1]), place, weights.itemsize)
    return lambda X: ask() or product(reached(X, place), matrix, plan, apply)


def _sums(shape: tuple[int, ...], weights: Array, place: Windows, apply: Apply | None) -> Work:
    """Return what convolves an X of `shape` channel by channel."""
    plan = runs(shape, weights[0], place)
    ask = _asking(max(plan.room, plan.output, key=math.prod), weights.dtype)

    def work(X: Array) -> Array:
        ask()
        y = depthwise(X, plan)
        if apply is not None:
            in_blocks(y.reshape(-1, shape[1]), apply)
        return y

    return work


def _asking(output: tuple[int, ...], dtype: Any) -> Callable[[], None]:
    """Return a function that asks for the memory of a result, if it is large."""
    large = math.prod(output) * dtype.itemsize > LEAST
    return partial(check_bytes, output, dtype) if large else lambda: None
