"""Shapes of the values between the nodes, once the inputs' named dims have sizes."""

import contextlib
from collections.abc import Mapping, Sequence

import onnx

from ...untrusted import byte_count

_SMALL = 4096
"""Bytes below which an initializer is kept: shapes and axes, which inference reads, are small."""


def infer_shapes(
    model: onnx.ModelProto, inputs: Mapping[str, Sequence[int]]
) -> dict[str, tuple[int, ...]]:
    """Return the shape of every value of the main graph whose dims are all known.

    `inputs` gives the shape of each input. Only small initializers are copied, so that it costs
    little for a large model; what ONNX's inference cannot tell is left out.
    """
    light = _without_weights(model)
    for value in light.graph.input:
        if value.name in inputs:
            _set_shape(value, inputs[value.name])
    # It raises errors of its C++ library's own, for models that it cannot follow.
    with contextlib.suppress(Exception):
        light = onnx.shape_inference.infer_shapes(light, data_prop=True)
    values = (*light.graph.input, *light.graph.value_info, *light.graph.output)
    shapes = {value.name: _shape(value) for value in values}
    return {name: shape for name, shape in shapes.items() if shape is not None}


def _without_weights(model: onnx.ModelProto) -> onnx.ModelProto:
    """Copy the model with each large initializer turned into an input of its type and shape."""
    light = onnx.ModelProto(ir_version=model.ir_version)
    light.opset_import.extend(model.opset_import)
    light.functions.extend(model.functions)
    light.graph.name = model.graph.name
    light.graph.node.extend(model.graph.node)
    light.graph.output.extend(model.graph.output)
    names = {tensor.name for tensor in model.graph.initializer}
    light.graph.input.extend(value for value in model.graph.input if value.name not in names)
    for tensor in model.graph.initializer:
        value = onnx.helper.make_tensor_value_info(tensor.name, tensor.data_type, tensor.dims)
        if byte_count(tensor) < _SMALL and tensor.data_location != onnx.TensorProto.EXTERNAL:
            light.graph.initializer.append(tensor)
            light.graph.value_info.append(value)
        else:
            light.graph.input.append(value)
    return light


def _set_shape(value: onnx.ValueInfoProto, shape: Sequence[int]) -> None:
    dims = value.type.tensor_type.shape.dim
    del dims[:]
    for size in shape:
        dims.add().dim_value = size


def _shape(value: onnx.ValueInfoProto) -> tuple[int, ...] | None:
    tensor = value.type.tensor_type
    if not tensor.HasField("shape"):
        return None
    dims = tensor.shape.dim
    if not all(dim.HasField("dim_value") for dim in dims):
        return None
    return tuple(dim.dim_value for dim in dims)
