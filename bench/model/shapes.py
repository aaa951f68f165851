"""Shapes of the values between the nodes, once the inputs' named dims have sizes."""

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import onnx

from ...dims import fixed_dim
from ...skeleton import inferred, skeleton


@dataclass(frozen=True)
class Value:
    """A tensor: its shape and ONNX's number of its element type."""

    shape: tuple[int, ...]
    element: int

    @property
    def dtype(self) -> str:
        """NumPy's name of the element type, ``undefined`` where it is not known."""
        return "undefined" if self.element not in KNOWN else str(_numpy_dtype(self.element).name)

    @property
    def bytes(self) -> int:
        """Bytes, with two 4-bit or four 2-bit numbers in each; 0 for strings and unknown types."""
        if self.element not in KNOWN:
            return 0
        name = onnx.TensorProto.DataType.Name(self.element)
        small = re.fullmatch(r"U?INT([24])|FLOAT(4)E.*", name)
        bits = int(small[1] or small[2]) if small else 8 * _numpy_dtype(self.element).itemsize
        return -(-math.prod(self.shape) * bits // 8)


KNOWN = {*onnx.TensorProto.DataType.values()} - {
    onnx.TensorProto.UNDEFINED,
    onnx.TensorProto.STRING,
}
"""Element types whose size is known."""


def _numpy_dtype(element: int) -> Any:
    return onnx.helper.tensor_dtype_to_np_dtype(element)


def infer_shapes(
    model: onnx.ModelProto, inputs: Mapping[str, Sequence[int]]
) -> dict[str, tuple[int, ...]]:
    """Return the shape of every value of the main graph whose dims are all known.

    `inputs` gives the shape of each input. What ONNX's inference cannot tell is left out.
    """
    return {name: value.shape for name, value in infer_values(model, inputs).items()}


def infer_values(model: onnx.ModelProto, inputs: Mapping[str, Sequence[int]]) -> dict[str, Value]:
    """Return the shapes of `infer_shapes` with element types."""
    light = skeleton(model)
    del light.graph.value_info[:]
    for value in light.graph.input:
        if value.name in inputs:
            _set_shape(value, inputs[value.name])
    for value in light.graph.output:
        _free_unknown(value)
    light = inferred(light, data=True) or light
    values = (*light.graph.input, *light.graph.value_info, *light.graph.output)
    found = {
        value.name: Value(shape, value.type.tensor_type.elem_type)
        for value in values
        if (shape := _shape(value)) is not None
    }
    return found | {
        tensor.name: Value(tuple(tensor.dims), tensor.data_type)
        for tensor in light.graph.initializer
    }


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
