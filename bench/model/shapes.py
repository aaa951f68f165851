"""Shapes of the values between the nodes, once the inputs' named dims have sizes."""

import contextlib
from collections.abc import Mapping, Sequence

import onnx

from ...skeleton import skeleton


def infer_shapes(
    model: onnx.ModelProto, inputs: Mapping[str, Sequence[int]]
) -> dict[str, tuple[int, ...]]:
    """Return the shape of every value of the main graph whose dims are all known.

    `inputs` gives the shape of each input. What ONNX's inference cannot tell is left out.
    """
    light = skeleton(model)
    del light.graph.value_info[:]
    for value in light.graph.input:
        if value.name in inputs:
            _set_shape(value, inputs[value.name])
    # It raises errors of its C++ library's own, for models that it cannot follow.
    with contextlib.suppress(Exception):
        light = onnx.shape_inference.infer_shapes(light, data_prop=True)
    values = (*light.graph.input, *light.graph.value_info, *light.graph.output)
    shapes = {value.name: _shape(value) for value in values}
    shapes |= {tensor.name: tuple(tensor.dims) for tensor in light.graph.initializer}
    return {name: shape for name, shape in shapes.items() if shape is not None}


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
