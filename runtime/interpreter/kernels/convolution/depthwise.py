"""Depthwise convolution, the channels last: multiplied and added along runs of channels.

`numpy.einsum` multiplies and adds in one pass over memory where what it runs along is contiguous in
all its arrays. Windows side by side are one run: the weights are repeated for each of them. Where
windows step over cells, every step-th cell is laid beside the next (a phase), so that these are
side by side again; taps that a phase lacks have weights of zero.

In the arrays' own order (``K``) einsum computes one run of the output over all taps, then the next:
the run stays in the fastest cache (0.45 to 0.9 of the time of tap by tap).
"""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .channels_last import framed, last, reached
from .windows import Windows

Array = NDArray[Any]

RUN = 2**11
"""Elements of a run: it, its cells and the repeated weights stay in the caches (measured)."""
OUTER = "abc"
"""The batch and the output's axes but the last one."""
TAPS = "ijk"
"""The axes of a window but the last one."""


@dataclass(frozen=True)
class Piece:
    """Runs of equal length: how `einsum` sees the cells, the weights and the output.

    The axes are the batch, the output's but the last, runs of a line, elements of a run; and then
    a window's but the last, phases, taps of a phase.
    """

    cells: tuple[tuple[int, ...], int, tuple[int, ...]]
    """Shape, first byte, steps in bytes."""
    factors: Array
    out: tuple[tuple[int, ...], int, tuple[int, ...]]


@dataclass(frozen=True)
class Runs:
    """How windows on an X of one shape are computed."""

    place: Windows
    room: tuple[int, ...]
    """[batch, *spatial but the last, phases, cells of a phase, channels]"""
    output: tuple[int, ...]
    """[batch, *output, channels]"""
    formula: str
    pieces: tuple[Piece, ...]

    @property
    def phases(self) -> int:
        """How many phases the cells of the last axis are laid in."""
        return self.room[-3]


def runs(shape: tuple[int, ...], weights: Array, place: Windows) -> Runs:
    """Plan the runs for an X of `shape`, [batch, channels, *spatial].

    The `weights` are [*kernel, channels].
    """
    batch, channels, *_ = shape
    kernel, stride, windows = place.kernel[-1], place.strides[-1], place.output[-1]
    phased = stride > 1 and kernel > 1 and place.dilations[-1] == 1
    phases = min(stride, kernel) if phased else 1
    taps = -(-kernel // phases)
    cells = windows + taps - 1 if phased else place.reach[-1]
    room = (batch, *place.reach[:-1], phases, cells, channels)
    output = (batch, *place.output, channels)
    side_by_side = stride == 1 or phased
    width = max(1, min(windows, RUN // channels)) if side_by_side else 1
    wide = repeated(weights, phases, taps, width)
    count, rest = divmod(windows, width)
    pieces = [_piece(place, room, output, wide, (0, count, width))]
    if rest:
        pieces.append(_piece(place, room, output, wide, (count * width, 1, rest)))
    rank = len(place.kernel)
    lines, cells_of = OUTER[:rank] + "wr", TAPS[: rank - 1] + "pq"
    formula = f"{lines}{cells_of},r{cells_of}->{lines}"
    return Runs(place, room, output, formula, tuple(pieces))


def _piece(
    place: Windows,
    room: tuple[int, ...],
    output: tuple[int, ...],
    wide: Array,
    cut: tuple[int, int, int],
) -> Piece:
    """Return a piece: its first window, its runs in a line, and the windows of a run."""
    begin, count, width = cut
    item, channels = wide.itemsize, room[-1]
    *outer, phase, cell, _ = (item * math.prod(room[axis + 1 :]) for axis in range(len(room)))
    step = cell if room[-3] > 1 else cell * place.strides[-1]
    lead = [n * s for n, s in zip(outer[1:], place.strides, strict=False)]
    down = [n * d for n, d in zip(outer[1:], place.dilations, strict=False)]
    lines = (*output[:-2], count, width * channels)
    taps = (*place.kernel[:-1], *wide.shape[-4:-2])
    inside = (*down, phase, cell * place.dilations[-1])
    steps = [item * math.prod(output[axis + 1 :]) for axis in range(len(output) - 1)]
    factors = np.moveaxis(wide.reshape(*taps, -1), -1, 0)[: width * channels]
    return Piece(
        (lines + taps, begin * step, (outer[0], *lead, width * step, item, *inside)),
        factors,
        (lines, begin * steps[-1], (*steps[:-1], width * steps[-1], item)),
    )


def repeated(weights: Array, phases: int, taps: int, width: int) -> Array:
    """Return the weights as [*kernel but the last, phases, taps, windows of a run, channels]."""
    *outer, kernel, channels = weights.shape
    wide = np.zeros((*outer, phases, taps, width, channels), weights.dtype)
    for cell in range(kernel):
        wide[..., cell % phases, cell // phases, :, :] = weights[..., cell, None, :]
    return wide


def depthwise(X: Array, plan: Runs) -> Array:
    """Sum over the cells of each window: [batch, *output, channels]."""
    room, y = laid(X, plan), np.empty(plan.output, X.dtype)
    for piece in plan.pieces:
        shape, begin, steps = piece.cells
        cells: Array = np.ndarray(shape, room.dtype, room, begin, steps)
        shape, begin, steps = piece.out
        out: Array = np.ndarray(shape, y.dtype, y, begin, steps)
        np.einsum(plan.formula, cells, piece.factors, out=out)
    return y


def laid(X: Array, plan: Runs) -> Array:
    """Return X padded, its last spatial axis in phases, the channels last."""
    place = plan.place
    if plan.phases == 1:
        return reached(X, place)
    step, begin = place.strides[-1], place.begins[-1]
    wide, room = last(X), np.empty(plan.room, X.dtype)
    for phase in range(plan.phases):
        ahead = -(-(begin - phase) // step) if begin > phase else 0
        cells = wide[..., ahead * step + phase - begin :: step, :]
        framed(room[..., phase, :, :], cells, (*place.begins[:-1], ahead))
    return room
