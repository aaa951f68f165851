"""Filling ONNX's messages in place: attributes, value infos, tensors, bodies.

``onnx.helper`` copies a tensor's bytes several times on the way; these do not.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import AttributeProto, GraphProto, NodeProto, TensorProto, ValueInfoProto

from ..errors import GraphError
from ..given import shown
from ..values import Value


def make_attribute(name: str, value: Any) -> AttributeProto:
    """Make an attribute whose type follows from the Python value.

    A bool or int gives INT, a float FLOAT, a str STRING, a graph GRAPH, an array TENSOR, and a
    sequence the corresponding list (an empty one is taken for INTS).

    Raises
    ------
    GraphError
        The value is of another kind, or a number is too large for ONNX.
    """
    attribute = AttributeProto(name=name)
    try:
        _fill(attribute, value)
    except (TypeError, ValueError, OverflowError) as error:  # UnicodeEncodeError is a ValueError
        raise GraphError(
            f"attribute '{name}' cannot be {shown(value)}",
            "give a text, an int64, a float32, an array, or a list of one kind of the first three",
        ) from error
    return attribute


def _fill(attribute: AttributeProto, value: Any) -> None:
    if isinstance(value, int | np.integer):
        attribute.type, attribute.i = AttributeProto.INT, int(value)
    elif isinstance(value, float | np.floating):
        attribute.type, attribute.f = AttributeProto.FLOAT, float(value)
    elif isinstance(value, str):
        attribute.type, attribute.s = AttributeProto.STRING, value.encode()
    elif isinstance(value, onnx.GraphProto):
        attribute.type = AttributeProto.GRAPH
        attribute.g.CopyFrom(value)
    elif isinstance(value, np.ndarray):
        attribute.type = AttributeProto.TENSOR
        attribute.t.CopyFrom(onnx.numpy_helper.from_array(value))
    else:
        _fill_list(attribute, list(value))


def _fill_list(attribute: AttributeProto, values: Sequence[Any]) -> None:
    if all(isinstance(value, int | np.integer) for value in values):
        attribute.type = AttributeProto.INTS
        attribute.ints.extend(int(value) for value in values)
    elif all(isinstance(value, str) for value in values):
        attribute.type = AttributeProto.STRINGS
        attribute.strings.extend(value.encode() for value in values)
    else:
        attribute.type = AttributeProto.FLOATS
        attribute.floats.extend(float(value) for value in values)


def value_info(name: str, value: Value) -> ValueInfoProto:
    """Declare a graph's input or output: `name` with the dtype and dims of `value`."""
    info = ValueInfoProto(name=name)
    tensor = info.type.tensor_type
    tensor.elem_type = onnx.helper.np_dtype_to_tensor_dtype(value.dtype)
    tensor.shape.SetInParent()
    for dim in value.dims:
        slot = tensor.shape.dim.add()
        if isinstance(dim, int):
            slot.dim_value = dim
        elif dim is not None:
            slot.dim_param = dim
    return info


def body_graph(
    name: str, nodes: list[NodeProto], inputs: list[Value], outputs: list[Value]
) -> GraphProto:
    """Make the body of a Scan from what was emitted inside :meth:`Builder.body`."""
    graph = GraphProto(name=name)
    graph.node.extend(nodes)
    graph.input.extend(value_info(value.name, value) for value in inputs)
    graph.output.extend(value_info(value.name, value) for value in outputs)
    return graph


def tensor_header(name: str, array: NDArray[Any]) -> TensorProto:
    """Make the tensor of an array without its data."""
    data_type = onnx.helper.np_dtype_to_tensor_dtype(array.dtype)
    return TensorProto(name=name, data_type=data_type, dims=array.shape)


def little_endian(array: NDArray[Any]) -> NDArray[Any]:
    """Return `array` in the byte order of the file format: itself on nearly every machine."""
    return array.astype(array.dtype.newbyteorder("<"), copy=False)
