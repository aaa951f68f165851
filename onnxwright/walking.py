"""Every graph and every tensor of a model, wherever they stand in it."""

from collections.abc import Iterable, Iterator

import onnx

Graph = onnx.GraphProto | onnx.FunctionProto


def walk_graphs(model: onnx.ModelProto) -> Iterator[Graph]:
    """Yield the model's graph, its functions, and every graph inside an attribute of theirs."""
    return walk([model.graph, *model.functions])


def walk(roots: Iterable[Graph]) -> Iterator[Graph]:
    """Yield `roots`, and every graph inside an attribute of their nodes."""
    return (part for part in walk_parts(roots) if not isinstance(part, onnx.AttributeProto))


def walk_parts(roots: Iterable[Graph]) -> Iterator[Graph | onnx.AttributeProto]:
    """Yield `roots`, every graph inside an attribute of their nodes, and all nodes' attributes."""
    stack = list(roots)
    while stack:
        graph = stack.pop()
        yield graph
        for node in graph.node:
            for attribute in node.attribute:
                yield attribute
                stack.extend(_graphs(attribute))


def bodies(node: onnx.NodeProto) -> Iterator[onnx.GraphProto]:
    """Yield the graphs that stand in the attributes of a node."""
    for attribute in node.attribute:
        yield from _graphs(attribute)


def reads(node: onnx.NodeProto) -> Iterator[str]:
    """Yield the names that a node reads, those that its bodies take from outside included."""
    yield from node.input
    for body in bodies(node):
        for inner in body.node:
            yield from reads(inner)
        yield from (value.name for value in body.output)


def walk_tensors(model: onnx.ModelProto) -> Iterator[onnx.TensorProto]:
    """Yield every tensor of the model: initializers, sparse ones' parts, attributes' values."""
    for part in walk_parts([model.graph, *model.functions]):
        if isinstance(part, onnx.AttributeProto):
            if part.HasField("t"):
                yield part.t
            yield from part.tensors
            if part.HasField("sparse_tensor"):
                yield from _dense(part.sparse_tensor)
            for sparse in part.sparse_tensors:
                yield from _dense(sparse)
        elif isinstance(part, onnx.GraphProto):
            yield from part.initializer
            for sparse in part.sparse_initializer:
                yield from _dense(sparse)


def _graphs(attribute: onnx.AttributeProto) -> Iterable[onnx.GraphProto]:
    """Return the graphs of one attribute."""
    return [attribute.g, *attribute.graphs] if attribute.HasField("g") else attribute.graphs


def _dense(sparse: onnx.SparseTensorProto) -> tuple[onnx.TensorProto, onnx.TensorProto]:
    return sparse.values, sparse.indices
