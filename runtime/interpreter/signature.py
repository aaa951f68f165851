"""A model's inputs and outputs as :class:`~onnxwright.runtime.runner.TensorInfo`."""

from typing import Any

import numpy as np
from onnx import ModelProto, ValueInfoProto

from .. import signature as tensors
from ..runner import TensorInfo
from .dtypes import widened


def tensor_info(value: ValueInfoProto, float_dtype: np.dtype[Any] | None = None) -> TensorInfo:
    """Describe one input or output; anything but a typed tensor has dtype object and no shape."""
    if not value.type.tensor_type.elem_type:
        return TensorInfo(value.name, np.dtype(object), None)
    info = tensors.tensor_info(value)
    return TensorInfo(info.name, widened(info.dtype, float_dtype), info.shape)


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
