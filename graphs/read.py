"""The way back: from a model's layers to the containers of their weights."""

import json
import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import onnx

from ..files import read_model
from ..walking import bodies
from .builder.constants import Array, Constants, attribute
from .builder.provenance import SOURCES_KEY, entries
from .errors import WeightError
from .given import shown
from .lowering.recover import Lowered
from .weights import (
    BatchNormWeights,
    ConvWeights,
    DenseWeights,
    GRUWeights,
    LSTMWeights,
    RNNWeights,
)
from .weights.arrays import FLOATS
from .weights.base import Weights

SUFFIXES = (".W", ".weight", ".w", ".kernel", "/kernel", ".scale")
"""Ends of a weight's name behind its layer's name, as the exporters in use write them."""


def read(model: onnx.ModelProto | str | os.PathLike[str]) -> dict[str, Weights]:
    """Return the weights of a model's layers by the layers' names, in the order of its nodes.

    Read are Gemm, MatMul with or without Add, Conv, BatchNormalization, RNN, LSTM and GRU whose
    weights are constants; also inside subgraphs. Recurrent layers that a :class:`Network` wrote as
    a Scan or as steps are known by its metadata; their two biases come back as one, their sum.
    What was folded or quantized is not found.

    Parameters
    ----------
    model
        A model with its weights in it, or the path of a file, whose external data are read too.

    Returns
    -------
    dict
        A layer is called after its weight (``encoder`` for ``encoder.W`` or ``encoder.weight``),
        else after its node (``encoder/LSTM``), else after its output. A name that comes again gets
        a number: ``encoder#2``. ``source`` is the layout that the model's metadata tell, else
        ``"onnx"``.

    Raises
    ------
    WeightError
        A layer's arrays do not fit each other.
    FileError
        The file cannot be read.

    Examples
    --------
    >>> import numpy as np
    >>> from onnxwright import graphs
    >>> net = graphs.Network("net")
    >>> weights = graphs.DenseWeights(np.ones((2, 3), np.float32))
    >>> net.output("y", net.dense(net.input("x", "batch 3"), weights, name="head"))
    >>> {name: layer.w.shape for name, layer in read(net.build()).items()}
    {'head': (2, 3)}
    """
    if not isinstance(model, onnx.ModelProto | str | os.PathLike):
        raise WeightError(
            f"a model cannot be read from {shown(model)}", "give a ModelProto or a file's path"
        )
    proto = model if isinstance(model, onnx.ModelProto) else read_model(model)
    layers: dict[str, Weights] = {}
    sources = read_sources(proto)
    lowered = Lowered(proto)
    for name, weights in _read_graph(proto.graph, None, lowered):
        number, free = 1, name
        while free in layers:
            number += 1
            free = f"{name}#{number}"
        layers[free] = replace(weights, source=sources.get(name, "onnx"))
    return layers


def read_sources(model: onnx.ModelProto) -> dict[str, str]:
    """Return the layout that each layer's arrays came in, as far as the model's metadata tell."""
    try:
        layers = json.loads(entries(model).get(SOURCES_KEY, "{}"))
        return {str(layer): str(source) for source in layers for layer in layers[source]}
    except (ValueError, TypeError, RecursionError):
        return {}  # the metadata are anybody's; without them the layout is that of ONNX


def _read_graph(
    graph: onnx.GraphProto, outer: Constants | None, lowered: Lowered
) -> Iterator[tuple[str, Weights]]:
    constants = Constants(graph, outer)
    users = {name: node for node in graph.node for name in node.input}
    for node in graph.node:
        reader = READERS.get(node.op_type) if node.domain in ("", "ai.onnx") else None
        product = node.op_type in ("MatMul", "Gemm") and len(node.input) > 1
        matrix = constants.origin(node.input[1]) if product else ""
        if matrix in lowered.layers:
            taken = lowered.take(matrix)
            if taken is not None:
                yield taken
        elif reader is not None:
            name = layer_name(node, constants)
            try:
                weights = reader(node, constants, users)
            except WeightError as error:
                raise WeightError(f"layer '{name}': {error.problem}", error.remedy) from error
            if weights is not None:
                yield name, weights
        for inner in bodies(node):
            yield from _read_graph(inner, constants, lowered)


def layer_name(node: onnx.NodeProto, constants: Constants) -> str:
    """Return what the layer of a node is called; see `read`."""
    for value in node.input[1:2]:
        weight = constants.origin(value)
        for suffix in SUFFIXES:
            if weight.endswith(suffix) and weight != suffix:
                return weight.removesuffix(suffix)
    stem, _, end = node.name.rpartition("/")
    if stem.strip("/") and end.startswith(node.op_type):
        return stem.strip("/")
    return node.name or next(filter(None, node.output), node.op_type)


