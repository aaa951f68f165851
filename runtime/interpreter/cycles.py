"""Why a node's input is not there: nobody gives it, a later node does, or there is a cycle."""

from collections.abc import Sequence

from onnx import NodeProto

from ..errors import ModelError


def unknown_name(
    name: str, node: NodeProto, place: str, siblings: Sequence[NodeProto]
) -> ModelError:
    """Return the error for the input `name`, which nothing before `node` gives."""
    givers = {output: sibling for sibling in siblings for output in sibling.output if output}
    reads = f"node {node.name!r} ({node.op_type}) in {place} reads {name!r}"
    if name not in givers:
        return ModelError(
            f"{reads}, which no input, initializer or node gives",
            "the graph is broken: export the model again",
        )
    if reaches(node, name, givers):
        return ModelError(
            f"{reads}, which is made from what this node gives: the nodes form a cycle",
            "a graph must have no cycle; use Loop or Scan to repeat something",
        )
    return ModelError(
        f"{reads}, which only the later node {givers[name].name!r} gives",
        "ONNX wants the nodes in the order in which they run: sort them",
    )


def reaches(node: NodeProto, name: str, givers: dict[str, NodeProto]) -> bool:
    """Whether the value `name` is computed, however indirectly, from one of `node`'s outputs."""
    outputs = set(node.output) - {""}
    seen: set[str] = set()
    waiting = [name]
    while waiting:
        value = waiting.pop()
        if value in outputs:
            return True
        if value not in seen and value in givers:
            seen.add(value)
            waiting.extend(givers[value].input)
    return False
