"""From ``onnx`` protos to a :class:`~.plan.Program`: every node bound to its kernel."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from onnx import AttributeProto, FunctionProto, GraphProto, ModelProto, NodeProto

from ..errors import ModelError
from . import cycles, folding, onnx_functions, resolve, type_rules
from . import kernels as _kernels  # noqa: F401  (registers them)
from .attributes import resolved
from .dtypes import Array, dense, tensor_array, widen
from .nodes import clean, label, node_info, opset_versions
from .plan import DISCARD, MISSING, Body, Program, Step
from .registry import NodeInfo
from .scheduling import schedule
from .scope import Context, Record, Scope
from .signature import tensor_info

Attributes = dict[str, AttributeProto]


def compile_model(
    model: ModelProto,
    float_dtype: np.dtype[Any] | None,
    arrays: Mapping[str, Array] | None = None,
) -> tuple[Program, list[Record]]:
    """Compile a model's main graph; return it, and what computes every node.

    The main graph's initializers that `arrays` names have their contents there.

    Raises
    ------
    ModelError
        A name is unknown or defined twice, the nodes form a cycle, functions call themselves,
        or a node's attributes or number of inputs do not fit its operator.
    """
    functions = {(clean(f.domain), f.name, f.overload): f for f in model.functions}
    context = Context(functions, float_dtype)
    place = f"graph {model.graph.name!r}"
    scope = Scope(context, Program(), place, opset_versions(model.opset_import))
    program = compile_graph(model.graph, scope, fixed_defaults=model.ir_version < 4, arrays=arrays)
    return program, context.record


def compile_graph(
    graph: GraphProto,
    scope: Scope,
    *,
    fixed_defaults: bool,
    arrays: Mapping[str, Array] | None = None,
) -> Program:
    """Compile `graph` into the scope's program.

    An initializer that is also an input is that input's default value; before IR version 4 every
    initializer had to be listed so, and it is a constant (`fixed_defaults`).
    """
    program = scope.program
    initial = {tensor.name for tensor in graph.initializer}
    initial |= {tensor.values.name for tensor in graph.sparse_initializer}
    required = [value for value in graph.input if value.name not in initial]
    for value in required:
        scope.typed(scope.define(value.name), type_rules.value_type(value.type))
    program.inputs = len(required)
    _define_initializers(graph, scope, arrays or {})
    if not fixed_defaults:
        for name in {value.name for value in graph.input} & initial:
            slot = scope.names[name]
            program.defaults[slot] = program.constants.pop(slot)
    for node in graph.node:
        compile_node(node, scope, graph.node)
    program.outputs = tuple(_output(value.name, scope) for value in graph.output)
    program.results = tuple(tensor_info(v, scope.context.float_dtype) for v in graph.output)
    return program


def _define_initializers(graph: GraphProto, scope: Scope, arrays: Mapping[str, Array]) -> None:
    float_dtype = scope.context.float_dtype
    for tensor in graph.initializer:
        array = arrays.get(tensor.name)
        contents = tensor_array(tensor, float_dtype) if array is None else widen(array, float_dtype)
        slot = scope.constant(tensor.name, contents)
        scope.typed(slot, type_rules.tensor_type(tensor.data_type))
    for sparse in graph.sparse_initializer:
        scope.constant(sparse.values.name, dense(sparse, float_dtype))


def _output(name: str, scope: Scope) -> int:
    slot = scope.find(name)
    if slot is None:
        raise ModelError(
            f"output {name!r} of {scope.place}: no input, initializer or node gives it",
            "the graph is broken: export the model again",
        )
    return slot


def compile_node(node: NodeProto, scope: Scope, siblings: Sequence[NodeProto]) -> None:
    """Compile one node: expand it if it is a function, fold it if it is constant."""
    scope.context.count(scope.place)
    inputs = _inputs(node, scope, siblings)
    attributes = resolved(node.attribute, scope.attributes)
    info = node_info(node, attributes, scope)
    type_rules.check_node(info, scope.place, node.input, attributes)
    local = scope.context.functions.get((info.domain, info.op_type, node.overload))
    found = (
        resolve.Implementation("function", function=local)
        if local is not None
        else resolve.implementation(node, attributes, info)
    )
    scope.context.record.append(Record(info, scope.place, found.source, found.described))
    if found.function is not None:
        full = attributes if local else onnx_functions.with_defaults(found.schema, attributes)
        expand(found.function, node, inputs, full, scope)
    else:
        _append(node, info, inputs, attributes, found, scope)


def _inputs(node: NodeProto, scope: Scope, siblings: Sequence[NodeProto]) -> tuple[int, ...]:
    """Return the inputs' slots, without missing ones at the end."""
    slots = [_input(name, node, scope, siblings) for name in node.input]
    while slots and slots[-1] == MISSING:
        slots.pop()
    return tuple(slots)


