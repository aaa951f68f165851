"""The types and shapes of a model's values, found without copying its weights."""

import onnx
from onnx import GraphProto, ModelProto

SMALL = 1024
"""Bytes up to which an initializer's values go along: inference reads shapes and axes."""


def known_values(model: ModelProto) -> GraphProto:
    """Return the main graph with what shape inference finds added to its ``value_info``.

    Large initializers become graph inputs of the copy that is inferred on, so that a model of any
    size costs only its structure. Where inference fails, the graph is returned as it is: rules
    that ask for a type then answer that they do not know.
    """
    try:
        inferred = onnx.shape_inference.infer_shapes(_skeleton(model), data_prop=False)
    except (onnx.shape_inference.InferenceError, RuntimeError, ValueError, MemoryError):
        return model.graph
    graph = inferred.graph
    del graph.input[len(model.graph.input) :]
    graph.initializer.extend(
        onnx.TensorProto(name=tensor.name, data_type=tensor.data_type, dims=tensor.dims)
        for tensor in model.graph.initializer
        if not _goes_along(tensor)
    )
    return graph


def _skeleton(model: ModelProto) -> ModelProto:
    light = ModelProto(ir_version=model.ir_version)
    light.opset_import.extend(model.opset_import)
    light.functions.extend(model.functions)
    graph = light.graph
    graph.name = model.graph.name
    graph.node.extend(model.graph.node)
    graph.input.extend(model.graph.input)
    graph.output.extend(model.graph.output)
    graph.value_info.extend(model.graph.value_info)
    inputs = {info.name for info in model.graph.input}
    for tensor in model.graph.initializer:
        if _goes_along(tensor):
            graph.initializer.append(tensor)
        elif tensor.name not in inputs:
            shape = [*tensor.dims]
            graph.input.append(
                onnx.helper.make_tensor_value_info(tensor.name, tensor.data_type, shape)
            )
    return light


def _goes_along(tensor: onnx.TensorProto) -> bool:
    external = tensor.data_location == onnx.TensorProto.EXTERNAL
    return not external and tensor.ByteSize() <= SMALL
