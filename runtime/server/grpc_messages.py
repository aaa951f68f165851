"""Inference requests and answers as the protobuf messages of the protocol."""

from collections.abc import Mapping
from typing import Any

from numpy.typing import NDArray

from ..protocol.contents import read_tensor
from ..protocol.datatypes import datatype_of
from ..protocol.elements import to_bytes
from .failures import bad
from .model import Request
from .parameters import sequence_step


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
    if raw is not None and tensor.contents.ByteSize():
        raise bad(f"'{tensor.name}' has its data twice: in its contents and as bytes")
    return read_tensor(tensor, raw)
