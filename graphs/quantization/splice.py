"""Putting a model in the place of one node of another."""

from collections.abc import Iterator

from onnx import FunctionProto, GraphProto, ModelProto, NodeProto

from ...walking import walk, walk_graphs


def splice(model: ModelProto, node: NodeProto, part: ModelProto) -> None:
    """Replace `node` of the main graph of `model` by `part`, which is changed.

    The inputs and outputs of `part` are called as the node's values that they stand for; all its
    other names get a beginning that `model` does not use. Both have the same opset.
    """
    outside = {info.name for info in (*part.graph.input, *part.graph.output)}
    taken = {name for graph in walk_graphs(model) for name in _names(graph)}
    prefix = f"{node.name or node.op_type}/"
    while any(name.startswith(prefix) for name in taken):
        prefix += "_"
    _rename(part.graph, prefix, outside)
    place = list(model.graph.node).index(node)
    nodes = [*model.graph.node[:place], *part.graph.node, *model.graph.node[place + 1 :]]
    copies = [NodeProto.FromString(each.SerializeToString()) for each in nodes]
    del model.graph.node[:]
    model.graph.node.extend(copies)
    model.graph.initializer.extend(part.graph.initializer)


def _names(graph: GraphProto | FunctionProto) -> Iterator[str]:
    """Yield the names of a graph's nodes and values."""
    for node in graph.node:
        yield from (node.name, *node.input, *node.output)
    if isinstance(graph, GraphProto):
        yield from (each.name for each in (*graph.initializer, *graph.input, *graph.output))


def _rename(graph: GraphProto, prefix: str, outside: set[str]) -> None:
    """Put `prefix` before every name in the graph and its bodies that is not `outside`."""

    def renamed(name: str) -> str:
        return prefix + name if name and name not in outside else name

    for each in walk([graph]):
        for node in each.node:
            node.name = renamed(node.name)
            node.input[:] = map(renamed, node.input)
            node.output[:] = map(renamed, node.output)
        if isinstance(each, GraphProto):
            for value in (*each.initializer, *each.input, *each.output, *each.value_info):
                value.name = renamed(value.name)
