"""Reading ``.safetensors`` files by mapping them: no copy, and no trust in the header.

The format: the length of the header (uint64, little-endian), a header in JSON that gives each
tensor's dtype, shape and byte range, then the bytes without holes (safetensors 0.4, README).
"""

from pathlib import Path
from typing import Any

import numpy as np

from ...json_text import JSONError, read_json
from ...untrusted import element_count
from ..errors import WeightError
from ..weights.arrays import Array

MAX_HEADER = 100_000_000
"""The format's own limit for the header, in bytes."""

DTYPES = {
    "F64": "<f8",
    "F32": "<f4",
    "F16": "<f2",
    "BF16": "bfloat16",
    "I64": "<i8",
    "I32": "<i4",
    "I16": "<i2",
    "I8": "i1",
    "U64": "<u8",
    "U32": "<u4",
    "U16": "<u2",
    "U8": "u1",
    "BOOL": "?",
}


def read_safetensors(path: Path) -> dict[str, Array]:
    """Return the tensors by name, as read-only views of the mapped file.

    Raises
    ------
    WeightError
        The header is no JSON of the format, or a tensor's bytes are not where it says.
    """
    size = path.stat().st_size
    with path.open("rb") as stream:
        length = int.from_bytes(stream.read(8), "little")
        whole = size >= 8 and 2 <= length <= min(MAX_HEADER, size - 8)
        _need(path, whole, f"a header of {length} bytes is claimed in {size}")
        header = _parse_header(path, stream.read(length))
    begin = 8 + length
    data = np.empty(0, np.uint8)  # a mapping cannot be empty
    if size > begin:
        data = np.asarray(np.memmap(path, np.uint8, "r", offset=begin))
    arrays, ends = {}, []
    for name, entry in header.items():
        if name != "__metadata__":
            arrays[name], span = _view(path, name, entry, data)
            ends.append(span)
    _check_no_holes(path, ends, data.size)
    return arrays


def _parse_header(path: Path, raw: bytes) -> dict[str, Any]:
    try:
        header = read_json(raw, largest=MAX_HEADER, unique=True)
    except JSONError as error:
        raise _damaged(path, f"its header is not valid JSON ({error})") from error
    if not isinstance(header, dict):
        raise _damaged(path, "its header is not a JSON object")
    return header


def _view(path: Path, name: str, entry: Any, data: Array) -> tuple[Array, tuple[int, int]]:
    """Return a tensor as a view of `data`, and its byte range."""
    _need(path, isinstance(entry, dict), f"the entry of {name!r} is not an object")
    dtype, shape, span = (entry.get(key) for key in ("dtype", "shape", "data_offsets"))
    known = isinstance(dtype, str) and dtype in DTYPES
    _need(path, known, f"{name!r} has dtype {dtype!r}, not one of {', '.join(DTYPES)}")
    _need(path, _are_sizes(shape), f"{name!r} has no valid shape")
    _need(path, _are_sizes(span) and len(span) == 2, f"{name!r} has no valid data_offsets")
    begin, end = span
    count = element_count(shape)
    kind = _numpy_dtype(dtype)
    _need(
        path,
        begin <= end <= data.size and end - begin == count * kind.itemsize,
        f"{name!r} claims shape {shape} of {dtype} in bytes {begin} to {end} of {data.size}",
    )
    return data[begin:end].view(kind).reshape(shape), (begin, end)


def _numpy_dtype(name: str) -> np.dtype[np.generic]:
    if name == "BF16":
        import ml_dtypes  # noqa: F401  # teaches NumPy the name bfloat16
    return np.dtype(DTYPES[name])


def _are_sizes(value: Any) -> bool:
    """Say whether a value is a list of sizes; numbers of thousands of digits are none."""
    return isinstance(value, list) and all(
        type(size) is int and 0 <= size < 2**63 for size in value
    )


def _check_no_holes(path: Path, spans: list[tuple[int, int]], size: int) -> None:
    """Raise unless the ranges cover the data without overlap, as the format demands."""
    at = 0
    for begin, end in sorted(spans):
        _need(
            path, begin == at, f"bytes {min(at, begin)} to {max(at, begin)} overlap or are unused"
        )
        at = end
    _need(path, at == size, f"its tensors end at byte {at} of {size}")


def _need(path: Path, condition: object, problem: str) -> None:
    if not condition:
        raise _damaged(path, problem)


def _damaged(path: Path, problem: str) -> WeightError:
    return WeightError(
        f"weights file {path}: not a whole .safetensors file: {problem}",
        "save it again with safetensors.numpy.save_file, or fetch it again",
    )
