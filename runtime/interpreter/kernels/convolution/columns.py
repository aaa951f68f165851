"""Gathering the cells of every window into the columns of a matrix (im2col)."""

import math
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import as_strided
from numpy.typing import NDArray

from .windows import ALL, Windows

Array = NDArray[Any]

WIDE = 5
"""From this kernel width on, gathering in two steps is faster (measured on 5x5 and 7x7)."""


def columns(padded: Array, place: Windows) -> Array:
    """Return [batch, channels * cells of a window, windows], a copy.

    `padded` is [batch, channels, *spatial], padded as far as the windows reach.
    """
    batch, channels = padded.shape[:2]
    view = _by_row(padded, place) if place.kernel[-1] >= WIDE else _by_cell(padded, place)
    return view.reshape(batch, channels * math.prod(place.kernel), math.prod(place.output))


def _by_cell(x: Array, place: Windows) -> Array:
    """Return [batch, channels, *kernel, *output] as a view."""
    outer, inner = x.strides[:2], x.strides[2:]
    within = tuple(s * d for s, d in zip(inner, place.dilations, strict=True))
    between = tuple(s * step for s, step in zip(inner, place.strides, strict=True))
    shape = x.shape[:2] + place.kernel + place.output
    return as_strided(x, shape, outer + within + between, writeable=False)


def _by_row(x: Array, place: Windows) -> Array:
    """Return the same view of an array in which the last axis is gathered already.

    That first step leaves runs of whole rows to the second one, which copies them quickly.
    """
    kernel, stride, span = place.kernel[-1], place.strides[-1], place.dilations[-1]
    count = place.output[-1]
    rows = np.empty((*x.shape[:2], kernel, *x.shape[2:-1], count), x.dtype)
    for i in range(kernel):
        rows[:, :, i] = x[..., i * span : i * span + (count - 1) * stride + 1 : stride]
    outer, cell, inner = rows.strides[:2], rows.strides[2:3], rows.strides[3:-1]
    within = tuple(s * d for s, d in zip(inner, place.dilations[:-1], strict=True))
    between = tuple(s * step for s, step in zip(inner, place.strides[:-1], strict=True))
    return as_strided(
        rows,
        x.shape[:2] + place.kernel + place.output,
        outer + within + cell + between + rows.strides[-1:],
        writeable=False,
    )


def every_window(padded: Array, place: Windows) -> Array:
    """Return the only cell of windows of one cell, [batch, channels, windows]."""
    picks = (slice(0, (n - 1) * s + 1, s) for n, s in zip(place.output, place.strides, strict=True))
    return padded[(ALL, ALL, *picks)].reshape(*padded.shape[:2], math.prod(place.output))


def parts(batch: int, height: int, rows: int) -> Iterator[tuple[slice, slice]]:
    """Yield (rows of the batch, rows of the output) to be computed together, at most `rows`."""
    samples, lines = max(1, rows // height), min(rows, height)
    for n in range(0, batch, samples):
        for line in range(0, height, lines):
            yield slice(n, n + samples), slice(line, min(line + lines, height))
