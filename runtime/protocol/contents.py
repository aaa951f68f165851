"""Tensors in messages of the protocol: elements in a field of their type, or as bytes beside it."""

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .datatypes import BYTES, MalformedError, datatype_of, dtype_of
from .elements import checked_shape, from_bytes
from .strings import text_array

_FIELDS = {
    "b": "bool_contents", "i": "int_contents", "u": "uint_contents", "O": "bytes_contents",
    "i8": "int64_contents", "u8": "uint64_contents", "f4": "fp32_contents", "f8": "fp64_contents",
}  # fmt: skip
"""The field that holds elements of a dtype, by its kind and size, or its kind."""


def read_tensor(tensor: Any, raw: bytes | None) -> NDArray[Any]:
    """Return the array of a tensor, from the bytes `raw` where it came so, else from its field.

    Raises
    ------
    MalformedError
        The elements are not those that its shape and element type need.
    """
    dtype, shape = dtype_of(tensor.datatype, tensor.name), list(tensor.shape)
    if raw is not None:
        return from_bytes(tensor.name, raw, dtype, shape)
    name = _FIELDS.get(f"{dtype.kind}{dtype.itemsize}") or _FIELDS.get(dtype.kind)
    if name is None:
        raise MalformedError(f"'{tensor.name}' is {dtype.name}, which must come as bytes")
    field, size = getattr(tensor.contents, name), checked_shape(tensor.name, shape)
    if len(field) != math.prod(size):
        what = f"'{tensor.name}' {datatype_of(dtype)} {list(size)}"
        raise MalformedError(f"{what} has {len(field)} elements")
    return _filled(tensor.name, field, dtype, size)


def _filled(name: str, field: Any, dtype: np.dtype[Any], size: tuple[int, ...]) -> NDArray[Any]:
    try:
        if dtype == BYTES:
            return text_array(name, [each.decode() for each in field], size)
        return np.fromiter(field, dtype, len(field)).reshape(size)
    except (ValueError, OverflowError) as error:
        what = f"the elements of '{name}' are not {datatype_of(dtype)}"
        raise MalformedError(f"{what}: {error}") from error
