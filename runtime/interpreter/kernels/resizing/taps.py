"""Which elements of the old axis each new element is made of, and with which weights."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from ...dtypes import Array
from ...run_limits import check_bytes

ROUNDINGS = ("round_prefer_floor", "round_prefer_ceil", "floor", "ceil")


@dataclass(frozen=True)
class Taps:
    """For each new element, the indices and weights of old ones: [size, count] both."""

    indices: Array
    weights: Array


def nearest(places: Array, length: int, rounding: str) -> Array:
    """Return the index of the element nearest to each place.

    Raises
    ------
    ValueError
        There is no such rounding.
    """
    if rounding == "round_prefer_floor":
        found = np.ceil(places - 0.5)
    elif rounding == "round_prefer_ceil":
        found = np.floor(places + 0.5)
    elif rounding == "floor":
        found = np.floor(places)
    elif rounding == "ceil":
        found = np.ceil(places)
    else:
        raise ValueError(f"no nearest_mode {rounding!r}: it is one of {ROUNDINGS}")
    return np.clip(found, 0, length - 1).astype(np.intp)


def triangle(distance: Array, a: float) -> Array:
    """Return the weights of linear interpolation: 1 - |d|, not below 0; `a` changes nothing."""
    found: Array = np.maximum(0, 1 - np.abs(distance))
    return found


def cubic(distance: Array, a: float) -> Array:
    """Return the weights of cubic convolution (Keys 1981, equation 4).

    (a + 2) d^3 - (a + 3) d^2 + 1 up to a distance of 1, a d^3 - 5 a d^2 + 8 a d - 4 a up to 2.
    """
    d = np.abs(distance)
    near = ((a + 2) * d - (a + 3)) * d * d + 1
    far = ((a * d - 5 * a) * d + 8 * a) * d - 4 * a
    return np.where(d <= 1, near, np.where(d < 2, far, 0.0))


def interpolated(places: Array, curve: Any, reach: int, shrink: float) -> Taps:
    """Return taps whose weights are a curve of the distance, not yet kept within the axis.

    The curve, which is 0 from a distance of `reach` on, is stretched by 1 / `shrink`.
    """
    base = np.ceil(places) - 1  # the ratio lies in (0, 1]: a whole number takes what is left of it
    first = int(np.floor(-reach / shrink)) + 1
    count = 2 - 2 * first
    check_bytes((len(places), count), np.float64)
    indices = base[:, None] + np.arange(first, first + count)
    weights = curve((indices - places[:, None]) * shrink)
    if shrink < 1:
        weights = weights / weights.sum(axis=1, keepdims=True)
    return Taps(indices, weights)


def inside(taps: Taps, length: int, *, exclude: bool) -> Taps:
    """Return taps within the axis: those outside count for its ends, or for nothing."""
    weights = taps.weights
    if exclude:
        weights = np.where((taps.indices < 0) | (taps.indices >= length), 0.0, weights)
        total = weights.sum(axis=1, keepdims=True)
        weights = weights / np.where(total == 0, 1.0, total)
    return Taps(np.clip(taps.indices, 0, length - 1).astype(np.intp), weights)
