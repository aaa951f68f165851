"""Inference requests and answers over HTTP: a JSON part, and behind it tensors as bytes."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...json_text import JSONError, read_json
from ..protocol.datatypes import MalformedError, datatype_of, dtype_of
from ..protocol.elements import from_bytes, to_bytes, unwritable
from ..protocol.numbers import MOST_PARTS, lift, tensor_data, written
from .failures import RequestError, bad
from .model import Request
from .parameters import sequence_step
from .settings import Limits

HEADER_LENGTH = "inference-header-content-length"


@dataclass(frozen=True)
class Asked:
    """A request, and which outputs are to go as bytes."""

    request: Request
    binary: Mapping[str, bool]
    binary_rest: bool
    """Of outputs that are not named."""


def read_request(body: bytes, header_length: str | None, limits: Limits) -> Asked:
    """Return the request in a body.

    Raises
    ------
    RequestError, MalformedError
        It breaks the protocol.
    """
    size = _json_size(len(body), header_length, limits)
    content, texts = lift(body[:size])
    document = _read_object(content)
    parameters = _object(document.get("parameters"), "the request's parameters")
    outputs = {
        _name(each, "output"): _binary_output(each) for each in _objects(document, "outputs")
    }
    rest = memoryview(body)[size:]
    inputs: dict[str, NDArray[Any]] = {}
    for tensor in _objects(document, "inputs"):
        name = _name(tensor, "input")
        if name in inputs:
            raise bad(f"the input {name!r} is given twice")
        inputs[name], rest = _tensor(name, tensor, texts, rest)
    if len(rest):
        raise bad(f"{len(rest)} bytes are left that belong to no input")
    request = Request(_id(document), inputs, tuple(outputs), sequence_step(parameters))
    return Asked(request, outputs, parameters.get("binary_data_output") is True)


def write_answer(
    model: tuple[str, str], asked: Asked, found: Mapping[str, NDArray[Any]]
) -> tuple[dict[str, str], bytes]:
    """Return the HTTP headers and the body of an answer of the model of a name and a version."""
    listed: list[bytes] = []
    contents: list[bytes] = []
    for name, array in found.items():
        tensor: dict[str, Any] = {
            "name": name,
            "datatype": datatype_of(array.dtype),
            "shape": list(array.shape),
        }
        if asked.binary.get(name, asked.binary_rest):
            contents.append(to_bytes(array))
            tensor["parameters"] = {"binary_data_size": len(contents[-1])}
            listed.append(_compact(tensor))
        else:
            _check_writable(name, array)
            listed.append(b"".join([_compact(tensor)[:-1], b',"data":', *written(array), b"}"]))
    document = {"model_name": model[0], "model_version": model[1]}
    document |= {"id": asked.request.id} if asked.request.id else {}
    head = b'%b,"outputs":[%b]}' % (_compact(document)[:-1], b",".join(listed))
    if not contents:
        return {"content-type": "application/json"}, head
    headers = {"content-type": "application/octet-stream", HEADER_LENGTH: str(len(head))}
    return headers, b"".join([head, *contents])


def _json_size(body: int, header_length: str | None, limits: Limits) -> int:
    """Return how many bytes of a body are JSON."""
    size = body
    if header_length is not None:
        plain = header_length.isascii() and header_length.isdigit() and len(header_length) < 12
        size = int(header_length) if plain else body + 1
    if size > body:
        raise bad(f"{HEADER_LENGTH} is {header_length!r:.40}, the body has {body} bytes")
    if size > limits.json_bytes:
        raise RequestError(
            413, f"the JSON part has more than {limits.json_bytes} bytes: send tensors as bytes"
        )
    return size


def _read_object(content: bytes) -> dict[str, Any]:
    try:
        document = read_json(content, most_parts=MOST_PARTS)
    except JSONError as error:
        raise bad(f"the request is not JSON: {error}") from error
    return _object(document, "the request")


def _object(value: object, what: str) -> dict[str, Any]:
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise bad(f"{what} must be a JSON object, not a {type(value).__name__}")
    return value


def _objects(document: Mapping[str, Any], key: str) -> list[dict[str, Any]]:
    listed = document.get(key, [])
    if not isinstance(listed, list):
        raise bad(f"'{key}' must be a JSON array")
    return [_object(each, f"each of '{key}'") for each in listed]


def _name(tensor: Mapping[str, Any], kind: str) -> str:
    name = tensor.get("name")
    if not isinstance(name, str):
        raise bad(f"an {kind} has no name")
    return name


def _id(document: Mapping[str, Any]) -> str:
    found = document.get("id", "")
    if not isinstance(found, str) or len(found) > 1024:
        raise bad("the request's id must be a text of at most 1024 characters")
    return found


def _binary_output(output: Mapping[str, Any]) -> bool:
    parameters = _object(output.get("parameters"), "an output's parameters")
    if parameters.get("classification"):
        raise bad("the classification of outputs is not offered here")
    return parameters.get("binary_data") is True


def _tensor(
    name: str, tensor: Mapping[str, Any], texts: Sequence[memoryview], rest: memoryview
) -> tuple[NDArray[Any], memoryview]:
    """Return one input's array, and what follows its bytes; `texts` are the data taken out."""
    dtype, shape = dtype_of(tensor.get("datatype"), name), tensor.get("shape")
    parameters = _object(tensor.get("parameters"), f"the parameters of {name!r}")
    count = parameters.get("binary_data_size")
    if count is None:
        array = tensor_data(name, tensor.get("data"), texts, dtype, shape)
        if array.dtype.kind == "f" and not np.isfinite(array).all():
            raise MalformedError(
                f"the data of '{name}' hold a number that is not finite as {dtype.name}"
            )
        return array, rest
    if type(count) is not int or not 0 <= count <= len(rest):
        raise bad(f"'{name}' should have {count!r:.40} bytes, {len(rest)} are left")
    if "data" in tensor:
        raise bad(f"'{name}' has its data twice: as JSON and as bytes")
    return from_bytes(name, rest[:count], dtype, shape), rest[count:]


def _compact(document: Mapping[str, Any]) -> bytes:
    return json.dumps(document, separators=(",", ":")).encode()


def _check_writable(name: str, array: NDArray[Any]) -> None:
    lacking = unwritable(array)
    if lacking:
        raise bad(f"output '{name}' {lacking}: ask for it with binary_data")
