"""A model without its weights, for shape inference that costs only its structure."""

import contextlib

import onnx

SMALL = 4096
"""Bytes up to which an initializer keeps its values: inference reads shapes and axes."""


def skeleton(model: onnx.ModelProto) -> onnx.ModelProto:
    """Copy `model` with each large initializer turned into a further input of its type and shape.

    The model's own inputs come first, in their order.
    """
    light = onnx.ModelProto(ir_version=model.ir_version)
    light.opset_import.extend(model.opset_import)
    light.functions.extend(model.functions)
    graph = light.graph
    graph.name = model.graph.name
    graph.node.extend(model.graph.node)
    graph.input.extend(model.graph.input)
    graph.output.extend(model.graph.output)
    graph.value_info.extend(model.graph.value_info)
    inputs = {value.name for value in model.graph.input}
    for tensor in model.graph.initializer:
        if keeps_values(tensor):
            graph.initializer.append(tensor)
        elif tensor.name not in inputs:
            graph.input.append(
                onnx.helper.make_tensor_value_info(tensor.name, tensor.data_type, tensor.dims)
            )
    return light


def keeps_values(tensor: onnx.TensorProto) -> bool:
    """Whether the values of an initializer are small, and inside the model."""
    return tensor.data_location != onnx.TensorProto.EXTERNAL and tensor.ByteSize() <= SMALL


def inferred(light: onnx.ModelProto, *, data: bool = False) -> onnx.ModelProto | None:
    """Return what ONNX infers of a skeleton's types and shapes; None where it cannot.

    With `data` it also computes what shapes depend on.
    """
    # Of models that it cannot follow the C++ library raises errors of its own, and Python's.
    with contextlib.suppress(Exception):
        return onnx.shape_inference.infer_shapes(light, data_prop=data)
    return None
