"""Where the raw data belong that were left out of a model when it was read."""

from collections.abc import Iterable

import numpy as np
import onnx
from numpy.typing import NDArray

from .cutting import Cut
from .external import as_array

Arrays = dict[str, NDArray[np.generic]]
NODES = 1
"""The field of a graph that holds its nodes."""


def placed(model: onnx.ModelProto, cuts: Iterable[Cut]) -> Arrays:
    """Return the left out data of initializers and Constant nodes as arrays, by name.

    Such a Constant becomes an initializer, which is the same to everybody who reads its value; both
    are marked as external. Data of any other tensor, or that do not fit it, are put back.
    """
    arrays: Arrays = {}
    constants = []
    taken = {tensor.name for tensor in model.graph.initializer}
    taken |= {value.name for value in model.graph.input}
    for cut in cuts:
        (_, _), (field, position), *_ = cut.path
        tensor = _tensor(model, cut)
        name = _constant_name(model.graph.node[position]) if field == NODES else tensor.name
        array = as_array(tensor, cut.content)
        if array is None or not name or name in arrays or (field == NODES and name in taken):
            tensor.raw_data = cut.content.tobytes()
            continue
        arrays[name] = array
        tensor.data_location = onnx.TensorProto.EXTERNAL
        if field == NODES:
            constants.append((position, name, tensor))
    for position, name, tensor in reversed(constants):
        model.graph.initializer.add().CopyFrom(tensor)
        model.graph.initializer[-1].name = name
        del model.graph.node[position]
    return arrays


def _tensor(model: onnx.ModelProto, cut: Cut) -> onnx.TensorProto:
    (_, _), (field, position), *inside = cut.path
    if field == NODES:
        (_, attribute), _ = inside
        constant: onnx.TensorProto = model.graph.node[position].attribute[attribute].t
        return constant
    initializer: onnx.TensorProto = model.graph.initializer[position]
    return initializer


def _constant_name(node: onnx.NodeProto) -> str:
    """Return the name of the value that a Constant node of one tensor gives, "" for other nodes."""
    known = node.op_type == "Constant" and node.domain in ("", "ai.onnx")
    plain = [attribute.name for attribute in node.attribute] == ["value"]
    tensor = plain and node.attribute[0].type == onnx.AttributeProto.TENSOR
    return node.output[0] if known and tensor and len(node.output) == 1 else ""
