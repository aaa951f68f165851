"""Arrays in and out of onnxruntime, with the element types that its NumPy bridge refuses.

onnxruntime's ``run`` knows NumPy's own types only. bfloat16 and the float8 types travel as an
``OrtValue`` over the same bytes, tagged with ONNX's element type.
"""

import ctypes
from types import ModuleType
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray

from ..runner import TensorInfo

_FOREIGN = {"bfloat16", "float8_e4m3fn", "float8_e4m3fnuz", "float8_e5m2", "float8_e5m2fnuz"}
_CARRIERS = {1: np.uint8, 2: np.uint16}


_DTYPES = {
    "float": "float32", "double": "float64", "string": "object", "float8e4m3fn": "float8_e4m3fn",
    "float8e4m3fnuz": "float8_e4m3fnuz", "float8e5m2": "float8_e5m2",
    "float8e5m2fnuz": "float8_e5m2fnuz",
}  # fmt: skip
"""onnxruntime's names of element types to NumPy's, where they differ."""


def native_info(value: Any) -> TensorInfo:
    """Describe an input or output as onnxruntime does itself; its shape is left unknown."""
    element = value.type.removeprefix("tensor(").removesuffix(")")
    try:
        return TensorInfo(value.name, np.dtype(_DTYPES.get(element, element)), None)
    except TypeError:  # a sequence, map or optional
        return TensorInfo(value.name, np.dtype(object), None)


def is_foreign(info: TensorInfo) -> bool:
    """Say whether onnxruntime's NumPy bridge refuses the tensor's element type."""
    return info.dtype.name in _FOREIGN


def to_ort_value(ort: ModuleType, array: NDArray[Any]) -> Any:
    """Wrap `array` as an ``OrtValue`` on the CPU; it shares the memory of a contiguous array."""
    array = np.ascontiguousarray(array).reshape(array.shape)
    if array.dtype.name not in _FOREIGN:
        return ort.OrtValue.ortvalue_from_numpy(array)
    carrier = array.view(_CARRIERS[array.dtype.itemsize])
    element_type = onnx.helper.np_dtype_to_tensor_dtype(array.dtype)
    return ort.OrtValue.ortvalue_from_numpy_with_onnx_type(carrier, element_type)


def from_ort_value(value: Any, info: TensorInfo) -> NDArray[Any]:
    """Return the contents of an ``OrtValue`` on the CPU as an array of `info`'s element type."""
    if not is_foreign(info):
        array: NDArray[Any] = value.numpy()
        return array
    shape = tuple(value.shape())
    count = int(np.prod(shape, dtype=np.int64))
    content = ctypes.string_at(value.data_ptr(), count * info.dtype.itemsize) if count else b""
    return np.frombuffer(content, dtype=info.dtype).reshape(shape).copy()
