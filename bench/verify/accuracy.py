"""How far an array is from the float64 reference: pure functions of two arrays."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..model.arrays import Value, joined

_FLOOR_OF_RMS = 0.01
"""Relative errors take reference values below this part of their root mean square for it."""


@dataclass(frozen=True)
class Tolerance:
    """An element agrees when ``|got - want| <= atol + rtol * |want|``."""

    atol: float
    rtol: float


_FORMATS = {"float64": (52, -1022), "float32": (23, -126), "float16": (10, -14)}
_FORMATS |= {"bfloat16": (7, -126)}
"""Bits of mantissa behind the point, and the exponent of the smallest normal number."""
_ATOL = {"float16": 5e-3, "bfloat16": 5e-2}
_RTOL = {"float16": 5e-3, "bfloat16": 5e-2}


def default_tolerance(dtype: np.dtype[Any]) -> Tolerance:
    """Return the tolerance for outputs of `dtype`, where the caller sets none.

    float32 and float64 get atol 1e-4 and rtol 1e-5, which hold for most nets; float16 and bfloat16
    round every intermediate value, so about 50 and 13 times their epsilon are allowed.
    """
    return Tolerance(_ATOL.get(dtype.name, 1e-4), _RTOL.get(dtype.name, 1e-5))


@dataclass(frozen=True)
class Accuracy:
    """One output against its reference. Numbers are None where they have no meaning.

    Relative ones have none against a reference that is all zeros.

    Elements where either side is not finite are left out of the distances: they count in
    `mismatched` unless both sides are the same infinity or both NaN.
    """

    output: str
    dtype: str
    shape: tuple[int, ...]
    passed: bool
    max_abs: float | None
    """max |got - want|"""
    max_rel: float | None
    """max |got - want| / max(|want|, floor)"""
    floor: float | None
    """0.01 of the reference's root mean square, so that zeros do not make every error infinite."""
    rel_l2: float | None
    """||got - want|| / ||want||"""
    max_ulp: float | None
    """max |got - want| in units in the last place, in the output's dtype, of max(|want|, floor)"""
    top1: float | None
    """Part of the rows whose largest element, along the last axis, stands at the same place."""
    mismatched: int
    """Elements outside the tolerance."""
    note: str = ""
    """What kept the arrays from being compared, or empty."""
    not_finite: int = 0
    """Elements where a side is not finite and the other is not the same."""
    rounded: int = 0
    """Elements outside the tolerance that are no further off than 8-bit rounding explains."""


def with_room(
    row: Accuracy, got: Value, want: Value, tolerance: Tolerance, room: float
) -> Accuracy:
    """Return the comparison with `room` added to the tolerance, for 8-bit rounding."""
    wide = compare(row.output, got, want, Tolerance(tolerance.atol + room, tolerance.rtol))
    return replace(wide, rounded=row.mismatched - wide.mismatched)


def compare(
    output: str,
    got: Value,
    want: Value,
    tolerance: Tolerance | None = None,
    *,
    whose: str = "the reference's",
) -> Accuracy:
    """Compare `got` with the reference `want`, in `tolerance` or the default one for the dtype.

    Sequences of arrays are compared element by element, as one row of numbers. `whose` says in
    words where `want` is from.

    >>> result = compare("y", np.float32([1, 2]), np.float64([1, 2.5]))
    >>> result.passed, result.max_abs, result.mismatched
    (False, 0.5, 1)
    """
    if isinstance(got, list) or isinstance(want, list):
        problem = _unlike(got, want, whose)
        if problem:
            return _incomparable(output, joined(got), max(len(joined(got)), 1), problem)
    got, want = joined(got), joined(want)
    if got.shape != want.shape:
        note = f"its shape is {list(got.shape)}, {whose} {list(want.shape)}"
        return _incomparable(output, got, max(got.size, 1), note)
    if not (_is_number(got) and _is_number(want)):
        differ = int(np.count_nonzero(got != want))
        return _incomparable(output, got, differ, "compared for equality" if not differ else "")
    return _numeric(output, got, want, tolerance or default_tolerance(got.dtype))


