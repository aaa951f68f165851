"""One axis of an array made of weighted elements of it."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from ...dtypes import Array
from .taps import Taps

BLOCK = 32
"""New elements that one product gives: more make its matrix wider and emptier, fewer make calls."""


@dataclass(frozen=True)
class Band:
    """The part of a band matrix for the new elements from `start`: [new, old from `first`]."""

    start: int
    first: int
    matrix: Array


def bands(taps: Taps, dtype: np.dtype[np.floating]) -> tuple[Band, ...]:
    """Return what a matrix product needs in place of the taps."""
    return tuple(_bands(taps, dtype))


def _bands(taps: Taps, dtype: np.dtype[np.floating]) -> Iterator[Band]:
    for start in range(0, len(taps.indices), BLOCK):
        indices, weights = (part[start : start + BLOCK] for part in (taps.indices, taps.weights))
        first, last = int(indices.min()), int(indices.max())
        matrix = np.zeros((len(indices), last - first + 1))
        rows = np.broadcast_to(np.arange(len(indices))[:, None], indices.shape)
        np.add.at(matrix, (rows, indices - first), weights)
        yield Band(start, first, matrix.astype(dtype))


def multiplied(x: Array, axis: int, parts: tuple[Band, ...], size: int) -> Array:
    """Return `x` with `axis` made of products, all of whose elements must be finite."""
    y = np.empty((*x.shape[:axis], size, *x.shape[axis + 1 :]), x.dtype)
    rows = math.prod(x.shape[:axis])
    old = x.reshape(rows, x.shape[axis], -1)
    new = y.reshape(rows, size, -1)
    if old.shape[2] == 1:
        for band in parts:
            count, width = band.matrix.shape
            given = old[:, band.first : band.first + width, 0]
            new[:, band.start : band.start + count, 0] = given @ band.matrix.T
        return y
    for band in parts:
        count, width = band.matrix.shape
        given = old[:, band.first : band.first + width]
        np.matmul(band.matrix, given, out=new[:, band.start : band.start + count])
    return y


def gathered(x: Array, axis: int, taps: Taps) -> Array:
    """Return the same by sums of picked elements: what is infinite or NaN stays where it is."""
    shape = [1] * x.ndim
    shape[axis] = len(taps.indices)
    y = np.zeros((*x.shape[:axis], shape[axis], *x.shape[axis + 1 :]), x.dtype)
    for indices, weights in zip(taps.indices.T, taps.weights.T, strict=True):
        part = x.take(indices, axis=axis) * weights.astype(x.dtype).reshape(shape)
        y += np.where(weights.reshape(shape) == 0, 0, part)
    return y


def repeated(x: Array, axis: int, times: int) -> Array:
    """Return `x` with every element along `axis` as many times, side by side."""
    y = np.empty((*x.shape[: axis + 1], times, *x.shape[axis + 1 :]), x.dtype)
    front: tuple[Any, ...] = (slice(None),) * (axis + 1)
    for copy in range(times):
        y[(*front, copy)] = x
    return y.reshape(*x.shape[:axis], x.shape[axis] * times, *x.shape[axis + 1 :])
