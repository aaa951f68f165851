"""One copy of arrays that several layers have alike."""

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

LEAST_BYTES = 1024
"""Smaller arrays keep a copy for each layer, and with it the layer's name."""
SAMPLE = 16
"""How many numbers of an array tell at a glance that it is another one."""


def equal_arrays(
    arrays: Mapping[str, NDArray[Any]], names: Iterable[str], above: int
) -> dict[str, str]:
    """Return for each array of more than `above` bytes that equals an earlier one that one's name.

    Equal are arrays of one dtype and shape whose bytes are the same.

    >>> ones = {"a.W": np.ones(3), "b.W": np.ones(3), "b.b": np.ones(1)}
    >>> equal_arrays(ones, ones, 8)
    {'b.W': 'a.W'}
    """
    alike: dict[tuple[Any, ...], list[str]] = {}
    instead: dict[str, str] = {}
    for name in names:
        array = arrays[name]
        if array.nbytes <= above or array.size < 2:
            continue
        others = alike.setdefault(_glance(array), [])
        same = next((other for other in others if _same(arrays[other], array)), None)
        if same is None:
            others.append(name)
        else:
            instead[name] = same
    return instead


def _glance(array: NDArray[Any]) -> tuple[Any, ...]:
    some = array[tuple(slice(None, None, max(1, size // SAMPLE)) for size in array.shape)]
    return array.dtype, array.shape, some.tobytes()


def _same(one: NDArray[Any], other: NDArray[Any]) -> bool:
    """Say whether the bytes are the same: NaN equals itself, and zero is not minus zero."""
    left, right = (np.ascontiguousarray(array).reshape(-1) for array in (one, other))
    return np.array_equal(left.view(np.uint8), right.view(np.uint8))
