"""Tensors whose bytes stand in a file beside the model: found only inside the model's folder."""

import os
import stat
from dataclasses import dataclass
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray

from .untrusted import byte_count, element_bits
from .walking import walk_tensors


@dataclass(frozen=True)
class Span:
    """Where a tensor's bytes stand."""

    path: Path
    offset: int
    length: int
    """Bytes, equal to what the tensor's dims and element type need."""


class ExternalDataError(Exception):
    """An external-data entry that must not or cannot be followed; the text says why."""


def external_tensors(model: onnx.ModelProto) -> list[onnx.TensorProto]:
    """Return the tensors that keep their data outside the model."""
    return [t for t in walk_tensors(model) if t.data_location == onnx.TensorProto.EXTERNAL]


def locate(tensor: onnx.TensorProto, folder: Path) -> Span:
    """Return where the bytes of an external `tensor` stand, all of them really there.

    The location must be relative, must not climb out of `folder` with ``..``, and no part of it
    below `folder` may be a symbolic link.

    Raises
    ------
    ExternalDataError
        The entry breaks a rule, or does not fit the file.
    """
    entries = {entry.key: entry.value for entry in tensor.external_data}
    path = _checked_path(entries.get("location", ""), folder)
    needed = byte_count(tensor)
    offset = _number(entries, "offset", 0)
    length = _number(entries, "length", needed)
    if length != needed:
        raise ExternalDataError(
            f"dims {list(tensor.dims)} need {needed} bytes, its entry says {length}"
        )
    size = path.stat().st_size
    if offset + length > size:
        raise ExternalDataError(
            f"bytes {offset} to {offset + length} are asked for, {path.name} has {size}"
        )
    return Span(path, offset, length)


def mapped(tensor: onnx.TensorProto, span: Span) -> NDArray[Any] | None:
    """Return the bytes of `span` as a read-only array that is read from the file when used.

    None for element types that several share a byte; those must be embedded.
    """
    if element_bits(tensor) < 8:
        return None
    dtype, shape = _dtype(tensor), tuple(tensor.dims)
    if not span.length:
        return np.zeros(shape, dtype)
    # A plain array: the results of operators on numpy.memmap would be of that class too.
    return np.asarray(np.memmap(span.path, dtype, "r", span.offset, shape))


def as_array(tensor: onnx.TensorProto, content: NDArray[np.uint8]) -> NDArray[Any] | None:
    """Return the raw bytes of `tensor` as a read-only array of its dims and type.

    None where they are not the bytes that it needs, where it has others besides, or where its
    elements share bytes.
    """
    typed = any(
        getattr(tensor, name)
        for name in ("float_data", "int32_data", "int64_data", "double_data", "uint64_data")
    )
    outside = tensor.data_location == onnx.TensorProto.EXTERNAL or typed
    if outside or element_bits(tensor) < 8 or any(dim < 0 for dim in tensor.dims):
        return None
    if byte_count(tensor) != content.nbytes:
        return None
    return content.view(_dtype(tensor)).reshape(tuple(tensor.dims))


def _dtype(tensor: onnx.TensorProto) -> np.dtype[Any]:
    return np.dtype(onnx.helper.tensor_dtype_to_np_dtype(tensor.data_type)).newbyteorder("<")


def read_span(tensor: onnx.TensorProto, span: Span) -> NDArray[Any] | None:
    """Return the bytes of `span` as a read-only array in memory; None as `mapped` does."""
    if element_bits(tensor) < 8:
        return None
    content = np.empty(span.length, np.uint8)
    with span.path.open("rb") as stream:
        stream.seek(span.offset)
        if stream.readinto(content.data) != span.length:
            raise ExternalDataError(f"{span.path.name} became shorter while it was read")
    content.setflags(write=False)
    return content.view(_dtype(tensor)).reshape(tuple(tensor.dims))


def mapped_file(array: Any) -> Path | None:
    """Return the file that an array's memory is mapped from, None where it is not."""
    while isinstance(array, np.ndarray | memoryview) and not isinstance(array, np.memmap):
        array = array.obj if isinstance(array, memoryview) else array.base
    return Path(array.filename) if isinstance(array, np.memmap) and array.filename else None


def embed(tensor: onnx.TensorProto, span: Span) -> None:
    """Read the bytes of `span` into `tensor`, which then needs no other file."""
    with span.path.open("rb") as stream:
        stream.seek(span.offset)
        content = stream.read(span.length)
    if len(content) != span.length:
        raise ExternalDataError(f"{span.path.name} became shorter while it was read")
    tensor.raw_data = content
    tensor.ClearField("external_data")
    tensor.ClearField("data_location")


def _checked_path(location: str, folder: Path) -> Path:
    parts = PurePosixPath(location.replace("\\", "/")).parts
    absolute = PurePosixPath(location).is_absolute() or PureWindowsPath(location).anchor
    if not parts or absolute or ".." in parts or "\0" in location:
        raise ExternalDataError(
            f"the location {location!r} is not a file in the model's folder or below it"
        )
    path = folder
    for part in parts:
        path = path / part
        _check_part(path, location)
    if not stat.S_ISREG(path.lstat().st_mode):
        raise ExternalDataError(f"the location {location!r} is not a regular file")
    return path


def _check_part(path: Path, location: str) -> None:
    try:
        mode = os.lstat(path).st_mode
    except OSError as error:
        raise ExternalDataError(f"there is no file {location!r} in the model's folder") from error
    if stat.S_ISLNK(mode):
        raise ExternalDataError(f"the location {location!r} leads through a symbolic link")


def _number(entries: dict[str, str], key: str, default: int) -> int:
    text = entries.get(key, "")
    if not text:
        return default
    # Twenty digits hold every uint64; int() of a longer text takes quadratic time.
    if not (text.isascii() and text.isdigit() and len(text) <= 20):
        raise ExternalDataError(f"the {key} {text[:40]!r} is not a whole number from 0 up")
    return int(text)
