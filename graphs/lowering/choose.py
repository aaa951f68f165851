"""Choosing the form of a recurrent layer."""

from typing import Literal, get_args

from ..builder.builder import Builder
from ..errors import GraphError
from ..targets import Finding, Severity, Target, would_run
from ..values import Value
from ..weights import LSTMWeights
from .cell import Cell, Lowered, batch_dim
from .measured import scan_is_faster
from .op import attributes, lower_to_op, operator
from .recover import record
from .scan import lower_to_scan
from .unrolled import lower_to_steps

Lowering = Literal["auto", "op", "scan", "unrolled", "step"]

REFUSED = Severity.UNSUPPORTED.rank
"""From here on an operator must not be used on the target."""
MEASURED = "cpu"
"""The target whose forms were measured against each other."""
ONNX_NAMES = {"float32": "float", "float64": "double"}
"""ONNX's names of float types, where they are not NumPy's."""


def lower(net: Builder, cell: Cell, x: Value, lowering: Lowering) -> Lowered:
    """Emit the layer over the time-major `x` in the form asked for.

    ``auto`` takes the native operator where it can express the layer and the network's target runs
    it, else the first other form that the target runs. For onnxruntime's CPU provider it takes a
    Scan where that was measured to be faster on every kind of processor.

    Raises
    ------
    GraphError
        The form is unknown, cannot express the layer, or none of them runs on the target.
    """
    if lowering not in get_args(Lowering):
        raise GraphError(
            f"'{cell.layer}': lowering is {lowering!r}, which is not known",
            f"use one of {', '.join(get_args(Lowering))}",
        )
    form = _choose(net, cell, x) if lowering == "auto" else lowering
    if form == "op":
        _check_operator(cell)
        return lower_to_op(net, cell, x)
    if form != "scan":
        _check_time(cell, x, form)
    net.lowered[cell.layer] = record(cell)
    return (lower_to_scan if form == "scan" else lower_to_steps)(net, cell, x)


def _choose(net: Builder, cell: Cell, x: Value) -> str:
    """Return the best form of the layer for the network's target."""
    obstacle = operator_obstacle(cell)
    findings = [] if obstacle or not net.target else target_findings(net, cell, x, net.target)
    if not obstacle and not findings:
        measured = net.target is not None and net.target.name == MEASURED
        return "scan" if measured and scan_is_faster(cell, batch_dim(x)) else "op"
    for form in net.target.lowerings if net.target else ("scan",):
        if form == "scan" or (form == "unrolled" and isinstance(x.dims[0], int)):
            return form
    if findings and max(finding.severity.rank for finding in findings) < REFUSED:
        return "op"
    reason = findings[0].reason if findings else f"no operator computes {obstacle}"
    raise GraphError(
        f"'{cell.layer}': no form of this layer runs on {net.target and net.target.name} "
        f"with a time dim that is not fixed: {reason}",
        "give the time dim of the input its size, so that the steps can be unrolled",
    )


def target_findings(net: Builder, cell: Cell, x: Value, target: Target) -> list[Finding]:
    """Return what lint finds of the layer's native operator on the target, advice included."""
    weights = cell.weights
    given = {
        "B": weights.b is not None,
        "sequence_lens": cell.lengths is not None,
        "initial_h": cell.initial is not None,
        "initial_c": cell.initial is not None and cell.states == 2,
        "P": isinstance(weights, LSTMWeights) and weights.p is not None,
    }
    return would_run(
        target,
        operator(cell),
        opset=net.opset,
        attributes=attributes(cell),
        inputs=["X", "W", "R", *(name for name, there in given.items() if there)],
        outputs=["Y", "Y_h", "Y_c"][: cell.states + 1],
        dtype=ONNX_NAMES.get(net.dtype.name, net.dtype.name),
        dims={"X": [dim if isinstance(dim, int) else None for dim in x.dims]},
    )


def _check_operator(cell: Cell) -> None:
    obstacle = operator_obstacle(cell)
    if obstacle:
        raise GraphError(
            f"'{cell.layer}': no operator of ONNX computes {obstacle}",
            "use lowering='scan', 'unrolled' or 'step', or 'auto'",
        )


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
    if not isinstance(time, int) or time == 0:
        raise GraphError(
            f"'{cell.layer}': lowering='{lowering}' needs a fixed time dim, "
            f"got {'?' if time is None else time}",
            "declare the input with a number in the time dim, as in 'batch 20 40'",
        )
    if lowering == "step" and time != 1:
        raise GraphError(
            f"'{cell.layer}': lowering='step' takes one step at a time, got a time dim of {time}",
            "declare the input with a time dim of 1, as in 'batch 1 40'",
        )
