"""Arrays as JSON numbers and texts, and as bytes."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .datatypes import BYTES, MalformedError, datatype_of
from .strings import join_strings, split_strings, texts_of

MAX_DIMS = 64
_BINARY_ONLY = ("FP16", "BF16")
"""The protocol has no JSON form for these."""


class NullError(MalformedError):
    """A null stands where a number should be."""


def unwritable(array: NDArray[Any]) -> str:
    """Say why an array has no JSON form; empty where it has one.

    >>> unwritable(np.ones(2, "float16")), unwritable(np.ones(2, "float32"))
    ('is float16, which has no JSON form', '')
    """
    if datatype_of(array.dtype) in _BINARY_ONLY:
        return f"is {array.dtype.name}, which has no JSON form"
    if array.dtype.kind == "f" and not np.isfinite(array).all():
        return "holds a NaN or an infinity, which JSON has no form for"
    return ""


def to_json(array: NDArray[Any]) -> list[Any]:
    """Return the elements of an array that is not `unwritable`, in row-major order."""
    elements: list[Any] = array.ravel().tolist()
    return texts_of(elements) if datatype_of(array.dtype) == "BYTES" else elements


def from_json(name: str, data: object, dtype: np.dtype[Any], shape: object) -> NDArray[Any]:
    """Return the array of a JSON list, flat or nested, after checking each element's kind.

    Raises
    ------
    MalformedError
        An element is null or of another kind, or there are not as many as the shape says.
    """
    size = checked_shape(name, shape)
    if not isinstance(data, list) or _deep(data, math.prod(size)):
        raise MalformedError(f"the data of '{name}' are not {_called(dtype)} {list(size)}")
    try:
        # NumPy would make floats of a list whose integers fit no integer type of its choice.
        exact = dtype in (np.uint64, BYTES)
        found = np.asarray(data, object if exact else None)
        nested = found.ndim > 1 and found.shape != size
        if not nested and (found.size == 0 or _of_kind(found, dtype)):
            with np.errstate(over="ignore"):
                return np.asarray(data, dtype=dtype).reshape(size)
    except (ValueError, OverflowError, TypeError) as error:
        raise MalformedError(
            f"the data of '{name}' are not {_called(dtype)} {list(size)}: {error}"
        ) from error
    if dtype != BYTES and any(element is None for element in found.flat):
        raise NullError(f"'{name}' has a null where a number should be")
    raise MalformedError(f"the data of '{name}' are not {_called(dtype)} {list(size)}")


def to_bytes(array: NDArray[Any]) -> bytes:
    r"""Return an array's elements as little-endian bytes, row by row; strings with their lengths.

    >>> to_bytes(np.array(["ab"], object))
    b'\x02\x00\x00\x00ab'
    """
    if datatype_of(array.dtype) == "BYTES":
        return join_strings(array.ravel().tolist())
    return array.astype(array.dtype.newbyteorder("<"), copy=False).tobytes()


def from_bytes(
    name: str, content: bytes | memoryview, dtype: np.dtype[Any], shape: object
) -> NDArray[Any]:
    """Return the array of little-endian elements in row-major order.

    Raises
    ------
    MalformedError
        There are not as many bytes as dtype and shape say.
    """
    size = checked_shape(name, shape)
    if dtype == BYTES:
        return split_strings(name, bytes(content), size)
    needed = math.prod(size) * dtype.itemsize
    if len(content) != needed:
        raise MalformedError(
            f"'{name}' {dtype.name} {list(size)} needs {needed} bytes, it has {len(content)}"
        )
    return _reshaped(name, np.frombuffer(content, dtype), size).copy()


def checked_shape(name: str, shape: object) -> tuple[int, ...]:
    """Return a tensor's shape, if it is one."""
    if (
        isinstance(shape, Sequence)
        and len(shape) <= MAX_DIMS
        and all(type(dim) is int and 0 <= dim < 2**63 for dim in shape)
    ):
        return tuple(shape)
    raise MalformedError(f"the shape of '{name}' is {repr(shape)[:300]}")


def _reshaped(name: str, flat: NDArray[Any], size: tuple[int, ...]) -> NDArray[Any]:
    try:
        return flat.reshape(size)
    except ValueError as error:  # dims beside a 0 whose product NumPy cannot hold
        raise MalformedError(f"the shape of '{name}' is {list(size)}: {error}") from error


def _called(dtype: np.dtype[Any]) -> str:
    return "texts" if dtype == BYTES else dtype.name


def _deep(data: list[Any], count: int) -> bool:
    """Say whether a list has more elements or levels than an array of `count` of them can have."""
    level, waiting = 0, data
    while waiting and isinstance(waiting[0], list):
        level += 1
        if level > MAX_DIMS or len(waiting) > count:
            return True
        waiting = waiting[0]
    return len(data) > max(count, 1)


def _of_kind(found: NDArray[Any], dtype: np.dtype[Any]) -> bool:
    """Say whether a list's elements may stand for `dtype` in JSON."""
    if dtype == BYTES:
        return all(isinstance(element, str) for element in found.flat)
    kinds = {"b": "biu", "i": "iu", "u": "iu"}.get(dtype.kind, "iuf")
    return found.dtype.kind in kinds or _all_whole(found)


def _all_whole(found: NDArray[Any]) -> bool:
    return found.dtype == object and all(type(element) is int for element in found.flat)
