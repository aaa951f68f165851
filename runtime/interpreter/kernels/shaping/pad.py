"""Pad."""

from collections.abc import Sequence
from typing import Any, Literal, cast

import numpy as np

from ...dtypes import Array
from ...registry import kernel
from ...run_limits import check_bytes, integers

_Mode = Literal["constant", "reflect", "edge", "wrap"]
MODES = ("constant", "reflect", "edge", "wrap")


@kernel("Pad", since=2)
def pad_2(data: Array, *, mode: str = "constant", pads: Sequence[int], value: float = 0.0) -> Array:
    """Pad with the attributes' widths and value."""
    return padded(data, pads, range(data.ndim), mode, value)


@kernel("Pad", since=11)
def pad(
    data: Array,
    pads: Array,
    constant_value: Array | None = None,
    axes: Array | None = None,
    *,
    mode: str = "constant",
) -> Array:
    """Pad `axes` by `pads` (all the begins, then all the ends); negative widths cut off."""
    value = data.dtype.type(0) if constant_value is None else constant_value.reshape(-1)[0]
    over = range(data.ndim) if axes is None else integers(axes)
    return padded(data, integers(pads), over, mode, value)


def padded(data: Array, pads: Sequence[int], axes: Sequence[int], mode: str, value: Any) -> Array:
    """Cut by the negative widths, then pad by the positive ones."""
    if mode not in MODES or len(pads) != 2 * len(axes):
        raise ValueError(f"mode {mode!r} with {len(pads)} pads for {len(axes)} axes")
    widths, picks = [(0, 0)] * data.ndim, [slice(None)] * data.ndim
    for axis, begin, end in zip(axes, pads[: len(axes)], pads[len(axes) :], strict=True):
        widths[axis] = (max(0, begin), max(0, end))
        picks[axis] = _kept(data.shape[axis], begin, end)
    kept = data[tuple(picks)]
    check_bytes([n + sum(w) for n, w in zip(kept.shape, widths, strict=True)], data.dtype)
    if mode == "constant":
        return np.pad(kept, widths, constant_values=value)
    for size, width in zip(kept.shape, widths, strict=True):
        _check_source(mode, size, max(width))
    return np.pad(kept, widths, cast(_Mode, mode))


def _kept(size: int, begin: int, end: int) -> slice:
    """Return what the negative ones of two widths leave of a dim."""
    cut = max(0, -begin), max(0, -end)
    if sum(cut) > size:
        raise ValueError(f"pads of {begin} and {end} cut more off than the dim of {size} has")
    return slice(cut[0], size - cut[1])


def _check_source(mode: str, size: int, width: int) -> None:
    """Refuse what the specification gives no values for: NumPy would mirror the mirror image."""
    if mode == "reflect" and width > max(0, size - 1):
        raise ValueError(f"reflect pads a dim of {size} by at most {max(0, size - 1)}, not {width}")
    if width and not size:
        raise ValueError(f"{mode} cannot pad an empty dim")
