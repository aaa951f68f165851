"""Operations and bytes of a model, counted from its nodes, shapes and element types.

Operations are lower bounds of the work (see `formulas`). Bytes are the traffic that cannot be
avoided: every input and weight read once, every output written once; of a table that is only
looked up in, the rows that are read.
"""

import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import onnx

from .formulas import FORMULAS, INTEGER, ROWS, VIEWS, Shape
from .shapes import Value, infer_values
from .steps import Steps, recurrent_steps

PRODUCTS = ("MatMul", "Gemm", "Conv")
"""Ops that runtimes compute with 8-bit integers where both factors come from them."""


@dataclass(frozen=True)
class NodeCount:
    """One node; None where its op or a shape is not known."""

    node: str
    op: str
    flops: int | None
    bytes: int | None
    dtype: str | None = None
    """Of its arithmetic; ``int8`` where 8-bit integers are multiplied."""


@dataclass(frozen=True)
class Counts:
    """A whole model at one shape."""

    flops: int
    bytes: int
    uncounted: tuple[str, ...]
    """Ops that are not in `flops`; empty when the count is whole."""
    nodes: tuple[NodeCount, ...]
    dtype: str = "float32"
    """Of most of its operations."""
    steps: tuple[Steps, ...] = ()
    """Of its recurrent layers."""


def count(model: onnx.ModelProto, inputs: Mapping[str, Shape]) -> Counts:
    """Count the operations and bytes of one run with inputs of the given shapes."""
    values = infer_values(model, inputs)
    makers = {name: node.op_type for node in model.graph.node for name in node.output}
    nodes = tuple(_count_node(node, values, makers, model) for node in model.graph.node)
    work: Counter[str] = Counter()
    for node in nodes:
        work[node.dtype or "float32"] += node.flops or 0
    return Counts(
        flops=sum(node.flops or 0 for node in nodes),
        bytes=_edge_bytes(model, values),
        uncounted=tuple(sorted({node.op for node in nodes if node.flops is None})),
        nodes=nodes,
        dtype=max(work, key=work.__getitem__, default="float32"),
        steps=tuple(recurrent_steps(model.graph, values)),
    )


def _count_node(
    node: onnx.NodeProto,
    values: Mapping[str, Value],
    makers: Mapping[str, str],
    model: onnx.ModelProto,
) -> NodeCount:
    ins = [values.get(name) for name in node.input]
    outs = [values.get(name) for name in node.output]
    moved = ([*outs, *ins[1:], outs[0]] if outs else []) if node.op_type in ROWS else [*ins, *outs]
    traffic = 0 if node.op_type in VIEWS else sum(each.bytes for each in moved if each)
    dtype = _dtype(node, ins, makers)
    try:
        if node.op_type == "Scan":
            flops: int | None = _scan(node, values, model)
        else:
            formula = FORMULAS.get(node.op_type)
            flops = None if formula is None else formula(node, _shapes(ins), _shapes(outs))
    except (
        TypeError,
        LookupError,
        ValueError,
        ArithmeticError,
    ):  # a shape that the formula needs is not known
        flops = None
    return NodeCount(node.name, node.op_type, flops, traffic, dtype)


def _shapes(values: Sequence[Value | None]) -> list[Shape | None]:
    return [None if value is None else value.shape for value in values]


def _dtype(
    node: onnx.NodeProto, ins: Sequence[Value | None], makers: Mapping[str, str]
) -> str | None:
    factors = [makers.get(name) for name in node.input[:2]]
    if node.op_type in INTEGER or (
        node.op_type in PRODUCTS and factors == ["DequantizeLinear", "DequantizeLinear"]
    ):
        return "int8"
    return next((each.dtype for each in ins if each and "float" in each.dtype), None)


def _edge_bytes(model: onnx.ModelProto, values: Mapping[str, Value]) -> int:
    """Return the bytes of inputs, weights and outputs; of tables the rows that are looked up."""
    graph = model.graph
    weights = {tensor.name for tensor in graph.initializer}
    weights |= {name for node in graph.node if node.op_type == "Constant" for name in node.output}
    read = Counter(name for part in _graphs(graph) for node in part.node for name in node.input)
    looked_up: dict[str, int] = {}
    for node in graph.node:
        rows = values.get(node.output[0]) if node.op_type in ROWS else None
        if rows is not None and node.input[0] in weights:
            looked_up[node.input[0]] = looked_up.get(node.input[0], 0) + rows.bytes
            read[node.input[0]] -= 1
    edge = {value.name for value in (*graph.input, *graph.output)} - weights
    edge |= {name for name in weights if read[name] > 0}
    tables = {name: size for name, size in looked_up.items() if name not in edge}
    whole = sum(values[name].bytes for name in edge if name in values)
    return whole + sum(min(size, values[name].bytes) for name, size in tables.items())


def _graphs(graph: onnx.GraphProto) -> Iterator[onnx.GraphProto]:
    """Yield the graph and all that its nodes hold."""
    yield graph
    for node in graph.node:
        for each in node.attribute:
            if each.type == onnx.AttributeProto.GRAPH:
                yield from _graphs(each.g)


def _scan(node: onnx.NodeProto, values: Mapping[str, Value], model: onnx.ModelProto) -> int | None:
    """Return the steps times the operations of the body, its shapes inferred from the outside."""
    attributes = {each.name: onnx.helper.get_attribute_value(each) for each in node.attribute}
    body, scans = attributes["body"], attributes["num_scan_inputs"]
    states = len(node.input) - scans
    axes = attributes.get("scan_input_axes", [0] * scans)
    sequences = [values[name].shape for name in node.input[states:]]
    known = {v.name: values[n].shape for v, n in zip(body.input, node.input[:states], strict=False)}
    for value, shape, axis in zip(body.input[states:], sequences, axes, strict=True):
        known[value.name] = tuple(s for place, s in enumerate(shape) if place != axis % len(shape))
    inside = onnx.ModelProto(ir_version=model.ir_version, graph=body)
    inside.opset_import.extend(model.opset_import)
    _capture(inside, model.graph, values, known)
    counted = count(inside, known)
    return None if counted.uncounted else math.prod((sequences[0][axes[0]], counted.flops))


def _capture(
    inside: onnx.ModelProto,
    outer: onnx.GraphProto,
    values: Mapping[str, Value],
    known: dict[str, Shape],
) -> None:
    """Give the body what it reads from the outside: constants as such, values as inputs."""
    body = inside.graph
    local = {value.name for value in body.input} | {each.name for each in body.initializer}
    local |= {name for node in body.node for name in node.output}
    read = {name for node in body.node for name in node.input} - local
    body.initializer.extend(tensor for tensor in outer.initializer if tensor.name in read)
    for name in sorted(read - {tensor.name for tensor in body.initializer}):
        if name in values:
            kind, shape = values[name].element, values[name].shape
            body.input.append(onnx.helper.make_tensor_value_info(name, kind, shape))
            known[name] = shape
