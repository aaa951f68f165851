"""A recurrent layer as unrolled steps: a copy of the equations per step of a fixed time dim."""

from collections.abc import Sequence

import numpy as np

from ..builder.builder import Builder
from ..builder.ops import Ops
from ..values import Value
from .cell import Cell, Lowered
from .directions import lower_directions, step
from .equations import Equations


def lower_to_steps(net: Builder, cell: Cell, x: Value) -> Lowered:
    """Emit every step over the time-major `x`, ``[time, batch, features]`` with a fixed time."""
    return lower_directions(net, cell, x, _unroll)


def _unroll(
    ops: Ops,
    steps: Equations,
    read: Sequence[Value],
    valid: Value | None,
    state: Sequence[Value],
    backward: bool,
) -> tuple[Value, ...]:
    """Emit the steps of one direction (see :class:`~.directions.Loop`)."""
    time = read[0].dims[0]
    assert isinstance(time, int)
    given: dict[int, Value] = {}
    for t in reversed(range(time)) if backward else range(time):
        now = [_at(ops, value, t) for value in read]
        mask = None if valid is None else _at(ops, valid, t)
        output, state = step(ops, steps, now, mask, state)
        given[t] = ops.unsqueeze(output, 0)
    sequence = ops.concat([given[t] for t in range(time)], 0, time) if time > 1 else given[0]
    return sequence, *state


def _at(ops: Ops, value: Value, t: int) -> Value:
    """Return step `t` of a sequence."""
    if value.dims[0] == 1:
        return ops.squeeze(value, 0)
    index = ops.net.scalar(ops.layer, t, np.int64)
    return ops.net.emit("Gather", value, index, layer=ops.layer, dims=value.dims[1:], axis=0)
