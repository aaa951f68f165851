"""Depthwise convolution, the channels last: multiplied and added along runs of channels.

`numpy.einsum` multiplies and adds in one pass over memory, as long as what it runs along is
contiguous in all its arrays. At a step of one along the last axis, neighbouring windows' channels
lie side by side, too: the weights are repeated, so that a run is a whole line of the output.
"""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .columns import parts
from .windows import Windows

Array = NDArray[Any]

LINE = 2**14
"""Elements up to which a whole line of the output is one run."""
RUN = 2**12
"""Elements of a run in longer lines: the repeated weights stay in the cache."""
BLOCK = 2**16
"""Elements of the output that are computed together, cell by cell of the window."""
FORMULA = "rwhnij,rij->rwhn"
"""Run, runs of a line, lines, batch; the first is the innermost loop in Fortran's order."""


@dataclass(frozen=True)
class Piece:
    """A part of the output whose runs are equally long: the shapes, steps and first bytes."""

    shape: tuple[int, ...]
    """[run, runs of a line, lines, batch, *kernel]"""
    strides: tuple[int, ...]
    offset: int
    out_strides: tuple[int, ...]
    out_offset: int


@dataclass(frozen=True)
class Runs:
    """How windows on an array [batch, *spatial, channels] are computed."""

    output: tuple[int, ...]
    """[batch, *output, channels]"""
    repeats: int
    """How often the weights are repeated in the longest run."""
    pieces: tuple[Piece, ...]


def runs(room: tuple[int, ...], place: Windows, itemsize: int) -> Runs:
    """Plan the runs on a contiguous array of shape `room`, of one or two spatial axes."""
    batch, channels = room[0], room[-1]
    height, width = _two(place.output)
    (_, step), (down, across) = _two(place.strides), _two(place.dilations)
    cell = channels * itemsize
    line = cell * room[-2]
    sample = line * math.prod(room[1:-2])
    lead = _two(place.strides)[0] * line
    strides = (itemsize, 0, lead, sample, down * line, across * cell)
    out_line = width * cell
    pieces = []
    for begin, count, run in _split(width, channels, step, height):
        for samples, lines in parts(batch, height, max(1, BLOCK // (width * channels))):
            many = min(samples.stop, batch) - samples.start
            shape = (run * channels, count, lines.stop - lines.start, many, *_two(place.kernel))
            offset = samples.start * sample + lines.start * lead + begin * step * cell
            out_offset = (samples.start * height + lines.start) * out_line + begin * cell
            out_strides = (itemsize, run * cell, out_line, out_line * height)
            inner = (strides[0], run * step * cell, *strides[2:])
            pieces.append(Piece(shape, inner, offset, out_strides, out_offset))
    longest = max(piece.shape[0] for piece in pieces) // channels
    return Runs((batch, *place.output, channels), longest, tuple(pieces))


def _two(values: tuple[int, ...]) -> tuple[int, int]:
    return (values[0], values[1]) if len(values) == 2 else (1, values[0])


def _split(width: int, channels: int, step: int, height: int) -> list[tuple[int, int, int]]:
    """Cut a line of the output into (begin, number of runs, windows of a run)."""
    if step > 1:
        run = 1
    elif width * channels <= LINE and height > 1:
        run = width
    else:
        run = max(1, min(width, RUN // channels))
    most = max(1, BLOCK // (run * channels))
    whole = width // run
    cuts = [(n * run, min(most, whole - n), run) for n in range(0, whole, most)]
    rest = width - whole * run
    return [*cuts, (whole * run, 1, rest)] if rest else cuts


def depthwise(room: Array, weights: Array, plan: Runs) -> Array:
    """Sum over the cells of each window: [batch, *output, channels].

    The `weights` are [*kernel, channels].
    """
    y = np.empty(plan.output, room.dtype)
    height, width, channels = (1,) * (3 - weights.ndim) + weights.shape
    wide = np.empty((height, width, plan.repeats, channels), room.dtype)
    wide[...] = weights.reshape(height, width, 1, channels)
    factors = wide.reshape(height, width, -1).transpose(2, 0, 1)
    for piece in plan.pieces:
        cells: Array = np.ndarray(piece.shape, room.dtype, room, piece.offset, piece.strides)
        out: Array = np.ndarray(piece.shape[:4], y.dtype, y, piece.out_offset, piece.out_strides)
        np.einsum(FORMULA, cells, factors[: piece.shape[0]], out=out, order="F")
    return y
