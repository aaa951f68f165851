"""Arrays whose channels lie side by side in memory.

Every kernel sees [batch, channels, *spatial]; how that lies in memory is a matter of strides. A
convolution of float32 leaves its result as [batch, *spatial, channels] behind such a view: the next
one then gathers whole runs of channels, or nothing at all, and NumPy's functions keep the order.
"""

from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...run_limits import check_bytes
from .windows import ALL, Windows

Array = NDArray[Any]

FEW = 8
"""Fewer channels than this lie in planes: runs of them are too short for NumPy's loops."""


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
    return x.shape[1] >= FEW and not x.flags.c_contiguous and last(x).flags.c_contiguous


def room_for(shape: tuple[int, ...], place: Windows) -> tuple[int, ...]:
    """Return the shape of what `spread` makes of an array of `shape`."""
    batch, channels, *spatial = shape
    reach = place.reach if _grows(spatial, place) else spatial
    return (batch, *reach, channels)


def spread(x: Array, place: Windows) -> Array:
    """Return `x` as a contiguous [batch, *spatial, channels], padded as far as the windows reach.

    It is a view where that is how `x` lies in memory and nothing is to be padded.
    """
    wide, spatial = last(x), x.shape[2:]
    grows = _grows(spatial, place)
    if not grows and wide.flags.c_contiguous:
        return wide
    shape = room_for(x.shape, place)
    check_bytes(shape, x.dtype)
    room = np.zeros(shape, x.dtype) if grows else np.empty(shape, x.dtype)
    begins = place.begins if grows else (0,) * len(spatial)
    inside = (slice(b, b + n) for b, n in zip(begins, spatial, strict=True))
    target = room[(ALL, *inside)]
    _copy(wide[tuple(slice(n) for n in target.shape)], target)
    return room


def _grows(spatial: Any, place: Windows) -> bool:
    return any(place.begins) or any(r > n for r, n in zip(place.reach, spatial, strict=True))


def _copy(source: Array, target: Array) -> None:
    """Copy; a few channels that lie in planes plane by plane, 5 times as fast."""
    if source.shape[-1] < FEW:
        for channel in range(source.shape[-1]):
            target[..., channel] = source[..., channel]
    else:
        target[...] = source
