"""How many operations a node takes, by its operator, attributes and shapes.

A multiplication and an addition count as two operations, every other elementwise operation as
one, also exp or tanh, so the counts are lower bounds of the work.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import onnx

from ...graphs.targets.saturating import WEIGHTS

Shape = tuple[int, ...]
Shapes = Sequence[Any]
"""Shapes of a node's inputs or outputs; None where one is left out or not known."""
Formula = Callable[[onnx.NodeProto, Shapes, Shapes], int | None]


def attribute(node: onnx.NodeProto, name: str, default: Any) -> Any:
    """Return an attribute's value."""
    for each in node.attribute:
        if each.name == name:
            return onnx.helper.get_attribute_value(each)
    return default


def _gemm(bias: int) -> Formula:
    """``2 M N K``, and ``M N`` for the bias, which is the input at place `bias`."""

    def formula(node: onnx.NodeProto, ins: Shapes, outs: Shapes) -> int:
        inner = ins[0][0] if attribute(node, "transA", 0) else ins[0][1]
        return int(math.prod(outs[0]) * (2 * inner + (len(ins) > bias and bool(node.input[bias]))))

    return formula


def _matmul(node: onnx.NodeProto, ins: Shapes, outs: Shapes) -> int:
    """``2 prod(out) K``."""
    return int(2 * math.prod(outs[0]) * ins[0][-1])


def _conv(weights: int) -> Formula:
    """``2 prod(out) prod(w[1:])``, and ``prod(out)`` for the bias; w is [out, in / groups, ...]."""

    def formula(node: onnx.NodeProto, ins: Shapes, outs: Shapes) -> int:
        biased = weights == 1 and len(ins) > 2
        return int(math.prod(outs[0]) * (2 * math.prod(ins[weights][1:]) + biased))

    return formula


def _conv_transpose(node: onnx.NodeProto, ins: Shapes, outs: Shapes) -> int:
    """``2 prod(x) prod(w[1:])``, and ``prod(out)`` for the bias; w is [in, out / groups, ...]."""
    bias = math.prod(outs[0]) if len(ins) > 2 else 0
    return int(2 * math.prod(ins[0]) * math.prod(ins[1][1:]) + bias)


def _einsum(node: onnx.NodeProto, ins: Shapes, outs: Shapes) -> int | None:
    """``2 prod(sizes of all letters)`` where a letter is summed over, half of that where none is.

    None for more than two operands: what they take depends on the order.
    """
    equation = attribute(node, "equation", b"").decode().replace(" ", "")
    terms = equation.partition("->")[0].split(",")
    if len(terms) > 2 or len(terms) != len(ins):
        return None
    sizes: dict[str, int] = {}
    rest: list[Shape] = []
    for term, shape in zip(terms, ins, strict=True):
        before, dots, after = term.partition("...")
        spread = len(shape) - len(before) - len(after) if dots else 0
        rest.append(shape[len(before) : len(before) + spread])
        named = shape[: len(before)] + shape[len(before) + spread :]
        sizes |= dict(zip(before + after, named, strict=True))
    work = math.prod(sizes.values()) * math.prod(np.broadcast_shapes(*rest))
    return int(work * (2 if work > math.prod(outs[0]) else len(terms) - 1))


def _pool(node: onnx.NodeProto, ins: Shapes, outs: Shapes) -> int:
    """``prod(out) prod(kernel)``."""
    return int(math.prod(outs[0]) * math.prod(attribute(node, "kernel_shape", ())))


def _recurrent(gates: int, pointwise: int) -> Formula:
    """``T B D (2 gates H (I + H) + pointwise H)``: x is [T, B, I], r [D, gates H, H].

    With peepholes an LSTM multiplies and adds three more times for every unit.
    """

    def formula(node: onnx.NodeProto, ins: Shapes, outs: Shapes) -> int:
        steps, batch, features = ins[0]
        directions, hidden = ins[2][0], ins[2][2]
        peepholes = 6 if len(ins) > 7 and node.input[7] else 0
        each = 2 * gates * (features + hidden) + pointwise + peepholes
        return int(steps * batch * directions * hidden * each)

    return formula


