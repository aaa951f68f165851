"""Batch normalisations behind convolutions, folded into their weights before these become bytes.

onnxruntime folds them when it loads a float model, but can no longer once the weights are bytes:
then each stays a pass of its own.
"""

from collections.abc import Sequence

import numpy as np
from onnx import GraphProto, ModelProto, NodeProto, numpy_helper

from ...walking import reads
from ..builder.constants import Array, Constants, attribute
from ..errors import GraphError
from ..weights import BatchNormWeights, ConvWeights
from .blocks import drop_unused

EPSILON = 1e-5
"""ONNX's default."""


def fold_normalisations(model: ModelProto) -> None:
    """Fold every BatchNormalization that alone reads a Conv of the main graph, in place.

    The Conv keeps its name and gives what the normalisation gave. What does not fit, has other
    weights than float32 initializers, or would double weights that others read stays as it is.
    """
    graph = model.graph
    known = Constants(graph)
    inside = {name for node in graph.node for name in {*reads(node)} - {*node.input}}
    for norm in [node for node in graph.node if node.op_type == "BatchNormalization"]:
        conv = known.makers.get(norm.input[0]) if len(norm.input) == 5 else None
        if conv is None or conv.op_type != "Conv" or len(conv.input) < 2:
            continue
        alone = conv.output[0] not in inside and known.uses[conv.output[0]] == 1
        if alone and known.uses[conv.input[1]] == 1:
            _fold(graph, conv, norm, known)
    drop_unused(graph)


def _fold(graph: GraphProto, conv: NodeProto, norm: NodeProto, known: Constants) -> None:
    """Fold one normalisation where its arrays and those of the Conv are known and fit."""
    arrays = [_float32(name, known) for name in (*filter(None, conv.input[1:]), *norm.input[1:])]
    kept = [array for array in arrays if array is not None]
    trains, epsilon = attribute(norm, "training_mode", int), attribute(norm, "epsilon", float)
    if len(kept) < len(arrays) or trains or len(norm.output) != 1:
        return
    try:
        weights = _folded(kept, EPSILON if epsilon is None else epsilon)
    except GraphError:
        return  # what a foreign model has does not fit: the engine is to say so
    names = [f"{conv.output[0]}.folded_{role}" for role in ("w", "b")]
    if any(name in known.tensors or name in known.makers for name in names):
        return
    for name, array in zip(names, weights, strict=True):
        graph.initializer.append(numpy_helper.from_array(array, name))
    conv.input[:] = [conv.input[0], *names]
    conv.output[0] = norm.output[0]
    graph.node.remove(norm)


def _folded(arrays: Sequence[Array], epsilon: float) -> tuple[Array, Array]:
    """Return w and b of a Conv with the four arrays of the normalisation, the last ones, in it."""
    scale, bias, mean, variance = arrays[-4:]
    norm = BatchNormWeights(scale, bias, mean, variance, epsilon)
    folded = norm.fold_into(ConvWeights(*arrays[:-4]))
    assert folded.b is not None
    return folded.w, folded.b


def _float32(name: str, known: Constants) -> Array | None:
    array = known.array(name) if name in known.tensors else None
    return array if array is not None and array.dtype == np.float32 else None
