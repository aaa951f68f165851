"""Convolution as a product of gathered windows, the channels last."""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .columns import parts
from .windows import Windows

Array = NDArray[Any]

ROOM = 2**21
"""Bytes of gathered windows at a time: they and the product stay in the cache."""


@dataclass(frozen=True)
class Piece:
    """Windows that are gathered together."""

    where: tuple[slice, slice]
    """The rows of the batch and of the output."""
    shape: tuple[int, ...]
    """[batch, *output, *kernel, channels]"""
    offset: int
    """Of the first cell, in bytes."""


@dataclass(frozen=True)
class Gathering:
    """How the windows on an array [batch, *spatial, channels] become the rows of a matrix."""

    output: tuple[int, ...]
    """[batch, *output]"""
    strides: tuple[int, ...]
    """Bytes from cell to cell, along a piece's axes."""
    cells: int
    """Cells of a window, the channels' included."""
    pieces: tuple[Piece, ...]


def gathering(room: tuple[int, ...], place: Windows, itemsize: int) -> Gathering:
    """Plan the gathering from a contiguous array of shape `room`."""
    steps = [itemsize * math.prod(room[axis + 1 :]) for axis in range(len(room))]
    between = [n * s for n, s in zip(steps[1:-1], place.strides, strict=True)]
    within = [n * d for n, d in zip(steps[1:-1], place.dilations, strict=True)]
    cells = math.prod(place.kernel) * room[-1]
    row = cells * itemsize * math.prod(place.output[1:])
    pieces = [
        Piece(
            (samples, lines),
            (
                min(samples.stop, room[0]) - samples.start,
                *place.cut(lines).output,
                *place.kernel,
                room[-1],
            ),
            samples.start * steps[0] + lines.start * between[0],
        )
        for samples, lines in parts(room[0], place.output[0], max(1, ROOM // max(1, row)))
    ]
    output = (room[0], *place.output)
    return Gathering(output, (steps[0], *between, *within, itemsize), cells, tuple(pieces))


def product(room: Array, matrix: Array, plan: Gathering) -> Array:
    """Multiply every window, a row, by `matrix` [cells, features]: [batch, *output, features]."""
    features = matrix.shape[1]
    if len(plan.pieces) == 1:
        y: Array = np.matmul(_rows(room, plan.pieces[0], plan), matrix)
        return y.reshape(*plan.output, features)
    y = np.empty((*plan.output, features), room.dtype)
    for piece in plan.pieces:
        out = y[piece.where].reshape(-1, features)
        np.matmul(_rows(room, piece, plan), matrix, out=out)
    return y


def _rows(room: Array, piece: Piece, plan: Gathering) -> Array:
    view: Array = np.ndarray(piece.shape, room.dtype, room, piece.offset, plan.strides)
    return view.reshape(-1, plan.cells)
