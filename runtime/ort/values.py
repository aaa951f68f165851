"""Arrays in and out of onnxruntime, with the element types that its NumPy bridge refuses.

onnxruntime's ``run`` knows NumPy's own types only. bfloat16 and the float8 types travel as an
``OrtValue`` over the same bytes, tagged with ONNX's element type.
"""

from types import ModuleType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..runner import TensorInfo
from . import native


def native_info(value: Any) -> TensorInfo:
    """Describe an input or output as onnxruntime does itself; its shape is left unknown."""
    try:
        return TensorInfo(value.name, np.dtype(native.element_of(value.type)), None)
    except TypeError:  # a sequence, map or optional
        return TensorInfo(value.name, np.dtype(object), None)


def is_foreign(info: TensorInfo) -> bool:
    """Say whether onnxruntime's NumPy bridge refuses the tensor's element type."""
    return info.dtype.name in native.FOREIGN


def to_ort_value(ort: ModuleType, array: NDArray[Any]) -> Any:
    """Wrap `array` as an ``OrtValue`` on the CPU; it shares the memory of a contiguous array."""
    return native.to_ort_value(ort, array, array.dtype.name)


def from_ort_value(value: Any, info: TensorInfo) -> NDArray[Any]:
    """Return the contents of an ``OrtValue`` on the CPU as an array of `info`'s element type."""
    array: NDArray[Any] = native.from_ort_value(value, info.dtype.name)
    return array.view(info.dtype) if is_foreign(info) else array
