"""From ``onnx`` protos to a :class:`~.plan.Program`: every node bound to its kernel."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import onnx
from onnx import AttributeProto, FunctionProto, GraphProto, ModelProto, NodeProto

from ..errors import ModelError
from . import bodies, folding, order, resolve
from .attributes import GRAPHS, resolved, value_of
from .binding import bind
from .dtypes import dense, tensor_array
from .plan import DISCARD, MISSING, Body, Program, Step, schedule
from .registry import Kernel, NodeInfo, find_specializer
from .scope import Context, Scope
from .signature import tensor_info


def compile_model(model: ModelProto, float_dtype: np.dtype[Any] | None) -> Program:
    """Compile a model's main graph.

    Raises
    ------
    ModelError
        A name is unknown or defined twice, the nodes form a cycle, functions call themselves,
        or a node's attributes or number of inputs do not fit its operator.
    """
    functions = {(clean(f.domain), f.name, f.overload): f for f in model.functions}
    opsets = opset_versions(model.opset_import)
    scope = Scope(Context(functions, float_dtype), Program(), f"graph {model.graph.name!r}", opsets)
    return compile_graph(model.graph, scope, fixed_defaults=model.ir_version < 4)


def clean(domain: str) -> str:
    """Return the default operator set's domain as "", the form that it has everywhere here."""
    return "" if domain == "ai.onnx" else domain


def opset_versions(imports: Sequence[onnx.OperatorSetIdProto]) -> dict[str, int]:
    """Return domain to version."""
    return {clean(entry.domain): entry.version for entry in imports}


def compile_graph(graph: GraphProto, scope: Scope, *, fixed_defaults: bool = False) -> Program:
    """Compile `graph` into the scope's program.

    An initializer that is also an input is that input's default value; before IR version 4 every
    initializer had to be listed so, and it is a constant (`fixed_defaults`).
    """
    program = scope.program
    initial = {tensor.name for tensor in graph.initializer}
    initial |= {tensor.values.name for tensor in graph.sparse_initializer}
    required = [value.name for value in graph.input if value.name not in initial]
    optional = {value.name for value in graph.input} & initial
    for name in required:
        scope.define(name)
    program.inputs = len(required)
    for tensor in graph.initializer:
        slot = scope.constant(tensor.name, tensor_array(tensor, scope.context.float_dtype))
        if tensor.name in optional and not fixed_defaults:
            program.defaults[slot] = program.constants.pop(slot)
    for sparse in graph.sparse_initializer:
        scope.constant(sparse.values.name, dense(sparse, scope.context.float_dtype))
    for node in graph.node:
        compile_node(node, scope, graph.node)
    program.outputs = tuple(_output(value.name, scope) for value in graph.output)
    program.results = tuple(tensor_info(value, scope.context.float_dtype) for value in graph.output)
    return program


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
    inputs = tuple(_input(name, node, scope, siblings) for name in node.input)
    while inputs and inputs[-1] == MISSING:
        inputs = inputs[:-1]
    attributes = resolved(node.attribute, scope.attributes)
    function = _function(node, scope)
    if function is not None:
        expand(function, node, inputs, attributes, scope)
        return
    info = _info(node, attributes, scope)
    found = resolve.implementation(node, attributes, info)
    if found.function is not None and found.schema is not None:
        full = bodies.with_defaults(found.schema, attributes)
        expand(found.function, node, inputs, full, scope)
        return
    graphs = {
        name: subgraph(attribute.g, name, info, scope)
        for name, attribute in attributes.items()
        if attribute.type == AttributeProto.GRAPH
    }
    if found.typed is not None:
        kernel = bodies.typed_kernel(found.typed, node, attributes, scope, expand)
    else:
        kernel = _bound(found.kernel, found.source, info, inputs, graphs, scope)
    captured = tuple(slot for body in graphs.values() for slot in body.captures)
    outputs = tuple(scope.define(name) if name else DISCARD for name in node.output)
    step = Step(kernel, inputs + captured, outputs, info, scope.place, found.source)
    folding.fold_or_append(step, scope.program)