def _quantized_lstm(node: onnx.NodeProto, ins: Shapes, outs: Shapes) -> int:
    """As an LSTM's: its r is [D, H, 4 H]."""
    steps, batch, features = ins[0]
    directions, hidden = ins[2][:2]
    return int(steps * batch * directions * hidden * (8 * (features + hidden) + 15))


def _each(operations: int) -> Formula:
    return lambda node, ins, outs: operations * math.prod(outs[0])


def _reduce(node: onnx.NodeProto, ins: Shapes, outs: Shapes) -> int:
    return math.prod(ins[0])


def _nothing(node: onnx.NodeProto, ins: Shapes, outs: Shapes) -> int:
    return 0


VIEWS = {"Reshape", "Flatten", "Squeeze", "Unsqueeze", "Identity", "Shape", "Constant"}
"""Ops that need not move any data."""
ROWS = {"Gather", "GatherElements", "GatherND"}
"""Ops that read as many elements of their first input as they give."""
MOVES = ROWS | {
    "Transpose", "Concat", "Split", "Slice", "Expand", "Pad", "Cast", "ConstantOfShape",
    "ReverseSequence", "Where", "Tile", "Range", "OneHot",
}  # fmt: skip
ELEMENTWISE = {
    "Add", "Sub", "Mul", "Div", "Relu", "Sigmoid", "Tanh", "Exp", "Log", "Neg", "Abs", "Sqrt",
    "Pow", "Erf", "Clip", "Elu", "Selu", "LeakyRelu", "HardSigmoid", "Softplus", "Softsign",
    "Affine", "ThresholdedRelu", "Min", "Max", "Less", "Greater", "Equal", "Not", "And", "Or",
    "PRelu", "Celu", "Sum", "Mean", "Reciprocal", "LessOrEqual", "GreaterOrEqual", "Gelu", "Mod",
    "HardSwish", "Swish", "Mish", "Floor", "Ceil", "Round", "Sign", "Sin", "Cos", "Xor",
}  # fmt: skip
REDUCTIONS = {
    "ReduceMean", "ReduceSum", "ReduceMax", "ReduceMin", "GlobalAveragePool", "GlobalMaxPool",
    "ArgMax", "ArgMin", "ReduceProd", "CumSum",
}  # fmt: skip
NORMS = {"LayerNormalization", "InstanceNormalization", "GroupNormalization"}
INTEGER = {*WEIGHTS, "ConvInteger"}
"""Ops that multiply 8-bit integers."""
FORMULAS: Mapping[str, Formula] = {
    **dict.fromkeys(VIEWS | MOVES, _nothing),
    **dict.fromkeys(ELEMENTWISE, _each(1)),
    **dict.fromkeys(REDUCTIONS, _reduce),
    **dict.fromkeys(("Softmax", "LogSoftmax"), _each(4)),
    "BatchNormalization": _each(2),
    **dict.fromkeys(
        ("LayerNormalization", "InstanceNormalization", "GroupNormalization"), _each(7)
    ),
    "RMSNormalization": _each(4),  # the square, its sum, times the root, times the scale
    "DequantizeLinear": _each(2),  # less the zero point, times the scale
    "QuantizeLinear": _each(3),  # over the scale, rounded, plus the zero point
    "DynamicQuantizeLinear": _each(5),  # and the range before that
    "Gemm": _gemm(bias=2),
    "QGemm": _gemm(bias=6),
    **dict.fromkeys(("MatMul", "MatMulInteger", "MatMulIntegerToFloat", "MatMulNBits"), _matmul),
    **dict.fromkeys(("DynamicQuantizeMatMul", "QLinearMatMul"), _matmul),
    **dict.fromkeys(("Conv", "ConvInteger"), _conv(weights=1)),
    "QLinearConv": _conv(weights=3),
    "ConvTranspose": _conv_transpose,
    "Einsum": _einsum,
    "MaxPool": _pool,
    "AveragePool": _pool,
    "RNN": _recurrent(1, 4),
    "GRU": _recurrent(3, 12),
    "LSTM": _recurrent(4, 15),
    "DynamicQuantizeLSTM": _quantized_lstm,
}
"""Op to operations: one line to add for a new one."""
