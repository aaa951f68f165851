"""The bodies of If, Loop and Scan: as many values as the node hands in and takes out."""

from collections.abc import Iterator

from onnx import GraphProto, NodeProto

from ..targets.node import NodeFacts
from .context import Context, Problem


def check_bodies(node: NodeFacts, context: Context) -> Iterator[Problem]:
    """Find bodies whose inputs and outputs are not those of their node."""
    if node.domain or node.proto is None:
        return
    bodies = {each.name: each.g for each in node.proto.attribute if each.HasField("g")}
    if node.op == "If":
        for name, body in bodies.items():
            yield from _compare(name, body, 0, len(node.proto.output))
    elif node.op == "Loop" and "body" in bodies:
        carried = max(0, len(node.proto.input) - 2)
        yield from _compare("body", bodies["body"], carried + 2, len(node.proto.output) + 1)
    elif node.op == "Scan" and "body" in bodies:
        yield from _scan(node.proto, node, bodies["body"])


def _compare(name: str, body: GraphProto, inputs: int, outputs: int) -> Iterator[Problem]:
    for what, found, wanted in (
        ("inputs", len(body.input), inputs),
        ("outputs", len(body.output), outputs),
    ):
        if found != wanted:
            yield "body", f"{name} has {found} {what}, needs {wanted}"


def _scan(proto: NodeProto, node: NodeFacts, body: GraphProto) -> Iterator[Problem]:
    scanned = node.attributes.get("num_scan_inputs")
    given = len(proto.input) - (1 if node.opset < 9 else 0)
    if not isinstance(scanned, int):
        return
    if not 0 < scanned <= given:
        yield "body", f"num_scan_inputs is {scanned}, the node has {given} inputs"
        return
    yield from _compare("body", body, given, len(proto.output))
