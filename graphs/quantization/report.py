"""Which layers of a model a quantizer changed: told from the two models, before and after."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from onnx import AttributeProto, GraphProto, ModelProto, NodeProto, TensorProto

PREPARED = ("onnx.quant.pre_process", "onnxruntime.quant")
"""The note in the metadata that keeps onnxruntime's tools from advising to prepare the model."""
FLOATS = frozenset({TensorProto.FLOAT, TensorProto.FLOAT16, TensorProto.DOUBLE})
NO_KERNEL = frozenset({"GRU", "RNN"})


@dataclass(frozen=True)
class NodeReport:
    """What became of one node that has a matrix of weights, or more."""

    name: str
    op: str
    where: str
    """``"main graph"`` or ``"body of Scan 'x'"``."""
    quantized: bool
    reason: str
    """Why it was left as it was; "" where it was not."""


def named(model: ModelProto) -> ModelProto:
    """Return a copy whose nodes all have names: the quantizer makes new names from them."""
    copy = ModelProto()
    copy.CopyFrom(model)
    for place, node in enumerate(copy.graph.node):
        if not node.name:
            node.name = f"{node.op_type}_{place}"
    if not any(entry.key == PREPARED[0] for entry in copy.metadata_props):
        copy.metadata_props.add(key=PREPARED[0], value=PREPARED[1])
    return copy


def node_reports(before: ModelProto, after: ModelProto, mode: str) -> tuple[NodeReport, ...]:
    """Return a report for every node with weights, in the order of the model's nodes."""
    kept = _weights(after.graph)
    nodes = {node.name: node for node in after.graph.node}
    reports = []
    for node in before.graph.node:
        if _weighted(node, _weights(before.graph)):
            done = not _unchanged(node, nodes, kept)
            reason = "" if done else _reason(node, mode)
            reports.append(NodeReport(node.name, node.op_type, "main graph", done, reason))
        for body in _bodies(node):
            where = f"body of {node.op_type} {node.name!r}"
            reports.extend(_inside(body, where, _weights(before.graph)))
    return tuple(reports)


def _weights(graph: GraphProto) -> Mapping[str, TensorProto]:
    """Return the float initializers of rank 2 and more."""
    return {
        tensor.name: tensor
        for tensor in graph.initializer
        if tensor.data_type in FLOATS and len(tensor.dims) >= 2
    }


def _weighted(node: NodeProto, weights: Mapping[str, TensorProto]) -> bool:
    return any(name in weights for name in node.input)


def _unchanged(
    node: NodeProto, nodes: Mapping[str, NodeProto], weights: Mapping[str, TensorProto]
) -> bool:
    """Say whether the node is still there and still takes a float initializer."""
    after = nodes.get(node.name)
    return after is not None and after.op_type == node.op_type and _weighted(after, weights)


def _reason(node: NodeProto, mode: str) -> str:
    if node.op_type in NO_KERNEL:
        return f"onnxruntime has no 8-bit {node.op_type}; its weights stay float32"
    if node.op_type == "LSTM" and mode == "static":
        return "onnxruntime quantizes LSTM in dynamic mode only; its weights stay float32"
    return f"onnxruntime's {mode} quantizer does not take this {node.op_type}"


def _inside(
    graph: GraphProto, where: str, outer: Mapping[str, TensorProto]
) -> Iterator[NodeReport]:
    """Yield the nodes with weights of a body: the tools do not go there."""
    reason = "onnxruntime's quantizer does not go into the bodies of control flow"
    weights = {**outer, **_weights(graph)}
    for node in graph.node:
        if _weighted(node, weights):
            yield NodeReport(node.name, node.op_type, where, False, reason)
        for body in _bodies(node):
            yield from _inside(body, f"body of {node.op_type} {node.name!r} in {where}", weights)


def _bodies(node: NodeProto) -> Iterator[GraphProto]:
    for attribute in node.attribute:
        if attribute.type == AttributeProto.GRAPH:
            yield attribute.g
        yield from attribute.graphs
