"""Which layers of a model a quantizer changed, and into what: told from the two models."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from onnx import GraphProto, ModelProto, NodeProto, TensorProto

from ...walking import bodies, walk
from .blocks import obstacle

PREPARED = ("onnx.quant.pre_process", "onnxruntime.quant")
"""The note in the metadata that keeps onnxruntime's tools from advising to prepare the model."""
FLOATS = frozenset({TensorProto.FLOAT, TensorProto.FLOAT16, TensorProto.DOUBLE})
BYTES = frozenset({TensorProto.INT8, TensorProto.UINT8})
MAIN = "main graph"


@dataclass(frozen=True)
class NodeReport:
    """What became of one node that has a matrix of weights, or more."""

    name: str
    op: str
    where: str
    """``"main graph"`` or ``"body of Scan 'x'"``."""
    outputs: tuple[str, ...]
    """Its outputs' names, which it keeps."""
    form: str
    """The operator that reads its 8-bit weights now; its own where it is as it was."""
    bytes_before: int
    """Of its constants."""
    bytes_after: int
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


def node_reports(
    before: ModelProto, after: ModelProto, mode: str, reasons: Mapping[str, str]
) -> tuple[NodeReport, ...]:
    """Return a report for every node with weights, in the order of the model's nodes.

    `reasons` are those of recurrent layers that were left as they were, by the nodes' names.
    """
    return tuple(_reports(before.graph, after.graph, MAIN, {}, {}, mode, reasons))


Tensors = Mapping[str, TensorProto]


def _reports(
    before: GraphProto,
    after: GraphProto,
    where: str,
    around: Tensors,
    around_after: Tensors,
    mode: str,
    reasons: Mapping[str, str],
) -> Iterator[NodeReport]:
    """Yield the reports of a graph and of the bodies in it."""
    known = {**around, **{tensor.name: tensor for tensor in before.initializer}}
    now = {**around_after, **{tensor.name: tensor for tensor in after.initializer}}
    values = {name for node in before.node for name in node.output}
    inner = {node.name: list(bodies(node)) for node in after.node}
    for node in before.node:
        if any(_is_matrix(known.get(name)) for name in node.input):
            yield _report(node, known, after, now, values, where, mode, reasons)
        within = f"body of {node.op_type} {node.name!r}"
        inside = within if where == MAIN else f"{within} in {where}"
        for ours, theirs in zip(bodies(node), inner.get(node.name, ()), strict=False):
            yield from _reports(ours, theirs, inside, known, now, mode, reasons)


def _is_matrix(tensor: TensorProto | None) -> bool:
    if tensor is None or tensor.data_type not in FLOATS:
        return False
    wide = [dim for dim in tensor.dims if dim > 1]
    return len(wide) >= 2  # a vector may have dims of 1 beside it


def _report(
    node: NodeProto,
    known: Tensors,
    after: GraphProto,
    now: Tensors,
    values: set[str],
    where: str,
    mode: str,
    reasons: Mapping[str, str],
) -> NodeReport:
    """Look at what computes the node's outputs now, back to values that both models have."""
    nodes = _computing(after, node, values)
    form = next((each.op_type for each in nodes if _reads_bytes(each, now)), "")
    reason = "" if form else reasons.get(node.name) or _reason(node, mode, where, known)
    return NodeReport(
        name=node.name,
        op=node.op_type,
        where=where,
        outputs=tuple(filter(None, node.output)),
        form=form or node.op_type,
        bytes_before=_bytes([node], known),
        bytes_after=_bytes(nodes, now),
        quantized=bool(form),
        reason=reason,
    )


def _computing(graph: GraphProto, node: NodeProto, values: set[str]) -> list[NodeProto]:
    """Return the nodes between the outputs of `node` and the values that were there before.

    The static quantizer leaves out a Relu whose result the scale cuts off at 0: the node before it
    then gives what the Relu gave, and is found by its name.
    """
    makers = {name: each for each in graph.node for name in each.output if name}
    found: dict[int, NodeProto] = {}
    waiting = [name for name in node.output if name in makers]
    if not waiting:
        same = [each for each in graph.node if each.name and each.name == node.name]
        waiting = [name for each in same for name in each.output if name in makers]
    while waiting:
        maker = makers[waiting.pop()]
        if id(maker) not in found:
            found[id(maker)] = maker
            inner = (name for name in maker.input if name in makers and name not in values)
            waiting.extend(inner)
    return list(found.values())


def _reads_bytes(node: NodeProto, known: Tensors) -> bool:
    """Say whether a node, or one in a body of it, reads constant bytes of rank 2 and more."""
    return any(
        tensor.data_type in BYTES and len(tensor.dims) >= 2 for tensor in _constants(node, known)
    )


def _constants(node: NodeProto, known: Tensors) -> Iterator[TensorProto]:
    """Yield the constants that a node reads, those in its bodies included."""
    yield from (known[name] for name in node.input if name in known)
    for graph in walk(list(bodies(node))):
        inside = {tensor.name: tensor for tensor in getattr(graph, "initializer", ())}
        for each in graph.node:
            for name in each.input:
                if name in inside or name in known:
                    yield inside.get(name) or known[name]


def _bytes(nodes: list[NodeProto], known: Tensors) -> int:
    tensors = {id(tensor): tensor for node in nodes for tensor in _constants(node, known)}
    return sum(_size(tensor) for tensor in tensors.values())


def _size(tensor: TensorProto) -> int:
    """Return about the bytes of a tensor's numbers, however they are stored."""
    return len(tensor.raw_data) or tensor.ByteSize()


def _reason(node: NodeProto, mode: str, where: str, known: Tensors) -> str:
    if mode == "weight-only":
        return obstacle(node, known) or f"no rule takes this {node.op_type}"
    if where != MAIN:
        return "onnxruntime's quantizer does not go into the bodies of control flow"
    return f"onnxruntime's {mode} quantizer does not take this {node.op_type}"
