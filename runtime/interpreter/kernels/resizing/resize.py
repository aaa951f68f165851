"""Resize, Upsample."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache, partial
from typing import Any

import numpy as np

from ...dtypes import Array
from ...registry import kernel
from ...run_limits import check_bytes, integers
from ..convolution.channels_last import first, in_runs, last
from .along import Band, bands, gathered, multiplied, repeated
from .axes import CROP, Axis, by_scales, by_sizes, cropped, numbers, places
from .taps import Taps, cubic, inside, interpolated, nearest, triangle

BY_SCALE = "by scale"
FEW = 8
"""Repetitions up to which copies are quicker than picking."""
KEPT, LONG = 64, 1 << 14
"""Axes whose taps are kept for the next run, and how long they may be: the taps follow the lengths
and options alone."""


@dataclass(frozen=True)
class How:
    """The attributes that say how elements are made."""

    mode: str = "nearest"
    coordinates: str = "asymmetric"
    rounding: str = "floor"
    """`BY_SCALE`: down where an axis grows, up where it shrinks."""
    a: float = -0.75
    antialias: bool = False
    exclude: bool = False


@dataclass(frozen=True)
class Made:
    """How the elements of one new axis are made."""

    picks: Array | None
    """In mode ``nearest``, the index of each; else None."""
    taps: Taps | None
    bands: tuple[Band, ...]
    outside: Array | None
    """Which of them lie outside the old axis, where that matters."""
    times: int
    """How many times each old element stands side by side, if all do alike, and few times; else 0.
    1: nothing changes."""


def made(axis: Axis, how: How, dtype: np.dtype[Any]) -> Made:
    """Return how the new axis is made, for arrays of `dtype`."""
    return (_made if max(axis.size, axis.length) > LONG else _remembered)(axis, how, dtype)


def _made(axis: Axis, how: How, dtype: np.dtype[Any]) -> Made:
    at = places(axis, how.coordinates)
    beyond = (at < 0) | (at > axis.length - 1)
    outside = beyond if how.coordinates == CROP and beyond.any() else None
    if how.mode == "nearest":
        picks = nearest(at, axis.length, _rounding(axis, how))
        return Made(picks, None, (), outside, _times(picks, axis))
    shrink = min(1.0, axis.scale) if how.antialias else 1.0
    reach, curve = _CURVES[how.mode]
    taps = interpolated(at, partial(curve, a=how.a), reach, shrink)
    kept = inside(taps, axis.length, exclude=how.exclude)
    same = axis.size == axis.length and bool((at == np.arange(axis.size)).all())
    return Made(None, kept, bands(kept, dtype), outside, int(same))


_remembered = lru_cache(maxsize=KEPT)(_made)
_CURVES = {"linear": (1, triangle), "cubic": (2, cubic)}
MODES = ("nearest", *_CURVES)


def _times(picks: Array, axis: Axis) -> int:
    times = axis.size // axis.length
    alike = times <= FEW and len(picks) == times * axis.length
    return times if alike and (picks == np.arange(axis.size) // times).all() else 0


def _rounding(axis: Axis, how: How) -> str:
    if how.rounding != BY_SCALE:
        return how.rounding
    return "ceil" if axis.scale < 1 else "floor"


def resized(X: Array, axes: Sequence[Axis], how: How, beyond: float = 0.0) -> Array:
    """Return X with the axes resized one after the other, those that shrink first.

    Raises
    ------
    ValueError
        There is no such mode, or an empty axis cannot be filled.
    """
    if how.mode not in MODES:
        raise ValueError(f"no mode {how.mode!r}: it is one of {MODES}")
    if in_runs(X):  # as convolutions leave it, and the next one likes it
        turned = (0, X.ndim - 1, *range(1, X.ndim - 1))
        moved = [replace(axis, number=turned[axis.number]) for axis in axes]
        return first(resized(last(X), moved, how, beyond))
    shape = list(X.shape)
    for axis in axes:
        shape[axis.number] = axis.size
    check_bytes(shape, X.dtype)
    if 0 in shape:
        return np.zeros(shape, X.dtype)
    if X.size == 0:
        raise ValueError(f"X {list(X.shape)} has nothing to make {shape} of")
    y = X if how.mode == "nearest" else np.ascontiguousarray(_floats(X))
    steps = [(axis, made(axis, how, y.dtype)) for axis in axes]
    finite = how.mode == "nearest" or _finite(y)
    for axis, step in sorted(steps, key=lambda one: (one[0].scale, -one[0].number)):
        y = y if step.times == 1 else _one(y, axis, step, finite=finite)
    for axis, step in steps:
        if step.outside is not None:
            y = _with(y, axis.number, step.outside, beyond)
    return _back(y, X.dtype)


def _one(x: Array, axis: Axis, step: Made, *, finite: bool) -> Array:
    if step.times:
        return repeated(x, axis.number, step.times)
    if step.picks is not None:
        return x.take(step.picks, axis=axis.number)
    check_bytes((*x.shape[: axis.number], axis.size, *x.shape[axis.number + 1 :]), x.dtype)
    if step.taps is None or finite:
        return multiplied(x, axis.number, step.bands, axis.size)
    return gathered(x, axis.number, step.taps)


def _floats(X: Array) -> Array:
    """Return X in the type that is computed in: float64 for integers, float32 for small floats."""
    if X.dtype.kind in "biu":
        return X.astype(np.float64)
    return X if X.dtype in (np.float32, np.float64) else X.astype(np.float32)


def _back(y: Array, dtype: np.dtype[Any]) -> Array:
    """Return y in the type of X; integers are rounded and kept within their range."""
    if y.dtype == dtype:
        return y
    if dtype.kind in "iu":
        limits = np.iinfo(dtype)
        y = np.clip(np.rint(y), limits.min, limits.max)
    return y.astype(dtype)


def _finite(x: Array) -> bool:
    """Return whether no element is infinite or NaN; a sum that overflows counts as one."""
    with np.errstate(over="ignore", invalid="ignore"):
        return math.isfinite(x.sum())


def _with(y: Array, axis: int, outside: Array, value: float) -> Array:
    """Return y with the elements that lie outside along one axis replaced by a value."""
    mask = outside.reshape([-1 if n == axis else 1 for n in range(y.ndim)])
    return np.where(mask, y.dtype.type(value), y)


@kernel("Upsample", since=7)
def upsample_7(X: Array, *, mode: str = "nearest", scales: Sequence[float]) -> Array:
    """Return X enlarged by the attribute's scales."""
    return upsample(X, np.asarray(scales, np.float32), mode=mode)


