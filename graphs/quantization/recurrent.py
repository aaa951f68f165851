"""Large recurrent layers with 8-bit recurrent weights: a Scan whose products read bytes.

A step of a recurrent layer reads all recurrent weights, and where they do not fit into a core's
cache, reading them is what it costs. onnxruntime has no 8-bit GRU or RNN, but it has products with
8-bit weights, which the layer as a Scan can use.
"""

from collections.abc import Mapping, Sequence

from onnx import ModelProto, NodeProto, TensorProto

from ...errors import OnnxwrightError
from ..builder.constants import Constants, attribute
from ..builder.ops import Ops
from ..errors import GraphError
from ..layers.arguments import read_activations, read_clip
from ..lowering.cell import Cell, RecurrentWeights
from ..lowering.choose import lower
from ..lowering.op import DEFAULTS
from ..network import Network
from ..readers import recurrent_weights
from ..values import Value
from .blocks import drop_unused, import_domain, rewrite_products
from .splice import splice

OPERATORS = ("RNN", "GRU", "LSTM")
LEAST_BYTES = 2**21
"""Float32 recurrent weights of one direction from which on bytes pay: about a core's cache.

Below it the operator's weights stay in the cache, and a Scan's step costs more than it saves."""
BITS = 8
PARAMETERS = ("activation_alpha", "activation_beta")
PLAIN = {"relu", "tanh", "sigmoid", "softsign", "softplus"}
"""Activations without parameters, as the operators and the network call them."""


def quantize_recurrent(model: ModelProto, operators: Sequence[str]) -> dict[str, str]:
    """Give large layers of `operators` in the main graph 8-bit recurrent weights, in place.

    Returns
    -------
    dict
        By the name of each node of these operators: why it was left as it was, "" where it was not.
    """
    reasons = {}
    changed = False
    for node in [each for each in model.graph.node if each.op_type in (*operators, "Scan")]:
        if node.op_type == "Scan":
            known = {tensor.name: tensor for tensor in model.graph.initializer}
            changed |= _quantize_body(node, known, LEAST_BYTES)
        else:
            reasons[node.name] = _quantize_one(model, node)
    if changed or "" in reasons.values():
        import_domain(model)
        drop_unused(model.graph)
    return reasons


def _quantize_one(model: ModelProto, node: NodeProto) -> str:
    constants = Constants(model.graph)
    try:
        weights = recurrent_weights(node, constants)
        if weights is None:
            return "its weights are not in the model"
        if weights.r[0].nbytes < LEAST_BYTES or weights.r.dtype.name != "float32":
            return f"its recurrent weights are below {LEAST_BYTES >> 20} MiB: float32 is as fast"
        part = _as_scan(model, node, weights)
    except OnnxwrightError as error:
        return error.problem
    for each in part.graph.node:
        if each.op_type == "Scan":
            known = {tensor.name: tensor for tensor in part.graph.initializer}
            _quantize_body(each, known, 0)
    drop_unused(part.graph)
    splice(model, node, part)
    return ""


def _quantize_body(scan: NodeProto, known: Mapping[str, TensorProto], least_bytes: int) -> bool:
    """Pack the weights that a Scan's steps multiply by; say whether there were any."""
    body = next(item.g for item in scan.attribute if item.name == "body")
    return rewrite_products(body, known, BITS, least_bytes)


def _as_scan(model: ModelProto, node: NodeProto, weights: RecurrentWeights) -> ModelProto:
    """Return the layer alone as a Scan, its inputs and outputs called as the node's.

    Raises
    ------
    OnnxwrightError
        Something in the node has no such form.
    """
    opset = max(e.version for e in model.opset_import if e.domain in ("", "ai.onnx"))
    net = Network(node.name or node.op_type, opset=opset)
    kind, label = node.op_type, f"{node.op_type} '{node.name}'"
    x = net.input(node.input[0], f"time batch {weights.input_size}")
    cell = Cell(
        "layer",
        weights,
        read_activations(_activations(node, weights.directions), kind, label),
        _text(node, "direction") or "forward",
        read_clip(attribute(node, "clip", float), label),
        bool(attribute(node, "input_forget", int)),
        _lengths(net, node),
        _initial(net, node, weights),
    )
    lowered = lower(net, cell, x, "scan")
    one = weights.directions == 1
    results = [lowered.sequence, *lowered.finals]
    axes = [1] + [0] * len(lowered.finals)
    for name, value, axis in zip(node.output, results, axes, strict=False):
        if name:
            net.output(name, Ops(net, "layer").unsqueeze(value, axis) if one else value)
    return net.build()


def _lengths(net: Network, node: NodeProto) -> Value | None:
    name = _input(node, 4)
    return net.input(name, "batch", dtype="int32") if name else None


def _initial(net: Network, node: NodeProto, weights: RecurrentWeights) -> tuple[Value, ...] | None:
    """Return the initial states that the node reads, as `Cell` has them.

    Raises
    ------
    GraphError
        An LSTM is given one of its two.
    """
    states = 2 if node.op_type == "LSTM" else 1
    names = [_input(node, place) for place in (5, 6)[:states]]
    if not any(names):
        return None
    if not all(names):
        raise GraphError("it is given one of its two states", "give both")
    dims = f"{weights.directions} batch {weights.hidden_size}"
    given = [net.input(name, dims) for name in dict.fromkeys(names)]
    values = [given[list(dict.fromkeys(names)).index(name)] for name in names]
    if weights.directions == 2:
        return tuple(values)
    return tuple(Ops(net, "layer").squeeze(value, 0) for value in values)


def _activations(node: NodeProto, directions: int) -> list[str]:
    """Return the names of one direction's activations.

    Raises
    ------
    GraphError
        The directions differ, or an activation has parameters.
    """
    usual = list(DEFAULTS[node.op_type])
    given = [item for item in node.attribute if item.name == "activations"]
    names = [text.decode(errors="replace").lower() for item in given for text in item.strings]
    if not names:
        return usual
    one = names[: len(usual)]
    if names != one * directions:
        raise GraphError("its two directions have other activations", "leave it in float32")
    if any(item.name in PARAMETERS for item in node.attribute) or not PLAIN.issuperset(one):
        raise GraphError("its activations have parameters of their own", "leave it in float32")
    return one


def _input(node: NodeProto, place: int) -> str:
    return node.input[place] if len(node.input) > place else ""


def _text(node: NodeProto, name: str) -> str:
    return next(
        (item.s.decode(errors="replace") for item in node.attribute if item.name == name), ""
    )
