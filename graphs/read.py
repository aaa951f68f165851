"""The way back: from a model's layers to the containers of their weights."""

import os
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import onnx

from ..files import read_model
from ..json_text import read_json
from ..walking import bodies
from .builder.constants import Constants
from .builder.provenance import SOURCES_KEY, entries, read_origins, read_shared
from .errors import WeightError
from .given import shown
from .lowering.recover import Lowered
from .network import Network
from .readers import READERS
from .spec.recorded import recorded_network, recorded_source, told_norms
from .spec.written import network_file
from .weights.arrays import Array
from .weights.base import Weights

SUFFIXES = (
    *(".W", ".weight", ".w", ".kernel", "/kernel", ".scale", ".gamma", "/gamma"),
    *(".table", ".embeddings", "/embeddings"),
)
"""Ends of a weight's name behind its layer's name, as the exporters in use write them."""


class Layers(dict[str, Weights]):
    """The containers of a model's layers by the layers' names, and the network they are from."""

    def __init__(self, model: onnx.ModelProto, layers: dict[str, Weights]) -> None:
        super().__init__(layers)
        self._model = model

    def network(self, **overrides: Any) -> Network:
        """Return the network that the model was made from, with these containers as its weights.

        The model tells it: every layer with its arguments, recurrent ones as they were before they
        became a Scan or steps. It can be built for another target, opset or dtype.

        Parameters
        ----------
        overrides
            Arguments of `Network` (``opset``, ``dtype``, ``target``, ...) in place of the model's.

        Raises
        ------
        GraphError
            No `Network` wrote the model, or its nodes were changed since: it was quantized, say.

        Examples
        --------
        >>> import numpy as np
        >>> from onnxwright import graphs
        >>> net = graphs.Network("net")
        >>> weights = graphs.DenseWeights(np.ones((2, 3), np.float32))
        >>> net.output("y", net.dense(net.input("x", "batch 3"), weights, name="head"))
        >>> graphs.read(net.build()).network(opset=21)
        <Network 'net': opset 21, float32, 1 input, 1 output, 1 node>
        """
        return recorded_network(self._model, self, overrides)

    def network_file(self) -> tuple[str, dict[str, Array]]:
        """Return the network as the text of a network file, and the arrays that it names.

        Raises
        ------
        GraphError
            As for `network`.
        """
        return network_file(recorded_source(self._model, self))


def read(model: onnx.ModelProto | str | os.PathLike[str]) -> Layers:
    """Return the weights of a model's layers by the layers' names, in the order of its nodes.

    The result is a dict, whose method `network` gives the whole `Network` back, where one wrote
    the model.

    Read are Gemm, MatMul with or without Add, Conv, BatchNormalization, LayerNormalization, RNN,
    LSTM and GRU whose weights are constants, and Gather of rows of a matrix of floats; also inside
    subgraphs. Recurrent layers that a :class:`Network` wrote as
    a Scan or as steps are known by its metadata; their two biases come back as one, their sum.
    What was folded or quantized is not found. Normalisations that a `Network` wrote as their
    equation, such as ``group_norm``, come last, where its metadata tell them.

    Parameters
    ----------
    model
        A model with its weights in it, or the path of a file, whose external data are read too.

    Returns
    -------
    Layers
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
    layers = Layers(proto, {})
    sources, origins = read_sources(proto), read_origins(proto)
    names = Names(read_shared(proto))
    for name, weights in _read_graph(proto.graph, None, Lowered(proto), names):
        number, free = 1, name
        while free in layers:
            number += 1
            free = f"{name}#{number}"
        source, origin = sources.get(name, "onnx"), origins.get(name)
        layers[free] = replace(weights, source=source, origin=origin)
    for name, norm in told_norms(proto):
        layers.setdefault(name, norm)
    return layers


def read_sources(model: onnx.ModelProto) -> dict[str, str]:
    """Return the layout that each layer's arrays came in, as far as the model's metadata tell."""
    try:
        layers = read_json(entries(model).get(SOURCES_KEY, "{}"))
        return {str(layer): str(source) for source in layers for layer in layers[source]}
    except (ValueError, TypeError):
        return {}  # the metadata are anybody's; without them the layout is that of ONNX


def _read_graph(
    graph: onnx.GraphProto, outer: Constants | None, lowered: Lowered, names: "Names"
) -> Iterator[tuple[str, Weights]]:
    constants = Constants(graph, outer)
    users = {name: node for node in graph.node for name in node.input}
    for node in graph.node:
        reader = READERS.get(node.op_type) if node.domain in ("", "ai.onnx") else None
        product = node.op_type in ("MatMul", "Gemm") and len(node.input) > 1
        matrix = names.of(node, constants.origin(node.input[1])) if product else ""
        if matrix in lowered.layers:
            taken = lowered.take(matrix)
            if taken is not None:
                yield taken
        elif reader is not None:
            name = layer_name(node, constants, names)
            try:
                weights = reader(node, constants, users)
            except WeightError as error:
                raise WeightError(f"layer '{name}': {error.problem}", error.remedy) from error
            if weights is not None:
                yield name, weights
        for inner in bodies(node):
            yield from _read_graph(inner, constants, lowered, names)


class Names:
    """The names of arrays that several layers have alike, and that stand in the model once."""

    def __init__(self, shared: Mapping[str, str]) -> None:
        self.alike: dict[str, list[str]] = {}
        for name, kept in shared.items():
            self.alike.setdefault(kept, []).append(name)

    def of(self, node: onnx.NodeProto, weight: str) -> str:
        """Return what `weight` is called in the layer of the node."""
        return next(
            (
                name
                for name in self.alike.get(weight, ())
                if node.name.startswith(f"{name.rpartition('.')[0]}/")
            ),
            weight,
        )


def layer_name(node: onnx.NodeProto, constants: Constants, names: Names) -> str:
    """Return what the layer of a node is called; see `read`."""
    place = 0 if node.op_type == "Gather" else 1
    for value in node.input[place : place + 1]:
        weight = names.of(node, constants.origin(value))
        for suffix in SUFFIXES:
            if weight.endswith(suffix) and weight != suffix:
                return weight.removesuffix(suffix)
    stem, _, end = node.name.rpartition("/")
    if stem.strip("/") and end.startswith(node.op_type):
        return stem.strip("/")
    return node.name or next(filter(None, node.output), node.op_type)
