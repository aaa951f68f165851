"""A recurrent layer as the native operator: RNN, LSTM or GRU."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..activations.notation import CELL_OPS, Activation
from ..builder.builder import Builder
from ..builder.ops import Ops
from ..values import Value
from ..weights import GRUWeights, LSTMWeights
from .cell import Cell, Lowered
from .directions import where

DEFAULTS = {
    "RNN": ("tanh",),
    "LSTM": ("sigmoid", "tanh", "tanh"),
    "GRU": ("sigmoid", "tanh"),
}
"""Each operator's activations where the attribute is absent."""

TAKES = {
    "Affine": ("alpha", "beta"),
    "Elu": ("alpha",),
    "HardSigmoid": ("alpha", "beta"),
    "LeakyRelu": ("alpha",),
    "ScaledTanh": ("alpha", "beta"),
    "ThresholdedRelu": ("alpha",),
}
"""The parameters of each activation inside an operator. They are always written out: onnxruntime
takes 0 for some of them where they are absent."""


def lower_to_op(net: Builder, cell: Cell, x: Value) -> Lowered:
    """Emit the operator over a time-major sequence `x`, ``[time, batch, features]``."""
    weights, layer = cell.weights, cell.layer
    time, batch = x.dims[:2]
    units = weights.output_size
    inputs: list[Value | None] = [
        x,
        net.weight(layer, "W", weights.w),
        net.weight(layer, "R", weights.r),
        None if weights.b is None else net.weight(layer, "B", weights.b),
        cell.lengths,
        *(_initial(net, cell, state) for state in cell.initial or ()),
    ]
    if isinstance(weights, LSTMWeights) and weights.p is not None:
        inputs += [None] * (7 - len(inputs)) + [net.weight(layer, "P", weights.p)]
    while inputs[-1] is None:
        inputs.pop()
    final = (weights.directions, batch, units)
    outputs = {"Y": (time, weights.directions, batch, units), "Y_h": final, "Y_c": final}
    if cell.states == 1:
        del outputs["Y_c"]
    sequence, *finals = net.emit_many(
        operator(cell), *inputs, layer=layer, outputs=outputs, dtype=x.dtype, **attributes(cell)
    )
    ops = Ops(net, layer)
    if weights.directions == 1:
        sequence = ops.squeeze(sequence, 1)
        finals = [ops.squeeze(final, 0) for final in finals]
    return Lowered(sequence, _keep_empty_rows(ops, cell, finals))


def operator(cell: Cell) -> str:
    """Return the operator's name."""
    return type(cell.weights).__name__.removesuffix("Weights")


def attributes(cell: Cell) -> dict[str, Any]:
    """Return the operator's attributes; those equal to the default are left out."""
    written: dict[str, Any] = {"hidden_size": cell.weights.hidden_size}
    if cell.direction != "forward":
        written["direction"] = cell.direction
    if tuple(map(str, cell.activations)) != DEFAULTS[operator(cell)]:
        written |= activation_attributes(cell.activations * cell.weights.directions)
    if cell.clip is not None:
        written["clip"] = float(cell.clip)
    if cell.coupled:
        written["input_forget"] = 1
    if isinstance(cell.weights, GRUWeights):
        written["linear_before_reset"] = int(cell.weights.reset == "after")
    return written


def activation_attributes(activations: tuple[Activation, ...]) -> dict[str, list[Any]]:
    """Return the attributes that name the activations and their parameters.

    Each parameter list holds one number per activation that takes it, in their order.
    """
    names = [CELL_OPS[activation.name] for activation in activations]
    written: dict[str, list[Any]] = {"activations": names}
    for parameter in ("alpha", "beta"):
        values = [
            activation.parameters.get(parameter, float(parameter == "alpha"))
            for activation, name in zip(activations, names, strict=True)
            if parameter in TAKES.get(name, ())
        ]
        if values:
            written[f"activation_{parameter}"] = values
    return written


def _initial(net: Builder, cell: Cell, state: Value) -> Value:
    """Return the state with the direction dim that the operator wants in front."""
    return state if state.rank == 3 else Ops(net, cell.layer).unsqueeze(state, 0)


def _keep_empty_rows(ops: Ops, cell: Cell, finals: Sequence[Value]) -> tuple[Value, ...]:
    """Give rows of length 0 their initial state back: onnxruntime ends them in zeros.

    The specification is silent on them. Without an initial state zeros are right.
    """
    if cell.lengths is None or cell.initial is None:
        return tuple(finals)
    zero = ops.net.scalar(ops.layer, 0, np.int32)
    dims = cell.lengths.dims
    empty = ops.net.emit("Equal", cell.lengths, zero, layer=ops.layer, dims=dims, dtype=np.bool_)
    column = ops.unsqueeze(empty, 1)
    return tuple(
        where(ops, column, state, final) for state, final in zip(cell.initial, finals, strict=True)
    )