def _input(node: onnx.NodeProto, place: int, constants: Constants) -> Array | None:
    """Return the floats of a node's constant input, or None."""
    if len(node.input) <= place or not node.input[place]:
        return None
    array = constants.array(node.input[place])
    return array if array is not None and array.dtype.name in FLOATS else None


def _all_inputs(node: onnx.NodeProto, places: list[int], constants: Constants) -> list[Any] | None:
    """Return the constant inputs at `places`; None for one left out, or None if one varies."""
    arrays = [_input(node, place, constants) for place in places]
    given = [len(node.input) > place and bool(node.input[place]) for place in places]
    varies = any(there and array is None for there, array in zip(given, arrays, strict=True))
    return None if varies else arrays


def _gemm(node: onnx.NodeProto, constants: Constants, _: Mapping[str, Any]) -> Weights | None:
    arrays = _all_inputs(node, [1, 2], constants)
    if arrays is None or arrays[0] is None:
        return None
    w, b = arrays
    if w.ndim != 2:
        return DenseWeights(w)  # which says what is wrong with it
    w = _scaled(w if attribute(node, "transB", int) else w.T, attribute(node, "alpha", float))
    return DenseWeights(
        w, None if b is None else _scaled(_vector(b, w), attribute(node, "beta", float))
    )


def _matmul(
    node: onnx.NodeProto, constants: Constants, users: Mapping[str, onnx.NodeProto]
) -> Weights | None:
    """Read ``x W + b``, whose Add is the only user of the product."""
    w = _input(node, 1, constants)
    if w is None or w.ndim != 2:
        return None
    result, b = next(iter(node.output), ""), None
    follower = users.get(result)
    if follower is not None and follower.op_type == "Add" and constants.uses[result] == 1:
        sides = [_input(follower, place, constants) for place in (0, 1)]
        b = next((side for side in sides if side is not None), None)
    if b is not None and b.shape not in ((w.shape[1],), (1, w.shape[1])):
        b = None  # the Add is something else, such as a mask or a position
    return DenseWeights(w.T, None if b is None else b.reshape(-1))


def _conv(node: onnx.NodeProto, constants: Constants, _: Mapping[str, Any]) -> Weights | None:
    arrays = _all_inputs(node, [1, 2], constants)
    return None if arrays is None or arrays[0] is None else ConvWeights.from_onnx(*arrays)


def _batch_norm(node: onnx.NodeProto, constants: Constants, _: Mapping[str, Any]) -> Weights | None:
    arrays = _all_inputs(node, [1, 2, 3, 4], constants)
    if arrays is None or any(array is None for array in arrays):
        return None
    given = attribute(node, "epsilon", float)
    epsilon = 1e-5 if given is None else given
    # The attribute is a float32: 1e-3 comes back as the shortest number that rounds to it.
    return BatchNormWeights.from_onnx(*arrays, epsilon=float(str(np.float32(epsilon))))


def recurrent_weights(
    node: onnx.NodeProto, constants: Constants, _: Mapping[str, Any] | None = None
) -> RNNWeights | LSTMWeights | GRUWeights | None:
    """Return the container of an RNN, GRU or LSTM node, None where its weights are no constants."""
    places = [1, 2, 3, 7] if node.op_type == "LSTM" else [1, 2, 3]
    arrays = _all_inputs(node, places, constants)
    if arrays is None or arrays[0] is None or arrays[1] is None:
        return None
    if node.op_type == "GRU":
        linear = attribute(node, "linear_before_reset", int) or 0
        return GRUWeights.from_onnx(*arrays, linear_before_reset=linear)
    return LSTMWeights.from_onnx(*arrays) if node.op_type == "LSTM" else RNNWeights(*arrays)


def _scaled(array: Array, factor: float | None) -> Array:
    return array if factor in (None, 1.0) else array * np.asarray(factor, array.dtype)


def _vector(b: Array, w: Array) -> Array:
    """Return the bias of a Gemm, which may be of any shape that broadcasts, as ``[out]``."""
    if b.size not in (1, w.shape[0]) or b.ndim > 2:
        raise WeightError(
            f"the bias has shape {list(b.shape)}, needs [out={w.shape[0]}]: one for each unit",
            "a Gemm whose C differs from row to row is no dense layer",
        )
    return np.broadcast_to(b.reshape(-1), w.shape[:1])


READERS: dict[str, Callable[[onnx.NodeProto, Constants, Mapping[str, Any]], Weights | None]] = {
    "Gemm": _gemm,
    "MatMul": _matmul,
    "Conv": _conv,
    "BatchNormalization": _batch_norm,
    "RNN": recurrent_weights,
    "LSTM": recurrent_weights,
    "GRU": recurrent_weights,
}
"""What reads the layer of a node, by operator: None where its weights are no constants."""
