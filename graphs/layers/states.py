"""What goes into a recurrent layer beside its sequence: lengths and initial states."""

from collections.abc import Sequence

import numpy as np

from ..builder.builder import Builder
from ..builder.ops import Ops
from ..errors import GraphError, ValueMismatchError
from ..lowering.cell import Cell
from ..values import Value, compatible
from ..weights.arrays import Array
from .checks import check_rank

State = Value | Array | Sequence[Value | Array]
"""What a layer may start from: h, or (h, c); an array is a constant."""


def take_lengths(net: Builder, lengths: Value | None, x: Value, layer: str) -> Value | None:
    """Return the lengths as int32, the dtype of the operators' input, after checking them.

    Raises
    ------
    ValueMismatchError
        They are not ``[batch]`` of int32 or int64.
    """
    if lengths is None:
        return None
    label = f"'{layer}': lengths"
    check_rank(net.own(lengths, label), [1], label, "[batch]")
    if lengths.dtype not in (np.int32, np.int64) or not compatible(lengths.dims[0], x.dims[0]):
        raise ValueMismatchError(
            f"{label}: takes one int32 or int64 per row of {x}, got {lengths}",
            'declare them as net.input("lengths", "batch", dtype="int32")',
        )
    if lengths.dtype == np.int32:
        return lengths
    return net.emit("Cast", lengths, layer=layer, dims=lengths.dims, dtype=np.int32, to=6)


def take_states(net: Builder, cell: Cell, states: State, x: Value) -> tuple[Value, ...]:
    """Return the initial states as the lowerings want them, after checking them.

    Raises
    ------
    ValueMismatchError
        There are too many or too few, or one is neither ``[batch, directions * units]`` nor one row
        of it.
    """
    given = _constants(net, cell, states)
    label = f"'{cell.layer}': initial_state"
    if len(given) != cell.states:
        raise ValueMismatchError(
            f"{label}: {len(given)} given, needs {cell.states}",
            "give (h, c) for an LSTM, h alone for the others",
        )
    for state, units in zip(given, cell.state_sizes, strict=True):
        _check_state(net, state, cell.weights.directions * units, x, label)
    ops = Ops(net, cell.layer)
    return tuple(_per_direction(ops, cell, _stretched(ops, state, x)) for state in given)


def _constants(net: Builder, cell: Cell, states: State) -> tuple[Value, ...]:
    """Return the states as values: an array becomes a constant of the network's dtype."""
    given = tuple(states) if isinstance(states, tuple | list) else (states,)
    return tuple(
        net.weight(cell.layer, f"initial_{role}", state) if isinstance(state, np.ndarray) else state
        for role, state in zip(("h", "c", *given), given, strict=False)
    )


def _check_state(net: Builder, state: Value, wide: int, x: Value, label: str) -> None:
    """Refuse a state that is neither ``[batch, wide]`` nor one row for the whole batch."""
    check_rank(net.own(state, label), [1, 2], label, f"[batch, {wide}] or [{wide}]")
    batch = state.dims[0] if state.rank == 2 else 1
    if state.dims[-1] != wide or not (batch == 1 or compatible(batch, x.dims[0])):
        raise ValueMismatchError(
            f"{label}: takes [batch, {wide}], directions times units, got {state}",
            "give it the state of a layer of the same size, or an input of these dims",
        )
    if state.dtype != x.dtype:
        raise ValueMismatchError(
            f"{label}: has another dtype than x: {state} and {x}", "declare both with one dtype"
        )


def _stretched(ops: Ops, state: Value, x: Value) -> Value:
    """Return a state of one row, ``[1, wide]`` or ``[wide]``, for every row of the batch of `x`."""
    batch = x.dims[0]
    if state.rank == 2 and (state.dims[0] != 1 or batch == 1):
        return state
    net, wide = ops.net, state.dims[-1]
    assert isinstance(wide, int)
    rows = net.indices(batch) if isinstance(batch, int) else ops.sizes(x, 0)
    shape = ops.concat((rows, net.indices(wide)), 0, 2)
    return net.emit("Expand", state, shape, layer=ops.layer, dims=(batch, wide))


def refuse_constant_stream(net: Builder, cell: Cell, states: State) -> None:
    """Refuse a streamed layer that starts from constants: each chunk would start there again.

    Raises
    ------
    GraphError
        All states are constants.
    """
    given = tuple(states) if isinstance(states, tuple | list) else (states,)
    constants = [not isinstance(state, Value) or state.name in net.initializers for state in given]
    if all(constants):
        raise GraphError(
            f"'{cell.layer}': is streamed and has a constant initial_state, "
            "from which every chunk would start again",
            "leave initial_state out and feed the array as the state of the first chunk, "
            "or build the layer with streaming=False",
        )


def stream_in(net: Builder, cell: Cell, x: Value) -> tuple[Value, ...]:
    """Add a model input per state.

    Raises
    ------
    GraphError
        The layer reads its sequence backwards, so that no chunk of it can stand alone.
    """
    if cell.direction != "forward":
        raise GraphError(
            f"'{cell.layer}': a {cell.direction} layer cannot be fed in chunks",
            "its first output needs the whole sequence: build it without streaming",
        )
    return tuple(
        net.stream_input(f"{cell.layer}.{role}", x.dims[0], units, x.dtype)
        for role, units in zip("hc", cell.state_sizes, strict=False)
    )


def _per_direction(ops: Ops, cell: Cell, state: Value) -> Value:
    """Return ``[batch, 2 units]`` as ``[2, batch, units]``; one direction stays as it is."""
    if cell.weights.directions == 1:
        return state
    batch, wide = state.dims
    assert isinstance(wide, int)
    pair = ops.reshape(state, (0, 2, wide // 2), (batch, 2, wide // 2))
    return ops.transpose(pair, 1, 0, 2)
