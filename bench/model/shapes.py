"""Shapes of the values between the nodes, once the inputs' named dims have sizes."""

from collections.abc import Mapping, Sequence

import onnx

from ...dims import fixed_dim
from ...skeleton import inferred, skeleton


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
    for value in light.graph.output:
        _free_unknown(value)
    light = inferred(light, data=True) or light
    values = (*light.graph.input, *light.graph.value_info, *light.graph.output)
    shapes = {value.name: _shape(value) for value in values}
    shapes |= {tensor.name: tuple(tensor.dims) for tensor in light.graph.initializer}
    return {name: shape for name, shape in shapes.items() if shape is not None}


def _set_shape(value: onnx.ValueInfoProto, shape: Sequence[int]) -> None:
    dims = value.type.tensor_type.shape.dim
    del dims[:]
    for size in shape:
        dims.add().dim_value = size


def _free_unknown(value: onnx.ValueInfoProto) -> None:
    """Remove sizes that are none, such as -1: inference would hold them against what it finds."""
    for dim in value.type.tensor_type.shape.dim:
        if fixed_dim(dim) is None:
            dim.Clear()


def _shape(value: onnx.ValueInfoProto) -> tuple[int, ...] | None:
    tensor = value.type.tensor_type
    if not tensor.HasField("shape"):
        return None
    dims = tuple(map(fixed_dim, tensor.shape.dim))
    return None if None in dims else tuple(dim for dim in dims if dim is not None)
