"""Where the windows of a convolution or a pooling lie on the spatial axes."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...run_limits import check_bytes

Array = NDArray[Any]
Ints = Sequence[int]
ALL = slice(None)


@dataclass(frozen=True)
class Windows:
    """The geometry, one int per spatial axis in each tuple."""

    kernel: tuple[int, ...]
    strides: tuple[int, ...]
    dilations: tuple[int, ...]
    begins: tuple[int, ...]
    """Padding in front."""
    ends: tuple[int, ...]
    """Padding behind; with ceil_mode, the last window may reach beyond it."""
    output: tuple[int, ...]
    """Number of windows."""

    @property
    def reach(self) -> tuple[int, ...]:
        """Cells that the windows cover, from the first padded one on."""
        return tuple(
            (n - 1) * s + (k - 1) * d + 1
            for n, s, k, d in zip(
                self.output, self.strides, self.kernel, self.dilations, strict=True
            )
        )

    def cut(self, lines: slice) -> "Windows":
        """Return the geometry of some of the windows along the first axis."""
        return replace(self, output=(lines.stop - lines.start, *self.output[1:]))

    def offsets(self) -> list[tuple[slice, ...]]:
        """Return, per cell of the window in row-major order, the slices that pick that cell.

        Indexing the padded input [batch, channels, *spatial] with one of them gives an array
        shaped like the output: the value that each window has in that cell.
        """
        axes = zip(self.kernel, self.strides, self.dilations, self.output, strict=True)
        return list(
            product(
                [ALL],
                [ALL],
                *(
                    [slice(i * d, i * d + (n - 1) * s + 1, s) for i in range(k)]
                    for k, s, d, n in axes
                ),
            )
        )


def windows(
    spatial: Ints,
    kernel: Ints,
    *,
    strides: Ints | None = None,
    dilations: Ints | None = None,
    pads: Ints | None = None,
    auto_pad: str = "NOTSET",
    ceil_mode: int = 0,
) -> Windows:
    """Place windows of `kernel` cells on an input of `spatial` cells.

    With explicit padding there are floor((in + pads - reach) / stride) + 1 windows, ceil instead
    of floor with `ceil_mode`, less the one that would start in the right padding; with SAME_UPPER
    and SAME_LOWER ceil(in / stride). VALID is no padding, and `ceil_mode` then makes no
    difference: ceil((in - reach + 1) / stride) is the same number (ONNX Conv-22, MaxPool-22).

    >>> windows([5], [3], strides=[2], auto_pad="SAME_UPPER").output
    (3,)
    """
    rank = len(spatial)
    return _windows(
        tuple(spatial),
        tuple(kernel),
        tuple(strides or [1] * rank),
        tuple(dilations or [1] * rank),
        tuple(pads or [0] * 2 * rank),
        auto_pad,
        ceil_mode,
    )


@lru_cache(maxsize=256)
def _windows(
    spatial: tuple[int, ...],
    kernel: tuple[int, ...],
    strides: tuple[int, ...],
    dilations: tuple[int, ...],
    pads: tuple[int, ...],
    auto_pad: str,
    ceil_mode: int,
) -> Windows:
    rank = len(spatial)
    _check(rank, kernel, strides, dilations, pads)
    spans = [(k - 1) * d + 1 for k, d in zip(kernel, dilations, strict=True)]
    if auto_pad in ("SAME_UPPER", "SAME_LOWER"):
        pads = same_pads(spatial, spans, strides, auto_pad)
    elif auto_pad == "VALID":
        pads, ceil_mode = (0,) * 2 * rank, 0
    elif auto_pad not in ("NOTSET", ""):
        raise ValueError(
            f"auto_pad must be NOTSET, VALID, SAME_UPPER or SAME_LOWER, got {auto_pad!r}"
        )
    begins, ends = pads[:rank], pads[rank:]
    output = [
        _count(*axis, ceil_mode) for axis in zip(spatial, spans, strides, begins, ends, strict=True)
    ]
    if min(output, default=1) < 1:
        raise ValueError(
            f"a window of {list(spans)} cells does not fit an input of {list(spatial)} cells "
            f"with pads {list(pads)}"
        )
    return Windows(kernel, strides, dilations, begins, ends, tuple(output))


def same_pads(spatial: Ints, spans: Ints, strides: Ints, auto_pad: str) -> tuple[int, ...]:
    """Return the pads that give ceil(in / stride) windows; an odd one goes where auto_pad says."""
    totals = [
        max(0, (-(-n // s) - 1) * s + span - n)
        for n, span, s in zip(spatial, spans, strides, strict=True)
    ]
    small, large = [t // 2 for t in totals], [t - t // 2 for t in totals]
    return tuple(small + large if auto_pad == "SAME_UPPER" else large + small)


def pad(x: Array, place: Windows, value: float | int = 0) -> Array:
    """Return `x` with its spatial axes padded by `value` as far as the windows reach.

    The result is cut where the windows do not reach; `x` itself comes back where nothing is to
    be padded.
    """
    spatial, reach = x.shape[2:], place.reach
    if not any(place.begins) and all(r <= n for r, n in zip(reach, spatial, strict=True)):
        return x
    check_bytes(x.shape[:2] + reach, x.dtype)
    padded = np.full_like(x, value, shape=x.shape[:2] + reach)  # in the order x has in memory
    inside = [slice(b, b + n) for b, n in zip(place.begins, spatial, strict=True)]
    target = padded[(ALL, ALL, *inside)]
    target[...] = x[tuple(slice(0, n) for n in target.shape)]
    return padded


def _check(rank: int, kernel: Ints, strides: Ints, dilations: Ints, pads: Ints) -> None:
    for name, values, count, least in (
        ("kernel_shape", kernel, rank, 1),
        ("strides", strides, rank, 1),
        ("dilations", dilations, rank, 1),
        ("pads", pads, 2 * rank, 0),
    ):
        if len(values) != count or min(values, default=least) < least:
            raise ValueError(
                f"{name} must be {count} integers not below {least}, got {list(values)}"
            )


def _count(n: int, span: int, stride: int, begin: int, end: int, ceil_mode: int) -> int:
    free = n + begin + end - span
    if not ceil_mode:
        return free // stride + 1
    count = -(-free // stride) + 1
    return count - 1 if (count - 1) * stride >= n + begin else count
