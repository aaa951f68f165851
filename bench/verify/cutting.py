"""A model cut at some of its values: each part reads given values in place of computed ones."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import onnx
from numpy.typing import NDArray
from onnx import helper

from ...runtime import load
from ...walking import reads

Arrays = Mapping[str, NDArray[Any]]
OWN = "/alone"
"""What is added to the name of a value that the part computes: the name itself is an input."""


@dataclass(frozen=True)
class Part:
    """The nodes between the places of a cut and the values asked for."""

    model: onnx.ModelProto
    """Without the inputs at the cut, whose types are known when they are given."""
    asked: tuple[str, ...]
    reads: tuple[str, ...]
    """The values at the cut that it takes."""

    def run(self, feeds: Arrays, values: Arrays) -> dict[str, Any]:
        """Return the values asked for, computed from the model's feeds and those at the cut."""
        if not self.asked:
            return {}
        model = onnx.ModelProto()
        model.CopyFrom(self.model)
        for name, value in values.items():
            kind = helper.np_dtype_to_tensor_dtype(value.dtype)
            model.graph.input.append(helper.make_tensor_value_info(name, kind, value.shape))
        given = {info.name for info in model.graph.input}
        mine = {name: feed for name, feed in {**feeds, **values}.items() if name in given}
        found = load(model, on="numpy").run(mine, [name + OWN for name in self.asked])
        return {name: found[name + OWN] for name in self.asked}


def cut(model: onnx.ModelProto, asked: Sequence[str], places: Collection[str]) -> Part:
    """Cut a model at `places`, and keep the nodes that compute `asked` from there."""
    graph = model.graph
    makers = {name: node for node in graph.node for name in node.output if name}
    kept: dict[int, onnx.NodeProto] = {}
    taken: dict[str, None] = {}
    waiting = list(asked)
    while waiting:
        node = makers[waiting.pop()]
        if id(node) in kept:
            continue
        kept[id(node)] = node
        for name in filter(None, reads(node)):
            if name in places:
                taken[name] = None
            elif name in makers:
                waiting.append(name)
    return Part(_part(model, kept, asked, taken), tuple(asked), tuple(taken))


def _part(
    model: onnx.ModelProto,
    kept: Mapping[int, onnx.NodeProto],
    asked: Sequence[str],
    taken: Collection[str],
) -> onnx.ModelProto:
    """Return a model of the nodes kept, in their order, with the outputs at the cut renamed."""
    part = onnx.ModelProto()
    part.CopyFrom(model)
    del part.graph.node[:], part.graph.output[:], part.graph.value_info[:]
    used = set(taken)
    for node in model.graph.node:
        if id(node) in kept:
            copy = part.graph.node.add()
            copy.CopyFrom(node)
            used |= set(reads(node))
            copy.output[:] = [
                name + OWN if name in asked or name in taken else name for name in node.output
            ]
    part.graph.output.extend(onnx.ValueInfoProto(name=name + OWN) for name in asked)
    for field in (part.graph.initializer, part.graph.input):
        for place in reversed(range(len(field))):
            if field[place].name not in used:
                del field[place]
    return part
