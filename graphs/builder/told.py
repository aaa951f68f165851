"""The metadata entry that tells the network which a model was made from."""

import hashlib
import json
from typing import Any

import onnx
from onnx import GraphProto, ModelProto

from .builder import Builder
from .recorder import UntoldError

NETWORK_KEY = "onnxwright.network"
"""The metadata entry that holds the network's tables, as JSON."""


def tell_network(net: Builder, streaming: bool, model: ModelProto) -> str:
    """Return the entry for the network that `model` was assembled from.

    What is in the model already is not told again: its name, its opset, the dims of inputs and
    outputs, the arrays. ``nodes`` is a digest by which a reader knows that nobody has changed the
    nodes since.
    """
    options: dict[str, Any] = {"target": net.target and net.target.name, "streaming": streaming}
    options["dtype"] = net.dtype.name if net.dtype.name != "float32" else None
    told: dict[str, Any] = {"network": {key: value for key, value in options.items() if value}}
    try:
        layers, outputs = _layers(net)
    except UntoldError as untold:
        return json.dumps({"untold": str(untold)})
    told["inputs"] = [name for name in net.inputs if name not in net.states]
    told |= {"layer": layers, "outputs": outputs, "nodes": digest_nodes(model.graph)}
    return json.dumps(told, separators=(",", ":"))


def _layers(net: Builder) -> tuple[list[dict[str, Any]], dict[str, str]]:
    recorder = net.recorder
    outputs = {name: recorder.ref(value) for name, value in net.outputs.items()}
    streamed = {state.rpartition(".")[0] for state in net.states.values()}
    owners = [recorder.owner(value) for value in net.outputs.values()]
    return recorder.needed([*owners, *streamed]), outputs


def digest_nodes(graph: GraphProto) -> str:
    """Return a digest of a graph's nodes and of those in their bodies, without any arrays."""
    digest = hashlib.sha256()
    _add_nodes(digest, graph)
    return digest.hexdigest()[:16]


def _add_nodes(digest: Any, graph: GraphProto) -> None:
    for node in graph.node:
        digest.update(repr([node.op_type, list(node.input), list(node.output)]).encode())
        for item in sorted(node.attribute, key=lambda item: item.name):
            if item.type == onnx.AttributeProto.GRAPH:
                _add_nodes(digest, item.g)
            else:
                digest.update(item.SerializeToString(deterministic=True))