@kernel("Upsample", since=9)
def upsample(X: Array, scales: Array, *, mode: str = "nearest") -> Array:
    """Return X enlarged: element n of an axis comes from place n / scale of the old one."""
    return resize_10(X, scales, mode=mode)


@kernel("Resize", since=10)
def resize_10(X: Array, scales: Array, *, mode: str = "nearest") -> Array:
    """Return X resized: element n of an axis comes from place n / scale of the old one."""
    axes = by_scales(X.shape, scales, range(X.ndim))
    return resized(X, axes, How(mode, rounding=BY_SCALE))


@kernel("Resize", since=11)
def resize_11(
    X: Array,
    roi: Array | None = None,
    scales: Array | None = None,
    sizes: Array | None = None,
    *,
    coordinate_transformation_mode: str = "half_pixel",
    cubic_coeff_a: float = -0.75,
    exclude_outside: int = 0,
    extrapolation_value: float = 0.0,
    mode: str = "nearest",
    nearest_mode: str = "round_prefer_floor",
) -> Array:
    """Return X resized by scales or to sizes, every axis by itself."""
    return resize(
        X,
        roi,
        scales,
        sizes,
        coordinate_transformation_mode=coordinate_transformation_mode,
        cubic_coeff_a=cubic_coeff_a,
        exclude_outside=exclude_outside,
        extrapolation_value=extrapolation_value,
        mode=mode,
        nearest_mode=nearest_mode,
    )


@kernel("Resize", since=18)
def resize(
    X: Array,
    roi: Array | None = None,
    scales: Array | None = None,
    sizes: Array | None = None,
    *,
    antialias: int = 0,
    axes: Sequence[int] | None = None,
    coordinate_transformation_mode: str = "half_pixel",
    cubic_coeff_a: float = -0.75,
    exclude_outside: int = 0,
    extrapolation_value: float = 0.0,
    keep_aspect_ratio_policy: str = "stretch",
    mode: str = "nearest",
    nearest_mode: str = "round_prefer_floor",
) -> Array:
    """Return X with `axes`, by default all, resized by scales or to sizes, every one by itself."""
    chosen = numbers(range(X.ndim) if axes is None else axes, X.ndim)
    by_size = sizes is not None and sizes.size > 0
    if by_size == (scales is not None and scales.size > 0) and chosen:
        raise ValueError("either scales or sizes must be given, and not both")
    if by_size or scales is None:
        wanted = integers(sizes) if sizes is not None else []
        found = by_sizes(X.shape, wanted, chosen, keep_aspect_ratio_policy)
    else:
        found = by_scales(X.shape, scales, chosen)
    if coordinate_transformation_mode == CROP:
        found = cropped(found, roi)
    how = How(
        mode,
        coordinate_transformation_mode,
        nearest_mode,
        cubic_coeff_a,
        bool(antialias),
        bool(exclude_outside),
    )
    return resized(X, found, how, extrapolation_value)
