"""How the two directions of a recurrent layer become one, and the way back to batch first."""

from typing import Literal

from ..builder.builder import Builder
from ..builder.ops import Ops
from ..errors import GraphError
from ..given import shown
from ..lowering.cell import Cell, Lowered
from ..values import Value
from ..weights import DenseWeights

Merge = Literal["concat", "sum", "mean", "product"] | DenseWeights
REDUCTIONS = {"sum": "ReduceSum", "mean": "ReduceMean", "product": "ReduceProd"}


def check_merge(merge: Merge, cell: Cell, label: str) -> None:
    """Refuse a merge that is unknown, or that does not fit the layer.

    Raises
    ------
    GraphError
        The word is unknown, or the dense layer takes another size than both directions give.
    """
    both = 2 * cell.weights.output_size
    if isinstance(merge, DenseWeights):
        if cell.weights.directions == 1 or merge.input_size != both:
            raise GraphError(
                f"{label}: merge takes {merge.input_size} numbers, the layer gives "
                f"{cell.weights.directions} x {cell.weights.output_size}",
                "give a dense layer over both directions side by side",
            )
    elif not isinstance(merge, str):
        raise GraphError(
            f"{label}: merge is {shown(merge)}", "use concat, sum, mean, product or DenseWeights"
        )
    elif merge != "concat" and cell.weights.directions == 1:
        raise GraphError(
            f"{label}: merge is {merge!r}, but the layer has one direction",
            "leave merge out, or give weights of two directions",
        )
    elif merge != "concat" and merge not in REDUCTIONS:
        raise GraphError(
            f"{label}: merge is {merge!r}, which is not known",
            "use concat, sum, mean, product or DenseWeights",
        )


def merge(net: Builder, cell: Cell, lowered: Lowered, how: Merge) -> tuple[Value, Value]:
    """Return the merged sequence ``[batch, time, units]`` and last step ``[batch, units]``."""
    ops = Ops(net, cell.layer)
    sequence, last = lowered.sequence, lowered.finals[0]
    if cell.weights.directions == 1:
        return _batch_first(ops, sequence), last
    if isinstance(how, str) and how in REDUCTIONS:
        reduced = ops.reduce(REDUCTIONS[how], sequence, 1)
        return _batch_first(ops, reduced), ops.reduce(REDUCTIONS[how], last, 0)
    time, _, batch, units = sequence.dims
    assert isinstance(units, int)
    rows = ops.transpose(sequence, 2, 0, 1, 3)
    both = ops.reshape(rows, (0, 0, 2 * units), (batch, time, 2 * units))
    last = side_by_side(ops, last)
    if isinstance(how, DenseWeights):
        return _dense(ops, how, both, last)
    return both, last


def side_by_side(ops: Ops, final: Value) -> Value:
    """Return ``[2, batch, units]`` as ``[batch, 2 units]``; ``[batch, units]`` stays as it is."""
    if final.rank == 2:
        return final
    _, batch, units = final.dims
    assert isinstance(units, int)
    return ops.reshape(ops.transpose(final, 1, 0, 2), (0, 2 * units), (batch, 2 * units))


def time_major(net: Builder, x: Value, layer: str) -> Value:
    """Return ``[time, batch, features]`` for ``[batch, time, features]``.

    What a recurrent layer gave is remembered time-major too, and not transposed back and forth.
    """
    if x.name not in net.time_major:
        net.time_major[x.name] = Ops(net, layer).transpose(x, 1, 0, 2)
    return net.time_major[x.name]


def _batch_first(ops: Ops, sequence: Value) -> Value:
    turned = ops.transpose(sequence, 1, 0, 2)
    ops.net.time_major[turned.name] = sequence
    return turned


def _dense(ops: Ops, weights: DenseWeights, *values: Value) -> tuple[Value, Value]:
    """Return ``W x + b`` of the two values, with one copy of the weights."""
    w = ops.net.weight(ops.layer, "merge.W", weights.w.T)
    bias = None if weights.b is None else ops.net.weight(ops.layer, "merge.b", weights.b)
    first, second = (ops.matmul(value, w) for value in values)
    if bias is None:
        return first, second
    return ops.add(first, bias), ops.add(second, bias)
