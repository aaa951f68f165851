"""Depthwise convolution, the channels last: multiplied and added along runs of channels.

`numpy.einsum` multiplies and adds in one pass over memory where what it runs along is contiguous in
all its arrays. Windows side by side are one run: the weights are repeated for each of them. Where
windows step over cells, every step-th cell is laid beside the next (a phase), so that these are
side by side again; taps that a phase lacks have weights of zero.

In the arrays' own order (``K``) einsum computes one run of the output over all taps, then the next:
the run stays in the fastest cache (a quarter to a half faster than tap by tap).
"""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .channels_last import framed, last, reached
from .windows import ALL, Windows

Array = NDArray[Any]

RUN = 2**11
"""Elements of a run: it, its cells and the repeated weights stay in the caches (measured)."""
OUTER = "abcd"
"""The batch and the output's axes but the last one."""
TAPS = "ijk"
"""The axes of a window but the last one."""


@dataclass(frozen=True)
class Piece:
    """Runs of equal length."""

    width: int
    """Windows side by side in a run."""
    count: int
    """Runs in a line of the output."""
    begin: int
    """The first window."""


@dataclass(frozen=True)
class Runs:
    """How windows on an X of one shape are computed."""

    place: Windows
    room: tuple[int, ...]
    """[batch, *spatial but the last, phases, cells of a phase, channels]"""
    output: tuple[int, ...]
    """[batch, *output, channels]"""
    taps: int
    """Cells of a window in one phase."""
    pieces: tuple[Piece, ...]

    @property
    def phases(self) -> int:
        """How many phases the cells of the last axis are laid in."""
        return self.room[-3]


def runs(shape: tuple[int, ...], place: Windows) -> Runs:
    """Plan the runs for an X of `shape`, [batch, channels, *spatial]."""
    batch, channels, *_ = shape
    kernel, stride = place.kernel[-1], place.strides[-1]
    phased = stride > 1 and kernel > 1 and place.dilations[-1] == 1
    phases = min(stride, kernel) if phased else 1
    taps = -(-kernel // phases)
    cells = place.output[-1] + taps - 1 if phased else place.reach[-1]
    room = (batch, *place.reach[:-1], phases, cells, channels)
    alone = stride > 1 and not phased
    width = 1 if alone else max(1, min(place.output[-1], RUN // channels))
    count, rest = divmod(place.output[-1], width)
    pieces = [Piece(width, count, 0)]
    if rest:
        pieces.append(Piece(rest, 1, count * width))
    return Runs(place, room, (batch, *place.output, channels), taps, tuple(pieces))


def depthwise(X: Array, weights: Array, plan: Runs) -> Array:
    """Sum over the cells of each window: [batch, *output, channels].

    The `weights` are [*kernel, channels].
    """
    room, wide = laid(X, plan), repeated(weights, plan)
    y = np.empty(plan.output, X.dtype)
    rank = len(plan.place.kernel)
    outer, taps = OUTER[:rank], TAPS[: rank - 1]
    formula = f"{outer}wr{taps}pq,r{taps}pq->{outer}wr"
    for piece in plan.pieces:
        cells, factors, out = _views(room, wide, y, piece, plan)
        np.einsum(formula, cells, factors, out=out)
    return y


def _views(
    room: Array, wide: Array, y: Array, piece: Piece, plan: Runs
) -> tuple[Array, Array, Array]:
    """Return the cells, the weights and the output of a piece, as the formula names their axes."""
    place, channels = plan.place, room.shape[-1]
    *outer, phase, cell, item = room.strides
    step = cell if plan.phases > 1 else cell * place.strides[-1]
    tap = cell * place.dilations[-1]
    lead = [n * s for n, s in zip(outer[1:], place.strides, strict=False)]
    down = [n * d for n, d in zip(outer[1:], place.dilations, strict=False)]
    run = piece.width * channels
    lines = (*plan.output[:-2], piece.count, run)
    taps = (*place.kernel[:-1], plan.phases, plan.taps)
    cells: Array = np.ndarray(
        lines + taps,
        room.dtype,
        room,
        piece.begin * step,
        (outer[0], *lead, piece.width * step, item, *down, phase, tap),
    )
    factors: Array = np.ndarray(
        (run, *taps),
        wide.dtype,
        wide,
        0,
        (item, *wide.strides[:-4], wide.strides[-4], wide.strides[-3]),
    )
    out: Array = np.ndarray(
        lines,
        y.dtype,
        y,
        piece.begin * y.strides[-2],
        (*y.strides[:-2], piece.width * y.strides[-2], item),
    )
    return cells, factors, out


def repeated(weights: Array, plan: Runs) -> Array:
    """Return the weights as [*kernel but the last, phases, taps, windows of a run, channels]."""
    *outer, kernel, channels = weights.shape
    phases, taps = plan.phases, plan.taps
    width = plan.pieces[0].width
    wide = np.zeros((*outer, phases, taps, width, channels), weights.dtype)
    for cell in range(kernel):
        wide[..., cell % phases, cell // phases, :, :] = weights[..., cell, None, :]
    return wide


def laid(X: Array, plan: Runs) -> Array:
    """Return X padded, its last spatial axis in phases, the channels last."""
    place = plan.place
    if plan.phases == 1:
        return reached(X, place).reshape(plan.room)
    step, begin = place.strides[-1], place.begins[-1]
    wide = last(X)
    room = np.empty(plan.room, X.dtype)
    for phase in range(plan.phases):
        ahead = -(-(begin - phase) // step) if begin > phase else 0
        cells = wide[..., ahead * step + phase - begin :: step, :]
        begins = (*place.begins[:-1], ahead)
        framed(room[..., phase, :, :], cells, begins)
    return room
