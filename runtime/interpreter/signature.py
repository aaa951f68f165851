"""A model's inputs and outputs as :class:`~onnxwright.runtime.runner.TensorInfo`."""

from typing import Any

import numpy as np
from onnx import ModelProto, ValueInfoProto

from ...dims import read_dim
from ..runner import TensorInfo
from .dtypes import dtype_of, widened


def tensor_info(value: ValueInfoProto, float_dtype: np.dtype[Any] | None = None) -> TensorInfo:
    """Describe one input or output; anything but a tensor has dtype object and no shape."""
    if not value.type.HasField("tensor_type"):
        return TensorInfo(value.name, np.dtype(object), None)
    tensor = value.type.tensor_type
    dtype = dtype_of(tensor.elem_type) if tensor.elem_type else np.dtype(object)
    shape = tuple(map(read_dim, tensor.shape.dim)) if tensor.HasField("shape") else None
    return TensorInfo(value.name, widened(dtype, float_dtype), shape)


def signature(
    model: ModelProto, float_dtype: np.dtype[Any] | None
) -> tuple[tuple[TensorInfo, ...], tuple[TensorInfo, ...], tuple[TensorInfo, ...]]:
    """Return the inputs that must be given, those that may be, and the outputs."""
    graph = model.graph
    initial = {tensor.name for tensor in graph.initializer}
    initial |= {tensor.values.name for tensor in graph.sparse_initializer}
    infos = [tensor_info(value) for value in graph.input]
    required = tuple(info for info in infos if info.name not in initial)
    optional = tuple(info for info in infos if info.name in initial and model.ir_version >= 4)
    return required, optional, tuple(tensor_info(value, float_dtype) for value in graph.output)
