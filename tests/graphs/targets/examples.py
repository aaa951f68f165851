"""Models of one node, built from the few words with which a rule gives its examples.

An example is a TOML table: ``op`` (a rule about one operator leaves it out), ``opset``, ``ir``,
``dtype``, ``attributes``, ``without`` (attributes that are left out), ``inputs`` (optional inputs
that the node is given), ``outputs`` (optional outputs that it gives), ``spatial`` (how many spatial
dims a convolution or pool has), ``channels`` (into and out of a convolution), ``groups`` (of it),
``shape`` and ``types`` (of the first inputs), ``ends`` (names that end the list of inputs),
``function`` (the node stands in a function of the model), ``undeclared`` (outputs have no shape),
``behind_weight`` (this weight comes through an Identity), ``open`` (the batch and time dims are
symbolic), ``lengths`` (of rows, constant), ``pads`` (of a Pad), ``states`` (pairs of graph inputs
and outputs) and ``behind`` (the first input comes from a Relu, not straight from the model's).
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import ModelProto, NodeProto, TensorProto, helper, numpy_helper

from onnxwright.graphs.targets.errors import TargetError

from .recipes import RECIPES, Piece

IR_OF_OPSET = {17: 8, 18: 8, 19: 9, 20: 9, 21: 10, 22: 10, 23: 11}
"""The IR version that came with an opset, for those between 17 and 23."""


def example(spec: Mapping[str, Any]) -> ModelProto:
    """Build the model that an example speaks of; the same words give the same weights.

    Raises
    ------
    TargetError
        There is no recipe for the operator.

    >>> [node.op_type for node in example({"op": "GRU"}).graph.node]
    ['GRU']
    """
    op = spec.get("op", "Relu")
    if op not in RECIPES:
        raise TargetError(
            f"there is no recipe for an example of {op}",
            "add one to tests/graphs/targets/recipes.py",
        )
    piece = RECIPES[op]({"op": op, **spec})
    graph = helper.make_graph(
        [*_nodes(op, piece, spec), *_state_nodes(spec)],
        f"example-{op}",
        [*_infos(piece.feeds, piece, spec), *_state_infos(spec, 0)],
        [*_outputs(piece), *_state_infos(spec, 1)],
        [numpy_helper.from_array(array, name) for name, array in piece.weights.items()],
    )
    opset = spec.get("opset", 17)
    ir = spec.get("ir", IR_OF_OPSET.get(opset, 8 if opset < 17 else 12))
    opsets = [helper.make_opsetid("", opset)]
    model = helper.make_model(graph, opset_imports=opsets, ir_version=ir)
    if spec.get("undeclared"):
        for info in model.graph.output:
            info.type.tensor_type.ClearField("shape")
    if spec.get("function"):
        _into_function(model)
    return model


def _into_function(model: ModelProto) -> None:
    """Move the model's only node into a function that takes its place."""
    (node,) = model.graph.node
    inputs, outputs, opsets = list(node.input), list(node.output), list(model.opset_import)
    body = [NodeProto.FromString(node.SerializeToString())]
    model.functions.append(helper.make_function("own", "Own", inputs, outputs, body, opsets))
    node.CopyFrom(helper.make_node("Own", inputs, outputs, domain="own"))
    model.opset_import.append(helper.make_opsetid("own", 1))


def example_feeds(spec: Mapping[str, Any]) -> dict[str, NDArray[Any]]:
    """Return arrays for the inputs of :func:`example`'s model."""
    op = spec.get("op", "Relu")
    feeds = dict(RECIPES[op]({"op": op, **spec}).feeds)
    feeds.update({taken: np.ones((1, 2), np.float32) for taken, _ in spec.get("states", ())})
    return feeds


def _nodes(op: str, piece: Piece, spec: Mapping[str, Any]) -> list[NodeProto]:
    given = {**piece.attributes, **spec.get("attributes", {})}
    attributes = {name: v for name, v in given.items() if name not in spec.get("without", ())}
    node = helper.make_node(op, piece.inputs, piece.outputs, name=f"the-{op}", **attributes)
    if spec.get("behind_weight"):
        weight = spec["behind_weight"]
        before = helper.make_node("Identity", [weight], [f"{weight}-same"])
        node.input[list(node.input).index(weight)] = before.output[0]
        return [*piece.before, before, node]
    if not spec.get("behind"):
        return [*piece.before, node]
    first = node.input[0]
    node.input[0] = f"{first}-relu"
    return [*piece.before, helper.make_node("Relu", [first], [node.input[0]]), node]


def _infos(
    arrays: Mapping[str, NDArray[Any]], piece: Piece, spec: Mapping[str, Any]
) -> list[onnx.ValueInfoProto]:
    named = piece.open_dims if spec.get("open") else {}
    return [
        helper.make_tensor_value_info(
            name,
            helper.np_dtype_to_tensor_dtype(array.dtype),
            [named.get(name, {}).get(axis, size) for axis, size in enumerate(array.shape)],
        )
        for name, array in arrays.items()
    ]


def _outputs(piece: Piece) -> list[onnx.ValueInfoProto]:
    return [
        helper.make_tensor_value_info(name, piece.output_types.get(name, piece.element), shape)
        for name, shape in zip(piece.outputs, piece.output_shapes, strict=True)
        if name
    ]


def _state_nodes(spec: Mapping[str, Any]) -> list[NodeProto]:
    return [helper.make_node("Neg", [taken], [given]) for taken, given in spec.get("states", ())]


def _state_infos(spec: Mapping[str, Any], place: int) -> list[onnx.ValueInfoProto]:
    return [
        helper.make_tensor_value_info(pair[place], TensorProto.FLOAT, ["batch", 2])
        for pair in spec.get("states", ())
    ]