def _input(name: str, node: NodeProto, scope: Scope, siblings: Sequence[NodeProto]) -> int:
    if not name:
        return MISSING
    slot = scope.find(name)
    if slot is None:
        raise cycles.unknown_name(name, node, scope.place, siblings)
    return slot


def _append(
    node: NodeProto,
    info: NodeInfo,
    inputs: tuple[int, ...],
    attributes: Attributes,
    found: resolve.Implementation,
    scope: Scope,
) -> None:
    if found.typed is not None:
        graphs = {}
        kernel = onnx_functions.typed_kernel(found.typed, node, attributes, scope, expand)
    else:
        graphs = {
            name: subgraph(attribute.g, name, info, scope)
            for name, attribute in attributes.items()
            if attribute.type == AttributeProto.GRAPH
        }
        kernel = resolve.bound(found, info, inputs, graphs, scope)
    captured = tuple(slot for body in graphs.values() for slot in body.captures)
    types = tuple(map(scope.program.types.get, inputs))
    outputs = tuple(scope.define(name) if name else DISCARD for name in node.output)
    for slot, kind in zip(outputs, type_rules.output_types(info, scope.place, types), strict=False):
        scope.typed(slot, kind)
    step = Step(kernel, inputs + captured, outputs, info, scope.place, found.source, found.traits)
    folding.fold_or_append(step, scope.program)


def subgraph(graph: GraphProto, name: str, info: NodeInfo, scope: Scope) -> Body:
    """Compile a node's subgraph to a program of its own."""
    place = f"{scope.place} / {name} of {info.op_type} {info.name!r}"
    inner = Scope(
        scope.context,
        Program(),
        place,
        scope.opsets,
        parent=scope,
        attributes=scope.attributes,
        stack=scope.stack,
        depth=scope.deeper(place),
    )
    program = compile_graph(graph, inner, fixed_defaults=True)
    return Body(program, schedule(program, program.outputs))


def expand(
    function: FunctionProto,
    node: NodeProto,
    inputs: tuple[int, ...],
    attributes: Attributes,
    scope: Scope,
) -> None:
    """Compile a function's body in place of the node that calls it.

    Raises
    ------
    ModelError
        The function calls itself, however indirectly, or the node has too many inputs.
    """
    key = (clean(function.domain), function.name, function.overload)
    _check_call(key, function, node, inputs, scope)
    place = f"{scope.place} / function {function.name!r} of node {label(node)!r}"
    inner = Scope(
        scope.context,
        scope.program,
        place,
        {**scope.opsets, **opset_versions(function.opset_import)},
        attributes={a.name: a for a in function.attribute_proto} | attributes,
        stack=(*scope.stack, key),
        prefix=f"{scope.prefix}{label(node)}/",
        depth=scope.deeper(place),
    )
    for position, name in enumerate(function.input):
        inner.define(name, inputs[position] if position < len(inputs) else MISSING)
    for inner_node in function.node:
        compile_node(inner_node, inner, function.node)
    for name, inner_name in zip(node.output, function.output, strict=False):
        if name:
            scope.define(name, _input(inner_name, node, inner, function.node))


def _check_call(
    key: tuple[str, str, str],
    function: FunctionProto,
    node: NodeProto,
    inputs: tuple[int, ...],
    scope: Scope,
) -> None:
    if key in scope.stack:
        raise ModelError(
            f"function {function.name!r} calls itself, in {scope.place}",
            "ONNX allows no recursion: export the model again",
        )
    if len(inputs) > len(function.input) or len(node.output) > len(function.output):
        raise ModelError(
            f"node {label(node)!r} in {scope.place} gives function {function.name!r} "
            f"{len(inputs)} inputs and takes {len(node.output)} outputs, but it has "
            f"{len(function.input)} and {len(function.output)}",
            "the model is broken: export it again",
        )
