"""The way back: from a model's layers to the containers of their weights."""

import os
from collections.abc import Iterator
from dataclasses import replace

import onnx

from ..files import read_model
from ..json_text import read_json
from ..walking import bodies
from .builder.constants import Constants
from .builder.provenance import SOURCES_KEY, entries, read_origins
from .errors import WeightError
from .given import shown
from .lowering.recover import Lowered
from .readers import READERS
from .weights.base import Weights

SUFFIXES = (
    *(".W", ".weight", ".w", ".kernel", "/kernel", ".scale", ".gamma", "/gamma"),
    *(".table", ".embeddings", "/embeddings"),
)
"""Ends of a weight's name behind its layer's name, as the exporters in use write them."""


def read(model: onnx.ModelProto | str | os.PathLike[str]) -> dict[str, Weights]:
    """Return the weights of a model's layers by the layers' names, in the order of its nodes.

    Read are Gemm, MatMul with or without Add, Conv, BatchNormalization, LayerNormalization, RNN,
    LSTM and GRU whose weights are constants, and Gather of rows of a matrix of floats; also inside
    subgraphs. Recurrent layers that a :class:`Network` wrote as
    a Scan or as steps are known by its metadata; their two biases come back as one, their sum.
    What was folded or quantized is not found, nor are normalisations that were written as their
    equation, such as ``group_norm``.

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
    sources, origins = read_sources(proto), read_origins(proto)
    lowered = Lowered(proto)
    for name, weights in _read_graph(proto.graph, None, lowered):
        number, free = 1, name
        while free in layers:
            number += 1
            free = f"{name}#{number}"
        source, origin = sources.get(name, "onnx"), origins.get(name)
        layers[free] = replace(weights, source=source, origin=origin)
    return layers


def read_sources(model: onnx.ModelProto) -> dict[str, str]:
    """Return the layout that each layer's arrays came in, as far as the model's metadata tell."""
    try:
        layers = read_json(entries(model).get(SOURCES_KEY, "{}"))
        return {str(layer): str(source) for source in layers for layer in layers[source]}
    except (ValueError, TypeError):
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
    place = 0 if node.op_type == "Gather" else 1
    for value in node.input[place : place + 1]:
        weight = constants.origin(value)
        for suffix in SUFFIXES:
            if weight.endswith(suffix) and weight != suffix:
                return weight.removesuffix(suffix)
    stem, _, end = node.name.rpartition("/")
    if stem.strip("/") and end.startswith(node.op_type):
        return stem.strip("/")
    return node.name or next(filter(None, node.output), node.op_type)
