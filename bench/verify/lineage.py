"""Which values of a graph come from which: what a search for the first wrong one walks over."""

from collections.abc import Iterable
from dataclasses import dataclass

import onnx

from ...walking import reads

_NO_TENSORS = ("Sequence", "SplitToSequence", "Optional", "ConcatFromSequence")
"""Beginnings of operators whose values may be no tensors: those are stepped over."""


@dataclass(frozen=True)
class Lineage:
    """The values between the nodes of a graph, in the order in which they are computed."""

    order: dict[str, int]
    """Value to the position of its node in the graph; inputs and constants are left out."""
    parents: dict[str, tuple[str, ...]]
    """Value to the values that its node reads, bodies of Scan, Loop and If included."""

    def ancestors(self, name: str, stop: Iterable[str] = ()) -> set[str]:
        """Return the values that `name` comes from, not looking at or behind those in `stop`."""
        stopped = set(stop)
        found: set[str] = set()
        stack = [name]
        while stack:
            fresh = [p for p in self.parents[stack.pop()] if p not in found and p not in stopped]
            found.update(fresh)
            stack.extend(fresh)
        return found


def lineage(graph: onnx.GraphProto) -> Lineage:
    """Return the lineage of the main graph's values that can be read as tensors."""
    order: dict[str, int] = {}
    parents: dict[str, tuple[str, ...]] = {}
    hidden: dict[str, tuple[str, ...]] = {}
    for position, node in enumerate(graph.node):
        read = dict.fromkeys(name for name in reads(node) if name in order or name in hidden)
        direct = dict.fromkeys(p for name in read for p in hidden.get(name, (name,)))
        for name in filter(None, node.output):
            if node.op_type.startswith(_NO_TENSORS) or node.op_type == "Constant":
                hidden[name] = tuple(direct)
            else:
                order[name] = position
                parents[name] = tuple(direct)
    return Lineage(order, parents)
