"""ConvInteger and QLinearConv with constant weights: exact sums in float32.

float32 holds every integer up to 2**24, so that sums whose terms' magnitudes stay below that
together are exact. Weights are measured: few layers need their channels in two spans or more.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...registry import Kernel, NodeInfo, specializer
from ...run_limits import keep
from ..linear.exact import EXACT, LARGEST, ROWS, centred, wrapped
from .conv import conv
from .prepared import arranged, conv_by_constant
from .quantized import per_feature, requantized

Array = NDArray[Any]


@dataclass(frozen=True)
class Filter:
    """Convolutions of some channels each, whose sums over bytes are exact in float32."""

    parts: tuple[tuple[slice, Kernel], ...]
    """Channels, and a function of x in float32."""

    def sums(self, x: Array, zero_point: Array | None) -> Array:
        """Return the convolution of `x` - `zero_point`, int32."""
        wide = centred(x, zero_point)
        if len(self.parts) == 1:
            total: Any = self.parts[0][1](wide)
        else:
            total = np.float64(0)
            for channels, convolve in self.parts:
                total = total + convolve(wide[:, channels])
        sums: Array = wrapped(total)
        return sums


def exact_filter(node: NodeInfo, w: Any, zero_point: Array | None) -> Filter | None:
    """Return constant weights converted once, where they are known and the limit allows it."""
    if w is None or w.ndim < 3 or w[0, 0].size > ROWS or not keep(4 * w.size):
        return None
    weights = centred(w, None if zero_point is None else per_feature(zero_point, w.ndim))
    spans = tuple(_spans(weights, slice(0, w.shape[1])))
    if len(spans) == 1:
        return Filter(((spans[0], _by(node, weights)),))
    if node.attributes.get("group", 1) > 1:
        return None
    return Filter(tuple((span, _by(node, weights[:, span])) for span in spans))


def _by(node: NodeInfo, weights: Array) -> Kernel:
    """Return Conv's own function of x for these weights."""
    _, laid = arranged(node, [None, weights])
    special = conv_by_constant(node, [None, laid])
    if special is None:
        return lambda x: conv(x, laid, **node.attributes)
    return lambda x: special(x, laid)


def _spans(weights: Array, channels: slice) -> Iterator[slice]:
    """Yield halves, halves of halves, ... of the channels until the sums of each are exact."""
    count = channels.stop - channels.start
    magnitudes = np.abs(weights[:, channels]).reshape(len(weights), -1).sum(1, np.float64)
    if count <= 1 or LARGEST * magnitudes.max(initial=0) <= EXACT:
        yield channels
        return
    middle = channels.start + count // 2
    yield from _spans(weights, slice(channels.start, middle))
    yield from _spans(weights, slice(middle, channels.stop))


@specializer("ConvInteger", since=10)
def faster_conv_integer(node: NodeInfo, constants: Sequence[Any]) -> Kernel | None:
    """Convert constant weights once."""
    zero = constants[3] if len(constants) > 3 else None
    known = zero is not None or len(constants) < 4
    found = exact_filter(node, constants[1], zero) if known and node.float_dtype is None else None
    if found is None:
        return None

    def compute(x: Array, w: Array, x_zero: Array | None = None, w_zero: Any = None) -> Array:
        return found.sums(x, x_zero)

    return compute


@specializer("QLinearConv", since=10)
def faster_qlinear_conv(node: NodeInfo, constants: Sequence[Any]) -> Kernel | None:
    """Convert constant weights once."""
    known = constants[5] is not None and node.float_dtype is None
    found = exact_filter(node, constants[3], constants[5]) if known else None
    if found is None:
        return None

    def compute(x: Array, x_scale: Array, x_zero: Array, *more: Any) -> Array:
        _w, w_scale, _w_zero, *rest = more
        return requantized(found.sums(x, x_zero), x_scale, w_scale, *rest)

    return compute
