"""What of a network its outputs need: nodes, their outputs, initializers."""

from collections.abc import Mapping

from onnx import NodeProto

from ...walking import reads
from ..values import Value
from .builder import Builder

OPTIONAL_OUTPUTS = {"RNN", "LSTM", "GRU"}
"""The operators whose outputs may each be left out."""


def prune(net: Builder, outputs: Mapping[str, Value]) -> tuple[list[NodeProto], list[str]]:
    """Return the nodes and initializers that the outputs need, in their order."""
    needed = {value.name for value in outputs.values()}
    kept = []
    for node in reversed(net.nodes):
        if needed.isdisjoint(node.output):
            continue
        needed.update(reads(node))
        trimmed = _without_unread_outputs(node, needed)
        # OpenCV computes a GRU's sequence wrong where the last state is not an output, too.
        kept.append(trimmed if net.placement.runs(trimmed) else node)
    return kept[::-1], [name for name in net.initializers if name in needed]


def _without_unread_outputs(node: NodeProto, needed: set[str]) -> NodeProto:
    """Return `node` with the outputs that nobody reads left out, as the standard allows."""
    if node.op_type not in OPTIONAL_OUTPUTS:
        return node
    outputs = [name if name in needed else "" for name in node.output]
    while outputs and not outputs[-1]:
        outputs.pop()
    if outputs == list(node.output):
        return node
    trimmed = NodeProto()
    trimmed.CopyFrom(node)
    del trimmed.output[:]
    trimmed.output.extend(outputs)
    return trimmed
