"""The graph itself: what is read before it is made, made twice, or made for nobody."""

from collections import Counter
from collections.abc import Iterator

from onnx import FunctionProto, GraphProto, ModelProto, NodeProto

from ...texts import listed
from ...walking import bodies, reads
from ..targets.walk import MAIN, label
from .context import Place

NAMED = 3
"""How many names of one kind a sentence lists."""
Graph = GraphProto | FunctionProto


def check_graphs(model: ModelProto) -> Iterator[Place]:
    """Find what is wrong with the names and the order of a model's graphs and functions."""
    yield from _check(model.graph, MAIN, set())
    for function in model.functions:
        yield from _check(function, f"function {function.name!r}", set())
    yield from _outputs(model.graph)
    yield from _unread(model.graph)


def _check(graph: Graph, where: str, outer: set[str]) -> Iterator[Place]:
    """Walk a graph in its order; `outer` are the values that the graphs around it have."""
    known, own = set(outer), _given(graph)
    for name, count in Counter(own).items():
        if count > 1 or name in outer:
            yield Place("defined-twice", name, where, f"the value {name!r} is defined twice")
    known |= set(own)
    makers = {name for node in graph.node for name in node.output}
    for node in graph.node:
        yield from _reads(node, known, makers, where)
        for body in bodies(node):
            place = f"body of {node.op_type} {label(node)!r}"
            yield from _check(body, place if where == MAIN else f"{place} in {where}", known)
        for name in filter(None, node.output):
            if name in known:
                what = f"the value {name!r} is defined twice"
                yield Place("defined-twice", label(node), where, what)
            known.add(name)
    yield from _ends(graph, known, where)
    for name, count in Counter(node.name for node in graph.node if node.name).items():
        if count > 1:
            yield Place("node-name-twice", name, where, f"{count} nodes are called {name!r}")


def _given(graph: Graph) -> list[str]:
    """Return the names that a graph begins with; an initializer may be an input's default."""
    if isinstance(graph, FunctionProto):
        return list(graph.input)
    inputs = [info.name for info in graph.input]
    tensors = [tensor.name for tensor in graph.initializer]
    tensors += [tensor.values.name for tensor in graph.sparse_initializer]
    return (
        inputs
        + [name for name in tensors if name not in set(inputs)]
        + [name for name, count in Counter(tensors).items() if count > 1]
    )


def _reads(node: NodeProto, known: set[str], makers: set[str], where: str) -> Iterator[Place]:
    for name in filter(None, dict.fromkeys(node.input)):
        if name not in known:
            later = "is made only later, or by itself" if name in makers else "is made by nothing"
            what = f"the value {name!r} that it reads {later}"
            yield Place("undefined-value", label(node), where, what)


def _ends(graph: Graph, known: set[str], where: str) -> Iterator[Place]:
    if isinstance(graph, FunctionProto):
        names = list(graph.output)
    else:
        names = [info.name for info in graph.output]
    for name in names:
        if name not in known:
            yield Place("undefined-value", name, where, f"the output {name!r} is made by nothing")


def _outputs(graph: GraphProto) -> Iterator[Place]:
    """Find outputs that no input has a say in."""
    given = {tensor.name for tensor in graph.initializer}
    depends = {info.name for info in graph.input} - given
    for node in graph.node:
        random = node.op_type.startswith(("Random", "Bernoulli", "Multinomial"))
        if random or any(name in depends for name in reads(node)):
            depends.update(name for name in node.output if name)
    made = {name for node in graph.node for name in node.output} | given
    for info in graph.output:
        if info.name in made and info.name not in depends:
            detail = f"the output {info.name!r} depends on no input"
            yield Place("constant-output", info.name, "model", detail)


def _unread(graph: GraphProto) -> Iterator[Place]:
    dead = dead_nodes(graph)
    if dead:
        names = listed([f"{node.op_type} {label(node)!r}" for node in dead], NAMED)
        count = f"{len(dead)} node{'s' * (len(dead) > 1)}"
        yield Place("dead-node", names, "model", f"{count} that no output depends on")
    unused = unused_initializers(graph)
    if unused:
        count = f"{len(unused)} array{'s' * (len(unused) > 1)}"
        yield Place("unused-initializer", listed(unused, NAMED), "model", f"{count} nobody reads")
    read = {name for node in graph.node for name in reads(node)}
    read |= {info.name for info in graph.output}
    given = {tensor.name for tensor in graph.initializer}
    for info in graph.input:
        if info.name not in read and info.name not in given:
            detail = f"the input {info.name!r} is read by nobody"
            yield Place("unused-input", info.name, "model", detail)


def dead_nodes(graph: GraphProto) -> list[NodeProto]:
    """Return the nodes that no output depends on, in their order."""
    wanted = {info.name for info in graph.output}
    dead: list[NodeProto] = []
    for node in reversed(graph.node):
        if any(name in wanted for name in node.output if name):
            wanted.update(reads(node))
        else:
            dead.append(node)
    return dead[::-1]


def unused_initializers(graph: GraphProto) -> list[str]:
    """Return the names of arrays that no node reads and no output gives."""
    read = {name for node in graph.node for name in reads(node)}
    read |= {info.name for info in graph.output} | {info.name for info in graph.input}
    return [tensor.name for tensor in graph.initializer if tensor.name not in read]
