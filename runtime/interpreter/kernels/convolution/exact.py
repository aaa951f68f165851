"""ConvInteger and QLinearConv with constant weights: exact sums in float32.

float32 holds every integer up to 2**24, so that sums whose terms' magnitudes stay below that
together are exact. Weights are measured: few layers need their channels in two spans or more.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...registry import Kernel, NodeInfo, specializer
from ...run_limits import keep
from ..linear.exact import EXACT, LARGEST, ROWS, centred, wrapped
from .conv import check_filter, convolve
from .quantized import per_feature, requantized
from .windows import windows

Array = NDArray[Any]
GEOMETRY = ("auto_pad", "dilations", "pads", "strides")


@dataclass(frozen=True)
class Filter:
    """Weights less their zero points, [features, channels, *kernel], in float32."""

    weights: Array
    spans: tuple[slice, ...]
    """Channels whose products with bytes add up exactly."""
    group: int
    kernel_shape: Sequence[int] | None
    place: Callable[..., Any]
    """`windows` with the node's attributes."""

    def sums(self, x: Array, zero_point: Array | None) -> Array:
        """Return the convolution of `x` - `zero_point`, int32."""
        check_filter(x, self.weights, self.group, self.kernel_shape)
        place = self.place(x.shape[2:], self.weights.shape[2:])
        wide = centred(x, zero_point)
        if len(self.spans) == 1:
            total: Any = convolve(wide, self.weights, place, self.group)
        else:
            total = np.float64(0)
            for span in self.spans:
                total = total + convolve(wide[:, span], self.weights[:, span], place, 1)
        sums: Array = wrapped(total)
        return sums


def exact_filter(node: NodeInfo, w: Any, zero_point: Array | None) -> Filter | None:
    """Return constant weights converted once, where they are known and the limit allows it."""
    if w is None or w.ndim < 3 or w[0, 0].size > ROWS or not keep(4 * w.size):
        return None
    weights = centred(w, None if zero_point is None else per_feature(zero_point, w.ndim))
    group, given = node.attributes.get("group", 1), node.attributes
    spans = tuple(_spans(weights, slice(0, w.shape[1])))
    if len(spans) > 1 and group > 1:
        return None
    geometry = {name: given[name] for name in GEOMETRY if name in given}
    return Filter(weights, spans, group, given.get("kernel_shape"), partial(windows, **geometry))


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
