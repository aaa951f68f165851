"""Arrays whose channels lie side by side in memory.

Every kernel sees [batch, channels, *spatial]; how that lies in memory is a matter of strides. A
convolution of float32 leaves its result as [batch, *spatial, channels] behind such a view: the next
one then gathers whole runs of channels, or nothing at all, and NumPy's functions keep the order.
"""

from collections.abc import Sequence
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...run_limits import check_bytes
from .windows import ALL, Windows

Array = NDArray[Any]

FEW = 8
"""Fewer channels than this lie in planes: runs of them are too short for NumPy's loops."""
SMALL = 2**15
"""Elements up to which zeros are written everywhere: it takes less time than to name the frame."""


@cache
def _axes(rank: int) -> tuple[tuple[int, ...], tuple[int, ...]]:
    return (0, *range(2, rank), 1), (0, rank - 1, *range(1, rank - 1))


def last(x: Array) -> Array:
    """Return [batch, channels, *spatial] as a view [batch, *spatial, channels].

    >>> last(np.zeros((2, 3, 4, 5))).shape
    (2, 4, 5, 3)
    """
    return x.transpose(_axes(x.ndim)[0])


def first(x: Array) -> Array:
    """Return [batch, *spatial, channels] as a view [batch, channels, *spatial].

    >>> first(np.zeros((2, 4, 5, 3))).shape
    (2, 3, 4, 5)
    """
    return x.transpose(_axes(x.ndim)[1])


def in_runs(x: Array) -> bool:
    """Whether `x`, [batch, channels, *spatial], has its channels side by side."""
    if x.flags.c_contiguous or x.ndim < 3 or x.shape[1] < FEW:
        return False
    return last(x).flags.c_contiguous


def reached(x: Array, place: Windows) -> Array:
    """Return what the windows reach of `x` as a contiguous [batch, *reach, channels].

    Cells of the padding are 0. It is a view where all of that is how `x` lies in memory.
    """
    wide, reach = last(x), place.reach
    if not any(place.begins) and x.shape[2:] == reach and wide.flags.c_contiguous:
        return wide
    shape = (len(x), *reach, x.shape[1])
    check_bytes(shape, x.dtype)
    room = np.empty(shape, x.dtype)
    framed(room, wide, place.begins)
    return room


def framed(room: Array, cells: Array, begins: Sequence[int]) -> None:
    """Copy `cells`, [batch, *spatial, channels], into `room` from `begins` on, zeros around them.

    Cells that have no place in the room are left out.
    """
    inside: list[slice] = [ALL]
    small = room.size <= SMALL
    if small:
        room.fill(0)
    for axis, begin in enumerate(begins, 1):
        end = min(begin + cells.shape[axis], room.shape[axis])
        if begin > 0 and not small:
            room[(*inside, slice(begin))] = 0
        if end < room.shape[axis] and not small:
            room[(*inside, slice(max(end, 0), None))] = 0
        inside.append(slice(begin, end))
    target = room[tuple(inside)]
    source = cells[tuple(slice(n) for n in target.shape)]
    if source.shape[-1] < FEW:  # plane by plane, 5 times as fast
        for channel in range(source.shape[-1]):
            target[..., channel] = source[..., channel]
    else:
        target[...] = source
