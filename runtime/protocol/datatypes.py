"""The protocol's element types."""

from typing import Any

import ml_dtypes
import numpy as np


class MalformedError(Exception):
    """Data are not what their sender says that they are; the text says how."""


BYTES = np.dtype(object)
"""The dtype of strings, ONNX's and the protocol's."""
DATATYPES: dict[str, np.dtype[Any]] = {
    "BOOL": np.dtype(bool),
    **{f"INT{bits}": np.dtype(f"int{bits}") for bits in (8, 16, 32, 64)},
    **{f"UINT{bits}": np.dtype(f"uint{bits}") for bits in (8, 16, 32, 64)},
    **{f"FP{bits}": np.dtype(f"float{bits}") for bits in (16, 32, 64)},
    "BF16": np.dtype(ml_dtypes.bfloat16),
    "BYTES": BYTES,
}
_NAMES = {dtype: name for name, dtype in DATATYPES.items()}


def datatype_of(dtype: np.dtype[Any]) -> str:
    """Return the protocol's name of a NumPy dtype.

    >>> datatype_of(np.dtype("float32"))
    'FP32'

    Raises
    ------
    MalformedError
        The protocol has none.
    """
    if dtype.kind in "US":
        return "BYTES"
    if dtype not in _NAMES:
        raise MalformedError(f"the protocol has no element type for {dtype.name}")
    return _NAMES[dtype]


def dtype_of(datatype: object, tensor: str) -> np.dtype[Any]:
    """Return the NumPy dtype of the protocol's `datatype`; `tensor` is named in the error.

    Raises
    ------
    MalformedError
        The protocol has no such type.
    """
    name = str(datatype).removeprefix("TYPE_")
    found = DATATYPES.get("BYTES" if name == "STRING" else name)
    if found is None:
        raise MalformedError(
            f"'{tensor}' has the element type {str(datatype)[:40]!r}, which the protocol lacks"
        )
    return found
