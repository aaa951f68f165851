"""What the forms made of standard operators share: directions, initial states, valid steps."""

from collections.abc import Sequence
from typing import Protocol

import numpy as np

from ..builder.builder import Builder
from ..builder.ops import Ops
from ..values import Value
from .cell import Cell, Lowered
from .equations import Equations, equations


class Loop(Protocol):
    """Emits all steps of one direction, from the last to the first when `backward`.

    `read` are ``[time, batch, ...]``, `valid` is ``[time, batch, 1]`` of bools or None, `state` are
    ``[batch, units]``. Returns the sequence ``[time, batch, units]`` and then the final states.
    """

    def __call__(
        self,
        ops: Ops,
        steps: Equations,
        read: Sequence[Value],
        valid: Value | None,
        state: Sequence[Value],
        backward: bool,
    ) -> tuple[Value, ...]:
        """Emit the steps."""
        ...


def lower_directions(
    net: Builder, cell: Cell, x: Value, loop: Loop, *, fold_bias: bool = False
) -> Lowered:
    """Emit every direction of the layer over the time-major `x` with `loop`, and join them.

    For `fold_bias` see :func:`~.equations.equations`.
    """
    names = {"forward": [""], "reverse": [""], "bidirectional": ["/forward", "/backward"]}
    valid = None if cell.lengths is None else _valid_steps(Ops(net, cell.layer), cell.lengths, x)
    states = _initial_states(Ops(net, cell.layer), cell, x)
    parts = []
    for index, suffix in enumerate(names[cell.direction]):
        ops = Ops(net, cell.layer + suffix)
        steps = equations(net, cell, index, ops.layer, fold_bias=fold_bias)
        backward = cell.direction == "reverse" or index == 1
        parts.append(loop(ops, steps, steps.before(x), valid, states[index], backward))
    return _join(Ops(net, cell.layer), parts)


def step(
    ops: Ops, steps: Equations, read: Sequence[Value], valid: Value | None, state: Sequence[Value]
) -> tuple[Value, tuple[Value, ...]]:
    """Emit one step; return what the layer gives at it, and the next state.

    Behind the end of a row the layer gives zeros and keeps its state.
    """
    new = steps.step(read, state)
    if valid is None:
        return new[0], new
    kept = tuple(where(ops, valid, *pair) for pair in zip(new, state, strict=True))
    return where(ops, valid, new[0], ops.net.scalar(ops.layer, 0.0, new[0].dtype)), kept


def where(ops: Ops, condition: Value, yes: Value, no: Value) -> Value:
    """Return `yes` where the condition holds and `no` elsewhere, with the dims of `yes`."""
    return ops.net.emit(
        "Where", condition, yes, no, layer=ops.layer, dims=yes.dims, dtype=yes.dtype
    )


def _initial_states(ops: Ops, cell: Cell, x: Value) -> list[tuple[Value, ...]]:
    """Return the states that each direction starts from, ``[batch, units]``."""
    if cell.initial is None:
        zeros = {units: _zeros(ops, x, units) for units in dict.fromkeys(cell.state_sizes)}
        return [tuple(zeros[units] for units in cell.state_sizes)] * cell.weights.directions
    if cell.weights.directions == 1:
        return [cell.initial]
    pairs = (ops.split(state, (1, 1), 0) for state in cell.initial)
    return [tuple(ops.squeeze(state, 0) for state in states) for states in zip(*pairs, strict=True)]


def _zeros(ops: Ops, x: Value, units: int) -> Value:
    """Return zeros of ``[batch, units]`` for the batch that `x` turns out to have."""
    net, batch = ops.net, x.dims[1]
    if isinstance(batch, int):
        return net.initializer(f"{ops.layer}.zeros", np.zeros((batch, units), x.dtype))
    shape = ops.concat((ops.sizes(x, 1), net.indices(units)), 0, 2)
    zero = np.zeros(1, x.dtype)
    dims = (batch, units)
    return net.emit("ConstantOfShape", shape, layer=ops.layer, dims=dims, dtype=x.dtype, value=zero)


def _valid_steps(ops: Ops, lengths: Value, x: Value) -> Value:
    """Return which steps of which row are valid: bools ``[time, batch, 1]``."""
    net, (time, batch) = ops.net, x.dims[:2]
    size = ops.squeeze(ops.sizes(x, 0), 0)
    bounds = net.scalar(ops.layer, 0, np.int64), size, net.scalar(ops.layer, 1, np.int64)
    numbers = net.emit("Range", *bounds, layer=ops.layer, dims=(time,))
    column = ops.reshape(numbers, (-1, 1, 1), (time, 1, 1))
    cast = net.emit("Cast", lengths, layer=ops.layer, dims=lengths.dims, dtype=np.int64, to=7)
    dims = (time, batch, 1)
    return net.emit(
        "Less", column, ops.unsqueeze(cast, 1), layer=ops.layer, dims=dims, dtype=np.bool_
    )


def _join(ops: Ops, parts: Sequence[tuple[Value, ...]]) -> Lowered:
    """Put the directions side by side, as :class:`Lowered` has them."""
    if len(parts) == 1:
        sequence, *finals = parts[0]
        return Lowered(sequence, tuple(finals))
    sequences, *pairs = zip(*parts, strict=True)
    return Lowered(_stack(ops, sequences, 1), tuple(_stack(ops, finals, 0) for finals in pairs))


def _stack(ops: Ops, values: Sequence[Value], axis: int) -> Value:
    """Return two values as one, with a dim of 2 put in at `axis`."""
    return ops.concat([ops.unsqueeze(value, axis) for value in values], axis, 2)