def _unlike(got: Value, want: Value, whose: str) -> str:
    """Say what two sequences differ in before their numbers are compared, or nothing."""
    shapes = [
        [_form(one) for one in value] if isinstance(value, list) else None for value in (got, want)
    ]
    ours, theirs = shapes
    if ours is None or theirs is None:
        return "a sequence is one of the two only"
    if len(ours) != len(theirs):
        return f"its length is {len(ours)}, {whose} {len(theirs)}"
    for place, (one, other) in enumerate(zip(ours, theirs, strict=True)):
        if one != other:
            return f"the shape of element {place} is {one}, {whose} {other}"
    return ""


def _form(one: Any) -> list[Any]:
    """Return what must be the same before numbers are compared: a shape, or the keys of a map."""
    return sorted(one) if isinstance(one, Mapping) else list(np.shape(one))


def _is_number(array: NDArray[Any]) -> bool:
    return array.dtype.name.startswith(("int", "uint")) or _is_float(array.dtype)


def _is_float(dtype: np.dtype[Any]) -> bool:
    return dtype.name.startswith(("float", "bfloat"))


def _incomparable(output: str, got: NDArray[Any], mismatched: int, note: str) -> Accuracy:
    return Accuracy(
        output, got.dtype.name, got.shape, mismatched == 0,
        None, None, None, None, None, None, mismatched, note,
    )  # fmt: skip


def _numeric(output: str, got: NDArray[Any], want: NDArray[Any], tolerance: Tolerance) -> Accuracy:
    ours, theirs = got.astype(np.float64), want.astype(np.float64)
    finite = np.isfinite(ours) & np.isfinite(theirs)
    same = (ours == theirs) | (np.isnan(ours) & np.isnan(theirs))
    distance = np.abs(ours[finite] - theirs[finite])
    size = np.abs(theirs[finite])
    outside = np.count_nonzero(distance > tolerance.atol + tolerance.rtol * size)
    not_finite = int(np.count_nonzero(~finite & ~same))
    mismatched = int(outside) + not_finite
    floor = _FLOOR_OF_RMS * _rms(size)
    return Accuracy(
        output=output,
        dtype=got.dtype.name,
        shape=got.shape,
        passed=mismatched == 0,
        max_abs=_max(distance),
        max_rel=_max(distance / np.maximum(size, floor)) if floor else None,
        floor=floor,
        rel_l2=_rms(distance) / _rms(size) if floor else None,
        max_ulp=_max_ulp(distance, np.maximum(size, floor), got.dtype) if floor else None,
        top1=_top1(ours, theirs) if _is_float(got.dtype) else None,
        mismatched=mismatched,
        not_finite=not_finite,
    )


def ulp(values: NDArray[np.float64], dtype: np.dtype[Any]) -> NDArray[np.float64]:
    """Return the distance between neighbours of `dtype` at each magnitude in `values`.

    >>> bool(ulp(np.array([1.0]), np.dtype("float32"))[0] == 2.0**-23)
    True
    """
    bits, lowest = _FORMATS[dtype.name]
    _, exponent = np.frexp(values)
    # frexp's mantissa is below 1, so 1.0 has the exponent 1; and 0 has the exponent 0.
    exponent = np.where(values == 0, lowest + 1, exponent)
    spacing: NDArray[np.float64] = np.ldexp(1.0, np.maximum(exponent - 1, lowest) - bits)
    return spacing


def _max_ulp(
    distance: NDArray[np.float64], size: NDArray[np.float64], dtype: np.dtype[Any]
) -> float | None:
    return _max(distance / ulp(size, dtype)) if dtype.name in _FORMATS else None


def _top1(got: NDArray[np.float64], want: NDArray[np.float64]) -> float | None:
    if got.ndim < 2 or got.shape[-1] < 2 or not got.size:
        return None
    return float(np.mean(got.argmax(-1) == want.argmax(-1)))


def _rms(values: NDArray[np.float64]) -> float:
    """Return the root mean square, without overflow on the way."""
    largest = _max(values)
    if not largest:
        return 0.0
    return largest * float(np.sqrt(np.mean(np.square(values / largest))))


def _max(values: NDArray[np.float64]) -> float:
    return float(values.max()) if values.size else 0.0
