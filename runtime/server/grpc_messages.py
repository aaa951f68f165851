"""Inference requests and answers as the protobuf messages of the protocol."""

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..protocol.datatypes import BYTES, datatype_of, dtype_of
from ..protocol.elements import checked_shape, from_bytes, to_bytes
from ..protocol.strings import text_array
from .failures import bad
from .model import Request
from .parameters import sequence_step

_FIELDS = {
    "b": "bool_contents", "i": "int_contents", "u": "uint_contents", "O": "bytes_contents",
    "i8": "int64_contents", "u8": "uint64_contents", "f4": "fp32_contents", "f8": "fp64_contents",
}  # fmt: skip
"""The field that holds elements of a dtype, by its kind and size, or its kind."""


def read_request(message: Any) -> Request:
    """Return the request in a message.

    Raises
    ------
    RequestError, MalformedError
        It breaks the protocol.
    """
    raw = message.raw_input_contents
    if raw and len(raw) != len(message.inputs):
        raise bad(f"the request has {len(message.inputs)} inputs and the bytes of {len(raw)}")
    inputs: dict[str, NDArray[Any]] = {}
    for at, tensor in enumerate(message.inputs):
        if tensor.name in inputs:
            raise bad(f"the input {tensor.name!r} is given twice")
        inputs[tensor.name] = _array(tensor, raw[at] if raw else None)
    for output in message.outputs:
        if _plain(output.parameters).get("classification"):
            raise bad("the classification of outputs is not offered here")
    outputs = tuple(dict.fromkeys(output.name for output in message.outputs))
    return Request(message.id, inputs, outputs, sequence_step(_plain(message.parameters)))


def write_answer(message: Any, found: Mapping[str, NDArray[Any]]) -> None:
    """Put the outputs into an answer, as bytes."""
    for name, array in found.items():
        message.outputs.add(name=name, datatype=datatype_of(array.dtype), shape=array.shape)
        message.raw_output_contents.append(to_bytes(array))


def _plain(parameters: Any) -> dict[str, Any]:
    """Return parameters as Python's values."""
    kinds = {name: each.WhichOneof("parameter_choice") for name, each in parameters.items()}
    return {name: getattr(parameters[name], kind) for name, kind in kinds.items() if kind}


def _array(tensor: Any, raw: bytes | None) -> NDArray[Any]:
    dtype, shape = dtype_of(tensor.datatype, tensor.name), list(tensor.shape)
    if raw is not None:
        if tensor.contents.ByteSize():
            raise bad(f"'{tensor.name}' has its data twice: in its contents and as bytes")
        return from_bytes(tensor.name, raw, dtype, shape)
    name = _FIELDS.get(f"{dtype.kind}{dtype.itemsize}") or _FIELDS.get(dtype.kind)
    if name is None:
        raise bad(f"'{tensor.name}' is {dtype.name}, which must come as bytes")
    field, size = getattr(tensor.contents, name), checked_shape(tensor.name, shape)
    if len(field) != math.prod(size):
        raise bad(f"'{tensor.name}' {datatype_of(dtype)} {shape} has {len(field)} elements")
    return _filled(tensor.name, field, dtype, size)


def _filled(name: str, field: Any, dtype: np.dtype[Any], size: tuple[int, ...]) -> NDArray[Any]:
    try:
        if dtype == BYTES:
            return text_array(name, [each.decode() for each in field], size)
        return np.fromiter(field, dtype, len(field)).reshape(size)
    except (ValueError, OverflowError) as error:
        raise bad(f"the elements of '{name}' are not {datatype_of(dtype)}: {error}") from error
