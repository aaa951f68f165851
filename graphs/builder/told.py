"""The metadata entry that tells the network which a model was made from."""

import hashlib
import json
from typing import Any

import onnx
from onnx import GraphProto, ModelProto

from .builder import Builder
from .recorder import Table, UntoldError

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
    told |= {"layer": [pack(one) for one in layers], "outputs": outputs}
    told["nodes"] = digest_nodes(model.graph)
    return json.dumps(told, separators=(",", ":"))


def _layers(net: Builder) -> tuple[list[dict[str, Any]], dict[str, str]]:
    recorder = net.recorder
    outputs = {name: recorder.ref(value) for name, value in net.outputs.items()}
    streamed = {state.rpartition(".")[0] for state in net.states.values()}
    owners = [recorder.owner(value) for value in net.outputs.values()]
    return recorder.needed([*owners, *streamed]), outputs


def pack(table: Table) -> Table | list[Any]:
    """Return a table in fewer letters: operators are many in a model, and small.

    >>> pack({"kind": "op", "op_type": "Relu", "inputs": ["x"], "name": "a", "dims": "batch 3"})
    ['a', 'Relu', ['x'], {}, 'batch 3']
    """
    name, kept = table["name"], {**table}
    plain = all(
        isinstance(one, str) or (isinstance(one, dict) and one.keys() == {"array"})
        for one in table.get("inputs", ())
    )
    if plain and "dims" in table and table["kind"] in ("op", "op_many"):
        inputs = [[one["array"]] if isinstance(one, dict) else one for one in table["inputs"]]
        return [name, table["op_type"], inputs, table.get("attributes", {}), table["dims"]]
    if table.get("weights") == {"weights": name}:
        kept["weights"] = True
    return kept


def unpack(packed: Any) -> Table:
    """Return the table that `pack` has packed.

    >>> unpack(["a", "Relu", ["x"], {}, "batch 3"])["inputs"]
    ['x']
    """
    if not isinstance(packed, list):
        same = packed.get("weights") is True
        return {**packed, **({"weights": {"weights": packed["name"]}} if same else {})}
    name, op_type, inputs, attributes, dims = packed
    given = [{"array": one[0]} if isinstance(one, list) else one for one in inputs]
    many = isinstance(dims, list) and bool(dims)
    table: Table = {"kind": "op_many" if many else "op", "name": name, "op_type": op_type}
    table |= {"inputs": given, "dims": dims} | ({"outputs": len(dims)} if many else {})
    return table | ({"attributes": attributes} if attributes else {})


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
