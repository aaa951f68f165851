"""The types and shapes of a model's values, found without copying its weights."""

import onnx
from onnx import GraphProto, ModelProto

from ...skeleton import inferred, keeps_values, skeleton


def known_values(model: ModelProto) -> GraphProto:
    """Return the main graph with what shape inference finds added to its ``value_info``.

    Large initializers become graph inputs of the copy that is inferred on, so that a model of any
    size costs only its structure. Where inference fails, the graph is returned as it is: rules
    that ask for a type then answer that they do not know.
    """
    found = inferred(skeleton(model))
    if found is None:
        return model.graph
    graph = found.graph
    del graph.input[len(model.graph.input) :]
    graph.initializer.extend(
        onnx.TensorProto(name=tensor.name, data_type=tensor.data_type, dims=tensor.dims)
        for tensor in model.graph.initializer
        if not keeps_values(tensor)
    )
    return graph
