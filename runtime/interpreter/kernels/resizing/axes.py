"""How long each axis becomes, and which place of the old axis each new element comes from."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import lru_cache

import numpy as np

from ...dtypes import Array

CROP = "tf_crop_and_resize"
DENOMINATOR = 1000
"""Of ratios that a scale stands for: float32 cannot hold 3/5, and cells are picked by thirds."""
POLICIES = ("stretch", "not_larger", "not_smaller")


@dataclass(frozen=True)
class Axis:
    """One axis that is resized; it becomes `over` / `under` times as long."""

    number: int
    length: int
    size: int
    """How many elements it will have."""
    over: float
    under: float
    start: float = 0.0
    end: float = 1.0
    """The part of the old axis that is taken, in shares of its length less one."""

    @property
    def scale(self) -> float:
        """How much longer it becomes."""
        return self.over / self.under


def numbers(axes: Sequence[int], rank: int) -> list[int]:
    """Return axes counted from the front.

    Raises
    ------
    ValueError
        There is no such axis, or one is named twice.
    """
    found = [axis + rank if axis < 0 else axis for axis in axes]
    if any(not 0 <= axis < rank for axis in found) or len(set(found)) < len(found):
        raise ValueError(f"axes {list(axes)[:8]} of an array of {rank}: each must exist, and once")
    return found


def by_scales(shape: Sequence[int], scales: Array, axes: Sequence[int]) -> list[Axis]:
    """Return the axes where each is given a scale.

    Raises
    ------
    ValueError
        There is not one scale for each axis, or one is not above 0.
    """
    given = scales.reshape(-1).astype(np.float32)
    if len(given) != len(axes):
        raise ValueError(f"{len(given)} scales for {len(axes)} axes")
    if not (np.isfinite(given) & (given > 0)).all():
        raise ValueError(f"scales must be finite and above 0, got {given.tolist()[:8]}")
    return [
        _scaled(axis, shape[axis], scale) for axis, scale in zip(axes, given.tolist(), strict=True)
    ]


@lru_cache(maxsize=64)
def _scaled(number: int, length: int, scale: float) -> Axis:
    ratio = Fraction(scale).limit_denominator(DENOMINATOR)
    over, under = ratio.numerator, ratio.denominator
    size = math.floor(np.float32(length) * np.float32(scale))
    if np.float32(over / under) != scale:
        return Axis(number, length, size, scale, 1)
    return Axis(number, length, size, over, under)


def by_sizes(
    shape: Sequence[int], sizes: Sequence[int], axes: Sequence[int], policy: str
) -> list[Axis]:
    """Return the axes where each is given a size, which the policy may lessen or increase.

    Raises
    ------
    ValueError
        There is not one size for each axis, one is below 0, or there is no such policy.
    """
    if len(sizes) != len(axes):
        raise ValueError(f"{len(sizes)} sizes for {len(axes)} axes")
    if min(sizes, default=0) < 0:
        raise ValueError(f"sizes must not be below 0, got {list(sizes)[:8]}")
    if policy not in POLICIES:
        raise ValueError(f"no keep_aspect_ratio_policy {policy!r}: it is one of {POLICIES}")
    pairs = list(zip(axes, sizes, strict=True))
    if policy == "stretch" or not pairs:
        return [Axis(axis, shape[axis], size, size, shape[axis]) for axis, size in pairs]
    if any(shape[axis] == 0 for axis in axes):
        raise ValueError(f"{policy} needs a ratio, but {list(shape)} has an empty axis")
    choose = min if policy == "not_larger" else max
    size, length = choose(((n, shape[axis]) for axis, n in pairs), key=lambda p: p[0] / p[1])
    halves = [(axis, 2 * size * shape[axis] + length) for axis in axes]
    return [Axis(axis, shape[axis], half // (2 * length), size, length) for axis, half in halves]


def cropped(axes: Sequence[Axis], roi: Array | None) -> list[Axis]:
    """Return axes of which only a part is taken: `roi` holds all starts, then all ends.

    Raises
    ------
    ValueError
        There is not one start and end for each axis.
    """
    bounds = np.zeros(0) if roi is None else roi.reshape(-1).astype(np.float64)
    if len(bounds) != 2 * len(axes) or not np.isfinite(bounds).all():
        raise ValueError(
            f"roi has {len(bounds)} numbers for {len(axes)} axes: {CROP} needs a finite start "
            "and a finite end for each"
        )
    parts = bounds.reshape(2, -1).T.tolist()
    return [replace(axis, start=a, end=b) for axis, (a, b) in zip(axes, parts, strict=True)]


def places(axis: Axis, mode: str) -> Array:
    """Return the place on the old axis, in float64, of each element of the new one.

    Raises
    ------
    ValueError
        There is no such mode.
    """
    n = np.arange(axis.size, dtype=np.float64)
    if mode not in _MODES:
        raise ValueError(
            f"no coordinate_transformation_mode {mode!r}: it is one of {tuple(_MODES)}"
        )
    return _MODES[mode](axis, n)


def _asymmetric(axis: Axis, n: Array) -> Array:
    """Return n / scale.

    Here and below there is one division of numbers that, where the ratio is one of whole numbers,
    are exact: what lies on a cell, or in the middle between two, comes out so.
    """
    found: Array = n * axis.under / axis.over
    return found


def _half_pixel(axis: Axis, n: Array) -> Array:
    """Return (n + 1/2) / scale - 1/2."""
    found: Array = ((2 * n + 1) * axis.under - axis.over) / (2 * axis.over)
    return found


def _half_pixel_symmetric(axis: Axis, n: Array) -> Array:
    """Return the same with the middle of the new axis over the middle of the old one."""
    offset = axis.length * axis.over - axis.size * axis.under
    found: Array = (offset + (2 * n + 1) * axis.under - axis.over) / (2 * axis.over)
    return found


def _pytorch_half_pixel(axis: Axis, n: Array) -> Array:
    """Return half_pixel's places, but 0 where the new axis has one element."""
    return _half_pixel(axis, n) if axis.size > 1 else np.zeros_like(n)


def _align_corners(axis: Axis, n: Array) -> Array:
    """Return places of which the first and last are the old axis's first and last.

    n (length - 1) / (width - 1), where the width is what the scale gives before it is rounded.
    """
    steps = axis.length * axis.over - axis.under
    if steps == 0:
        return np.zeros_like(n)
    found: Array = n * (axis.length - 1) * axis.under / steps
    return found


def _crop(axis: Axis, n: Array) -> Array:
    """Return align_corners' places within the part from `start` to `end`."""
    last = axis.length - 1
    if axis.size == 1:
        return np.full_like(n, 0.5 * (axis.start + axis.end) * last)
    found: Array = axis.start * last + n * (axis.end - axis.start) * last / (axis.size - 1)
    return found


_MODES = {
    "half_pixel": _half_pixel,
    "half_pixel_symmetric": _half_pixel_symmetric,
    "pytorch_half_pixel": _pytorch_half_pixel,
    "align_corners": _align_corners,
    "asymmetric": _asymmetric,
    CROP: _crop,
}
