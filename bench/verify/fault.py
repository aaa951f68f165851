"""The element of an output that is furthest from what it should be."""

from dataclasses import dataclass

import numpy as np

from ..model.arrays import Value, joined
from .accuracy import Tolerance


@dataclass(frozen=True)
class Fault:
    """One element that is out of tolerance."""

    on: str
    output: str
    position: tuple[int, ...]
    """Its index in the output."""
    got: float | None
    """What the runtime gave; None where that is not finite."""
    wanted: float | None
    """What it should be; None where that is not finite."""
    off_by: float
    """|got - wanted|, and the largest float64 where one of them is not finite."""

    def describe(self) -> str:
        """Return the fault in one line."""
        place = ", ".join(map(str, self.position))
        got, wanted = (
            "a number that is not finite" if value is None else f"{value:.9g}"
            for value in (self.got, self.wanted)
        )
        off = "" if None in (self.got, self.wanted) else f", off by {self.off_by:.3g}"
        return f"worst: {self.output}[{place}] on {self.on} is {got}, expected {wanted}{off}"


def worst_element(
    on: str, output: str, got: Value, wanted: Value, tolerance: Tolerance
) -> list[Fault]:
    """Return the element of `got` that is furthest off, in a list; [] where there is none.

    >>> worst_element("numpy", "y", np.ones(3), np.array([1, 4, 2.0]), Tolerance(0, 0))[0].position
    (1,)
    """
    ours, theirs = joined(got), joined(wanted)
    if ours.shape != theirs.shape or not ours.size:
        return []
    if any(array.dtype.kind not in "biufV" for array in (ours, theirs)):  # V: bfloat16 and its kin
        return []
    ours, theirs = ours.astype(np.float64), theirs.astype(np.float64)
    with np.errstate(invalid="ignore", over="ignore"):
        off = np.abs(ours - theirs)
        same = (ours == theirs) | (np.isnan(ours) & np.isnan(theirs))
        outside = ~(off <= tolerance.atol + tolerance.rtol * np.abs(theirs)) & ~same
    off = np.where(outside, np.nan_to_num(off, nan=np.inf), -1)
    place = np.unravel_index(int(np.argmax(off)), off.shape)
    if off[place] < 0:
        return []
    got_here, wanted_here = float(ours[place]), float(theirs[place])
    return [
        Fault(
            on=on,
            output=output,
            position=tuple(int(index) for index in place),
            got=got_here if np.isfinite(got_here) else None,
            wanted=wanted_here if np.isfinite(wanted_here) else None,
            off_by=float(np.minimum(off[place], np.finfo(np.float64).max)),
        )
    ]
