"""Every node of a model, also in bodies and functions, with what is known about its inputs."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
import onnx
from onnx import AttributeProto, FunctionProto, GraphProto, ModelProto, NodeProto

from ...dims import fixed_dim
from ...walking import bodies
from .node import NodeFacts, ValueFacts, formal_names, schema_of
from .types import known_values

MAIN = "main graph"
SHORT = 128
"""Bytes, or numbers, of a constant whose numbers are looked at: never of weights."""
Opsets = Mapping[str, int]
Scope = Mapping[str, ValueFacts]


def walk(model: ModelProto) -> Iterator[NodeFacts]:
    """Yield the model's nodes: the main graph and its bodies, then the functions.

    A call of one of the model's own functions is not yielded: its body is.
    """
    own = frozenset((function.domain, function.name) for function in model.functions)
    opsets = versions(model.opset_import)
    yield from _graph(known_values(model), opsets, own, MAIN, {})
    for function in model.functions:
        yield from _function(function, opsets, own)


def versions(imports: Sequence[onnx.OperatorSetIdProto]) -> dict[str, int]:
    """Return the imported version of each domain; ONNX's own is ""."""
    return {"" if entry.domain == "ai.onnx" else entry.domain: entry.version for entry in imports}


def _function(
    function: FunctionProto, opsets: Opsets, own: frozenset[tuple[str, str]]
) -> Iterator[NodeFacts]:
    imported = {**opsets, **versions(function.opset_import)}
    where = f"function {function.name!r}"
    yield from _nodes(function.node, imported, own, where, _constants(function.node))


def _graph(
    graph: GraphProto,
    opsets: Opsets,
    own: frozenset[tuple[str, str]],
    where: str,
    outer: Scope,
) -> Iterator[NodeFacts]:
    known = {**outer, **declared(graph, fed=where == MAIN), **_constants(graph.node)}
    scope = known | _made(graph.node, known)
    yield from _nodes(graph.node, opsets, own, where, scope)


def declared(graph: GraphProto, *, fed: bool) -> dict[str, ValueFacts]:
    """Return what the graph itself says of its inputs, inner values, outputs and initializers."""
    infos = [*graph.value_info, *graph.output]
    values = {info.name: _described(info) for info in infos}
    values |= {info.name: replace(_described(info), fed=fed) for info in graph.input}
    values |= {tensor.name: _constant(tensor.name, tensor) for tensor in graph.initializer}
    return values


def _constant(name: str, tensor: onnx.TensorProto) -> ValueFacts:
    dtype, dims = dtype_name(tensor.data_type), tuple(tensor.dims)
    return ValueFacts(name, dtype, dims, constant=True, numbers=_numbers(tensor))


_WHOLE: dict[int, str] = {onnx.TensorProto.INT64: "<i8", onnx.TensorProto.INT32: "<i4"}


def _numbers(tensor: onnx.TensorProto) -> tuple[int, ...] | None:
    """Return a short list of int64 or int32; no weight is read for it."""
    kind = _WHOLE.get(tensor.data_type)
    if kind is None or len(tensor.dims) != 1:
        return None
    raw = tensor.raw_data
    stored = raw or (tensor.int64_data if kind == "<i8" else tensor.int32_data)
    if len(stored) > SHORT or len(raw) % np.dtype(kind).itemsize:
        return None
    if tensor.data_location == onnx.TensorProto.EXTERNAL:
        return None
    return tuple(map(int, np.frombuffer(raw, kind) if raw else stored))


@cache
def dtype_name(element: int) -> str | None:
    """Return ``"float"`` for ``TensorProto.FLOAT``, None for an undefined or unknown type."""
    if not element or element not in onnx.TensorProto.DataType.values():
        return None
    name: str = onnx.TensorProto.DataType.Name(element)
    return name.lower()


def _described(info: onnx.ValueInfoProto) -> ValueFacts:
    if not info.type.HasField("tensor_type"):
        return ValueFacts(info.name)
    tensor = info.type.tensor_type
    dims = None
    if tensor.HasField("shape"):
        dims = tuple(map(fixed_dim, tensor.shape.dim))
    return ValueFacts(info.name, dtype_name(tensor.elem_type), dims)


def _constants(nodes: Sequence[NodeProto]) -> dict[str, ValueFacts]:
    """Return the values that Constant nodes with a tensor give."""
    values = {}
    for node in nodes:
        tensors = [a.t for a in node.attribute if a.name == "value" and a.HasField("t")]
        if node.op_type == "Constant" and tensors:
            values[node.output[0]] = _constant(node.output[0], tensors[0])
    return values


def _nodes(
    nodes: Sequence[NodeProto],
    opsets: Opsets,
    own: frozenset[tuple[str, str]],
    where: str,
    scope: Scope,
) -> Iterator[NodeFacts]:
    for node in nodes:
        domain = "" if node.domain == "ai.onnx" else node.domain
        if (node.domain, node.op_type) not in own:
            yield facts_of(node, domain, opsets, where, scope)
        for body in bodies(node):
            place = f"body of {node.op_type} {label(node)!r}"
            inside = place if where == MAIN else f"{place} in {where}"
            yield from _graph(body, opsets, own, inside, scope)


def _made(nodes: Sequence[NodeProto], known: Scope) -> dict[str, ValueFacts]:
    """Return what nodes give, with the operator that gives it."""
    return {
        name: replace(known.get(name, ValueFacts(name)), maker=node.op_type)
        for node in nodes
        for name in node.output
        if name
    }


def label(node: NodeProto) -> str:
    """Return the node's name, or that of its first output where it has none."""
    return node.name or next((name for name in node.output if name), "")


def facts_of(node: NodeProto, domain: str, opsets: Opsets, where: str, scope: Scope) -> NodeFacts:
    """Return a node as the rules see it; `scope` tells what is known about its inputs by name."""
    opset = opsets.get(domain, 1)
    schema = schema_of(node.op_type, opset, domain)
    formals = [parameter.name for parameter in schema.inputs] if schema else []
    results = [parameter.name for parameter in schema.outputs] if schema else []
    named = zip(formal_names(node.input, formals), node.input, strict=True)
    outputs = zip(formal_names(node.output, results), node.output, strict=True)
    return NodeFacts(
        node.op_type,
        opset,
        domain=domain,
        name=label(node),
        where=where,
        attributes=attributes_of(node),
        inputs={formal: scope.get(name, ValueFacts(name)) for formal, name in named if name},
        outputs=frozenset(formal for formal, name in outputs if name),
        ends_empty=frozenset(
            which
            for which, names in (("inputs", node.input), ("outputs", node.output))
            if names and not names[-1]
        ),
        proto=node,
    )


def attributes_of(node: NodeProto) -> dict[str, Any]:
    """Return the node's attributes without its bodies; bytes decoded."""
    return {
        attribute.name: _decoded(onnx.helper.get_attribute_value(attribute))
        for attribute in node.attribute
        if not attribute.ref_attr_name
        and attribute.type not in (AttributeProto.GRAPH, AttributeProto.GRAPHS)
    }


def _decoded(value: Any) -> Any:
    if isinstance(value, bytes):
        return value.decode(errors="replace")
    if isinstance(value, list | tuple) and value and isinstance(value[0], bytes):
        return [item.decode(errors="replace") for item in value]
    return value
