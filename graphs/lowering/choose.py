"""Choosing the form of a recurrent layer."""

from typing import Literal, get_args

from ..emit import Emitter
from ..errors import GraphError
from ..values import Value
from ..weights import LSTMWeights
from .cell import Cell, Lowered
from .op import lower_to_op
from .scan import lower_to_scan
from .unrolled import lower_to_steps

Lowering = Literal["auto", "op", "scan", "unrolled", "step"]


def lower(net: Emitter, cell: Cell, x: Value, lowering: Lowering) -> Lowered:
    """Emit the layer over the time-major `x` in the form asked for.

    ``auto`` takes the native operator where it can express the layer, and a Scan elsewhere.

    Raises
    ------
    GraphError
        The form is unknown, or cannot express the layer.
    """
    if lowering not in get_args(Lowering):
        raise GraphError(
            f"'{cell.layer}': lowering is {lowering!r}, which is not known",
            f"use one of {', '.join(get_args(Lowering))}",
        )
    obstacle = operator_obstacle(cell)
    if lowering == "op" and obstacle:
        raise GraphError(
            f"'{cell.layer}': no operator of ONNX computes {obstacle}",
            "use lowering='scan', 'unrolled' or 'step', or 'auto'",
        )
    if lowering == "op" or (lowering == "auto" and not obstacle):
        return lower_to_op(net, cell, x)
    if lowering in ("auto", "scan"):
        return lower_to_scan(net, cell, x)
    _check_time(cell, x, lowering)
    return lower_to_steps(net, cell, x)


def operator_obstacle(cell: Cell) -> str | None:
    """Say what in the layer the native operator cannot express, or None."""
    weights = cell.weights
    if not isinstance(weights, LSTMWeights):
        return None
    if weights.projection is not None:
        return "an LSTM with a projection"
    if weights.p is not None and weights.peephole == "lecture":
        return "an LSTM whose four gates all see c[t-1]"
    return None


def _check_time(cell: Cell, x: Value, lowering: str) -> None:
    time = x.dims[0]
    if not isinstance(time, int):
        raise GraphError(
            f"'{cell.layer}': lowering='{lowering}' needs a fixed time dim, got {time or '?'}",
            "declare the input with a number in the time dim, as in 'batch 20 40'",
        )
    if lowering == "step" and time != 1:
        raise GraphError(
            f"'{cell.layer}': lowering='step' takes one step at a time, got a time dim of {time}",
            "declare the input with a time dim of 1, as in 'batch 1 40'",
        )