def _input(name: str, node: NodeProto, scope: Scope, siblings: Sequence[NodeProto]) -> int:
    if not name:
        return MISSING
    slot = scope.find(name)
    if slot is None:
        raise order.unknown_name(name, node, scope.place, siblings)
    return slot


def _info(node: NodeProto, attributes: dict[str, AttributeProto], scope: Scope) -> NodeInfo:
    domain = clean(node.domain)
    if domain not in scope.opsets and not domain:
        raise ModelError(
            f"{scope.place} imports no opset for the operators of ONNX itself",
            "the file is broken: its opset_import lacks the domain ''",
        )
    return NodeInfo(
        node.op_type,
        domain,
        node.name or next((f"(gives {name})" for name in node.output if name), ""),
        scope.opsets.get(domain, 1),
        tuple(node.output),
        {
            name: value_of(attribute, scope.context.float_dtype)
            for name, attribute in attributes.items()
            if attribute.type not in GRAPHS
        },
        scope.context.float_dtype,
    )


def _function(node: NodeProto, scope: Scope) -> FunctionProto | None:
    key = (clean(node.domain), node.op_type, node.overload)
    return scope.context.functions.get(key)


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


def _bound(
    kernel: Kernel | None,
    source: str,
    info: NodeInfo,
    inputs: tuple[int, ...],
    graphs: dict[str, Body],
    scope: Scope,
) -> Kernel:
    if kernel is None:
        return resolve.absent(info, scope.place)
    if source != "own":
        return kernel
    special = find_specializer(info.domain, info.op_type, info.opset)
    bound = bind(kernel, info, len(inputs), graphs)
    if special is not None:
        constants = [scope.program.constants.get(slot) for slot in inputs]
        bound = special(info, constants) or bound
    return with_bodies(bound, len(inputs), graphs) if graphs else bound


def with_bodies(kernel: Kernel, count: int, graphs: dict[str, Body]) -> Kernel:
    """Return a function of the inputs followed by what each body captures."""

    def run(*arguments: Any) -> Any:
        start, bound = count, {}
        for name, body in graphs.items():
            stop = start + len(body.captures)
            bound[name] = body.bind(arguments[start:stop])
            start = stop
        return kernel(*arguments[:count], **bound)

    return run


def expand(
    function: FunctionProto,
    node: NodeProto,
    inputs: tuple[int, ...],
    attributes: dict[str, AttributeProto],
    scope: Scope,
) -> None:
    """Compile a function's body in place of the node that calls it.

    Raises
    ------
    ModelError
        The function calls itself, however indirectly, or the node has too many inputs.
    """
    key = (clean(function.domain), function.name, function.overload)
    if key in scope.stack:
        raise ModelError(
            f"function {function.name!r} calls itself, in {scope.place}",
            "ONNX allows no recursion: export the model again",
        )
    if len(inputs) > len(function.input) or len(node.output) > len(function.output):
        raise ModelError(
            f"node {node.name!r} in {scope.place} gives function {function.name!r} "
            f"{len(inputs)} inputs and takes {len(node.output)} outputs, but it has "
            f"{len(function.input)} and {len(function.output)}",
            "the model is broken: export it again",
        )
    label = node.name or next((name for name in node.output if name), function.name)
    place = f"{scope.place} / function {function.name!r} of node {label!r}"
    inner = Scope(
        scope.context,
        scope.program,
        place,
        {**scope.opsets, **opset_versions(function.opset_import)},
        attributes={a.name: a for a in function.attribute_proto} | attributes,
        stack=(*scope.stack, key),
        prefix=f"{scope.prefix}{label}/",
        depth=scope.deeper(place),
    )
    for position, name in enumerate(function.input):
        inner.define(name, inputs[position] if position < len(inputs) else MISSING)
    for inner_node in function.node:
        compile_node(inner_node, inner, function.node)
    for name, inner_name in zip(node.output, function.output, strict=False):
        if name:
            scope.define(name, _input(inner_name, node, inner, function.node))
