"""Operations and bytes of a model, counted from its nodes and shapes.

A multiplication and an addition count as two operations, every other elementwise operation as
one, also exp or tanh, so the counts are lower bounds of the work. Bytes are the traffic that
cannot be avoided: every input and weight read once, every output written once.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import onnx

from .shapes import infer_shapes

Shape = tuple[int, ...]


@dataclass(frozen=True)
class NodeCount:
    """One node; None where its op or a shape is not known."""

    node: str
    op: str
    flops: int | None
    bytes: int | None


@dataclass(frozen=True)
class Counts:
    """A whole model at one shape."""

    flops: int
    bytes: int
    uncounted: tuple[str, ...]
    """Ops that are not in `flops`; empty when the count is whole."""
    nodes: tuple[NodeCount, ...]


def count(model: onnx.ModelProto, inputs: Mapping[str, Shape]) -> Counts:
    """Count the operations and bytes of one run with inputs of the given shapes."""
    itemsize = _itemsize(model)
    weights = {tensor.name: tuple(tensor.dims) for tensor in model.graph.initializer}
    shapes = infer_shapes(model, inputs) | weights
    nodes = tuple(_count_node(node, shapes, model, itemsize) for node in model.graph.node)
    edge = [*inputs.values(), *weights.values()]
    edge += [shapes[value.name] for value in model.graph.output if value.name in shapes]
    return Counts(
        flops=sum(node.flops or 0 for node in nodes),
        bytes=itemsize * sum(map(math.prod, edge)),
        uncounted=tuple(sorted({node.op for node in nodes if node.flops is None})),
        nodes=nodes,
    )


def _count_node(
    node: onnx.NodeProto, shapes: Mapping[str, Shape], model: onnx.ModelProto, itemsize: int
) -> NodeCount:
    ins = [shapes.get(name) for name in node.input]
    outs = [shapes.get(name) for name in node.output]
    sizes = [math.prod(shape) for shape in (*ins, *outs) if shape is not None]
    traffic = 0 if node.op_type in VIEWS else itemsize * sum(sizes)
    try:
        if node.op_type == "Scan":
            flops: int | None = _scan(node, shapes, model)
        else:
            formula = FORMULAS.get(node.op_type)
            flops = None if formula is None else formula(node, ins, outs)
    except (TypeError, IndexError):  # a shape that the formula needs is not known
        flops = None
    return NodeCount(node.name, node.op_type, flops, traffic)


def _scan(node: onnx.NodeProto, shapes: Mapping[str, Shape], model: onnx.ModelProto) -> int | None:
    """Return the steps times the operations of the body, its shapes inferred from the outside."""
    attributes = {each.name: onnx.helper.get_attribute_value(each) for each in node.attribute}
    body, scans = attributes["body"], attributes["num_scan_inputs"]
    states = len(node.input) - scans
    axes = attributes.get("scan_input_axes", [0] * scans)
    sequences = [shapes[name] for name in node.input[states:]]
    known = {v.name: shapes[n] for v, n in zip(body.input, node.input[:states], strict=False)}
    for value, shape, axis in zip(body.input[states:], sequences, axes, strict=True):
        known[value.name] = tuple(s for place, s in enumerate(shape) if place != axis % len(shape))
    inside = onnx.ModelProto(ir_version=model.ir_version, graph=body)
    inside.opset_import.extend(model.opset_import)
    _capture(inside, model.graph, shapes, known)
    counted = count(inside, known)
    return None if counted.uncounted else sequences[0][axes[0]] * counted.flops


def _capture(
    inside: onnx.ModelProto,
    outer: onnx.GraphProto,
    shapes: Mapping[str, Shape],
    known: dict[str, Shape],
) -> None:
    """Give the body what it reads from the outside: constants as such, values as inputs."""
    body = inside.graph
    local = {value.name for value in body.input} | {each.name for each in body.initializer}
    local |= {name for node in body.node for name in node.output}
    read = {name for node in body.node for name in node.input} - local
    body.initializer.extend(tensor for tensor in outer.initializer if tensor.name in read)
    for name in sorted(read - {tensor.name for tensor in body.initializer}):
        if name in shapes:
            kind = onnx.TensorProto.FLOAT
            body.input.append(onnx.helper.make_tensor_value_info(name, kind, shapes[name]))
            known[name] = shapes[name]


def _itemsize(model: onnx.ModelProto) -> int:
    """Return the bytes of the element type of the first weight or input that is a float."""
    types = [tensor.data_type for tensor in model.graph.initializer]
    types += [value.type.tensor_type.elem_type for value in model.graph.input]
    sizes = {onnx.TensorProto.FLOAT: 4, onnx.TensorProto.DOUBLE: 8}
    sizes |= {onnx.TensorProto.FLOAT16: 2, onnx.TensorProto.BFLOAT16: 2}
    return next((sizes[kind] for kind in types if kind in sizes), 4)


def _attribute(node: onnx.NodeProto, name: str, default: Any) -> Any:
    for each in node.attribute:
        if each.name == name:
            return onnx.helper.get_attribute_value(each)
    return default


def _gemm(node: onnx.NodeProto, ins: Any, outs: Any) -> int:
    """``2 M N K``, and ``M N`` for the bias."""
    inner = ins[0][0] if _attribute(node, "transA", 0) else ins[0][1]
    return int(math.prod(outs[0]) * (2 * inner + (len(ins) > 2)))


def _matmul(node: onnx.NodeProto, ins: Any, outs: Any) -> int:
    """``2 prod(out) K``."""
    return int(2 * math.prod(outs[0]) * ins[0][-1])


def _conv(node: onnx.NodeProto, ins: Any, outs: Any) -> int:
    """``2 prod(out) prod(w[1:])``, and ``prod(out)`` for the bias; w is [out, in / groups, ...]."""
    return int(math.prod(outs[0]) * (2 * math.prod(ins[1][1:]) + (len(ins) > 2)))


def _pool(node: onnx.NodeProto, ins: Any, outs: Any) -> int:
    """``prod(out) prod(kernel)``."""
    return int(math.prod(outs[0]) * math.prod(_attribute(node, "kernel_shape", ())))


def _recurrent(gates: int, pointwise: int) -> Callable[..., int]:
    """``T B D (2 gates H (I + H) + pointwise H)``: x is [T, B, I], w [D, gates H, I]."""

    def formula(node: onnx.NodeProto, ins: Any, outs: Any) -> int:
        steps, batch, features = ins[0]
        directions, hidden = ins[2][0], ins[2][2]
        return int(
            steps * batch * directions * hidden * (2 * gates * (features + hidden) + pointwise)
        )

    return formula


def _each(operations: int) -> Callable[..., int]:
    return lambda node, ins, outs: operations * math.prod(outs[0])


def _reduce(node: onnx.NodeProto, ins: Any, outs: Any) -> int:
    return math.prod(ins[0])


def _nothing(node: onnx.NodeProto, ins: Any, outs: Any) -> int:
    return 0


VIEWS = {"Reshape", "Flatten", "Squeeze", "Unsqueeze", "Identity", "Shape", "Constant"}
"""Ops that need move no data."""
MOVES = {
    "Transpose", "Concat", "Split", "Slice", "Gather", "Expand", "Pad", "Cast", "ConstantOfShape",
    "ReverseSequence", "GatherElements", "GatherND", "Where", "Tile", "Range", "OneHot",
}  # fmt: skip
ELEMENTWISE = {
    "Add", "Sub", "Mul", "Div", "Relu", "Sigmoid", "Tanh", "Exp", "Log", "Neg", "Abs", "Sqrt",
    "Pow", "Erf", "Clip", "Elu", "Selu", "LeakyRelu", "HardSigmoid", "Softplus", "Softsign",
    "Affine", "ThresholdedRelu", "Min", "Max", "Less", "Greater", "Equal", "Not", "And", "Or",
    "PRelu", "Celu", "Sum", "Mean", "Reciprocal", "LessOrEqual", "GreaterOrEqual", "Gelu", "Mod",
}  # fmt: skip
FORMULAS: Mapping[str, Callable[..., int]] = {
    **dict.fromkeys(VIEWS | MOVES, _nothing),
    **dict.fromkeys(ELEMENTWISE, _each(1)),
    **dict.fromkeys(("Softmax", "LogSoftmax"), _each(4)),
    **dict.fromkeys(("ReduceMean", "ReduceSum", "ReduceMax", "GlobalAveragePool"), _reduce),
    "GlobalMaxPool": _reduce,
    "BatchNormalization": _each(2),
    "LayerNormalization": _each(7),
    "Gemm": _gemm,
    "MatMul": _matmul,
    "Conv": _conv,
    "MaxPool": _pool,
    "AveragePool": _pool,
    "RNN": _recurrent(1, 4),
    "GRU": _recurrent(3, 12),
    "LSTM": _recurrent(4, 15),
}
"""Op to operations: one line to add for a new one."""
