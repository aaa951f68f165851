"""Convolution as a product of gathered windows, the channels last."""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..linear.blas import multiply
from .channels_last import last
from .columns import parts
from .finishing import BLOCK, Apply, in_blocks
from .windows import Windows

Array = NDArray[Any]

ROOM = 2**21
"""Bytes of gathered windows at a time: they and the product stay in the cache."""
LEAST = 2**8
"""Rows that are multiplied together at least: fewer take BLAS longer."""


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


def product(room: Array, matrix: Array, plan: Gathering, apply: Apply | None) -> Array:
    """Multiply every window, a row, by `matrix` [cells, features]: [batch, *output, features]."""
    features = matrix.shape[1]
    y = np.empty((*plan.output, features), room.dtype)
    for piece in plan.pieces:
        out = y[piece.where].reshape(-1, features)
        view: Array = np.ndarray(piece.shape, room.dtype, room, piece.offset, plan.strides)
        multiply(view.reshape(-1, plan.cells), matrix, out)
        if apply is not None:
            apply(out)
    return y


def multiplied(X: Array, matrix: Array, apply: Apply | None) -> Array:
    """Return the product of every cell's channels with `matrix`: [batch, *spatial, features]."""
    batch, channels, *spatial = X.shape
    features = matrix.shape[1]
    rows = last(X)
    if X.flags.c_contiguous and not rows.flags.c_contiguous:
        planes = X.reshape(batch, channels, -1)  # BLAS takes them as they lie
        y: Array = np.matmul(planes.transpose(0, 2, 1), matrix)
        if apply is not None:
            in_blocks(y.reshape(-1, features), apply)
        return y.reshape(batch, *spatial, features)
    cells = rows.reshape(-1, channels)
    y = np.empty((len(cells), features), X.dtype)
    step = max(LEAST, BLOCK // features) if apply is not None else len(cells)
    for start in range(0, len(cells), step):
        out = y[start : start + step]
        multiply(cells[start : start + step], matrix, out)
        if apply is not None:
            apply(out)
    return y.reshape(batch, *spatial, features)
