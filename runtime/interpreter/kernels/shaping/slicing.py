"""Slice and Pad."""

from collections.abc import Sequence

from ...dtypes import Array
from ...registry import kernel
from ...run_limits import integers


@kernel("Slice", since=1, growth="bounded")
def slice_1(
    data: Array, *, axes: Sequence[int] | None = None, ends: Sequence[int], starts: Sequence[int]
) -> Array:
    """Take `starts` up to `ends` along `axes`."""
    steps = [1] * len(starts)
    return sliced(data, starts, ends, range(len(starts)) if axes is None else axes, steps)


@kernel("Slice", since=10, growth="bounded")
def slice_10(
    data: Array,
    starts: Array,
    ends: Array,
    axes: Array | None = None,
    steps: Array | None = None,
) -> Array:
    """Take `starts` up to `ends` in `steps` along `axes`; a negative start counts from the end."""
    count = len(starts)
    return sliced(
        data,
        integers(starts),
        integers(ends),
        range(count) if axes is None else integers(axes),
        [1] * count if steps is None else integers(steps),
    )


def sliced(
    data: Array,
    starts: Sequence[int],
    ends: Sequence[int],
    axes: Sequence[int],
    steps: Sequence[int],
) -> Array:
    """Return the view of `data` that the four lists, all of one length, describe."""
    if not len(starts) == len(ends) == len(axes) == len(steps):
        raise ValueError(
            f"starts, ends, axes and steps differ in length: {len(starts)}, {len(ends)}, "
            f"{len(axes)}, {len(steps)}"
        )
    picks = [slice(None)] * data.ndim
    for start, end, axis, step in zip(starts, ends, axes, steps, strict=True):
        picks[axis] = _pick(start, end, step, data.shape[axis])
    return data[tuple(picks)]


def _pick(start: int, end: int, step: int, size: int) -> slice:
    """Return the Python slice: only what lies before the first element needs care going back."""
    if step == 0:
        raise ValueError("a step of 0 goes nowhere")
    if step < 0:
        return slice(max(start, -size), None if end < -size else end, step)
    return slice(start, end, step)
