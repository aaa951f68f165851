"""The protocol's element types, and arrays as JSON numbers or as bytes."""

import math
from collections.abc import Sequence
from typing import Any

import ml_dtypes
import numpy as np
from numpy.typing import NDArray

from .failures import FailedError, broken, shortened

DATATYPES: dict[str, np.dtype[Any]] = {
    "BOOL": np.dtype(bool),
    **{f"INT{bits}": np.dtype(f"int{bits}") for bits in (8, 16, 32, 64)},
    **{f"UINT{bits}": np.dtype(f"uint{bits}") for bits in (8, 16, 32, 64)},
    **{f"FP{bits}": np.dtype(f"float{bits}") for bits in (16, 32, 64)},
    "BF16": np.dtype(ml_dtypes.bfloat16),
}
MAX_DIMS = 64
_NAMES = {dtype: name for name, dtype in DATATYPES.items()}
_BINARY_ONLY = ("FP16", "BF16")
"""The protocol has no JSON form for these."""


def datatype_of(dtype: np.dtype[Any]) -> str:
    """Return the protocol's name of a NumPy dtype.

    >>> datatype_of(np.dtype("float32"))
    'FP32'
    """
    return _NAMES[dtype]


def dtype_of(datatype: object, tensor: str) -> np.dtype[Any]:
    """Return the NumPy dtype of the protocol's `datatype`; `tensor` is named in the error.

    Raises
    ------
    FailedError
        It is BYTES (strings), which is not supported, or the protocol has no such type.
    """
    name = str(datatype).removeprefix("TYPE_")
    if name in ("BYTES", "STRING"):
        raise FailedError(
            f"'{tensor}' of the served model holds strings (BYTES), which are not sent",
            "run the model on a local runtime, or serve the part of it that takes numbers",
        )
    if name not in DATATYPES:
        raise broken(f"'{tensor}' has the element type {datatype!r}, which the protocol lacks")
    return DATATYPES[name]


def to_json(name: str, array: NDArray[Any]) -> list[Any]:
    """Return an array's elements in row-major order as Python numbers.

    Raises
    ------
    FailedError
        JSON has no form for the dtype, or for a NaN or an infinity in it.
    """
    datatype = datatype_of(array.dtype)
    if datatype in _BINARY_ONLY:
        raise FailedError(
            f"'{name}' is {array.dtype.name}, which has no JSON form, and JSON is all this server "
            "lists",
            "use its gRPC port (grpc://), or binary=True if it takes binary tensors all the same",
        )
    if array.dtype.kind == "f" and not np.isfinite(array).all():
        raise FailedError(
            f"'{name}' holds a NaN or an infinity, which JSON has no form for, and JSON is all "
            "this server lists",
            "use its gRPC port (grpc://), or feed finite numbers",
        )
    elements: list[Any] = array.ravel().tolist()
    return elements


def from_json(name: str, data: object, dtype: np.dtype[Any], shape: object) -> NDArray[Any]:
    """Return the array of a JSON list, flat or nested, after checking each element's kind.

    Raises
    ------
    FailedError
        An element is null or of another kind, or there are not as many as the shape says.
    """
    size = checked_shape(name, shape)
    if not isinstance(data, list) or _deep(data, math.prod(size)):
        raise broken(f"the data of '{name}' are not {dtype.name}")
    try:
        # NumPy would make floats of a list whose integers fit no integer type of its choice.
        found = np.asarray(data, object if dtype == np.uint64 else None)
        fits = found.size == 0 or found.dtype.kind in _kinds(dtype) or _all_whole(found)
        if isinstance(data, list) and fits:
            with np.errstate(over="ignore"):
                return np.asarray(data, dtype=dtype).reshape(size)
    except (ValueError, OverflowError, TypeError) as error:
        raise broken(f"the data of '{name}' are not {dtype.name} {list(size)}: {error}") from error
    if found.dtype == object:
        raise FailedError(
            f"output '{name}' has a null where a number should be: a NaN or an infinity, which "
            "this server's JSON cannot carry",
            "use its gRPC port (grpc://), or find out why the model gives no finite number",
        )
    raise broken(f"the data of '{name}' are not {dtype.name}")


def from_bytes(
    name: str, content: bytes | memoryview, dtype: np.dtype[Any], shape: object
) -> NDArray[Any]:
    """Return the array of little-endian elements in row-major order.

    Raises
    ------
    FailedError
        There are not as many bytes as dtype and shape say.
    """
    size = checked_shape(name, shape)
    needed = math.prod(size) * dtype.itemsize
    if len(content) != needed:
        raise broken(
            f"'{name}' {dtype.name} {list(size)} needs {needed} bytes, it has {len(content)}"
        )
    return np.frombuffer(content, dtype).reshape(size).copy()


def checked_shape(name: str, shape: object) -> tuple[int, ...]:
    """Return an answer's shape, if it is one."""
    if isinstance(shape, Sequence) and all(type(dim) is int and 0 <= dim < 2**63 for dim in shape):
        return tuple(shape)
    raise broken(f"the shape of '{name}' is {shortened(repr(shape))}")


def _deep(data: list[Any], count: int) -> bool:
    """Say whether a list has more elements or levels than an array of `count` of them can have."""
    level, waiting = 0, data
    while waiting and isinstance(waiting[0], list):
        level += 1
        if level > MAX_DIMS or len(waiting) > count:
            return True
        waiting = waiting[0]
    return len(data) > max(count, 1)


def _all_whole(found: NDArray[Any]) -> bool:
    return found.dtype == object and all(type(element) is int for element in found.flat)


def _kinds(dtype: np.dtype[Any]) -> str:
    """Return the kinds of NumPy numbers that may stand for `dtype` in JSON."""
    return {"b": "biu", "i": "iu", "u": "iu"}.get(dtype.kind, "iuf")
