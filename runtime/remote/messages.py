"""Requests and answers over HTTP: a JSON header, and behind it the tensors that go as bytes."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...json_text import JSONError, read_json
from ..protocol.datatypes import datatype_of, dtype_of
from ..protocol.elements import from_bytes, to_bytes, unwritable
from ..protocol.numbers import MOST_PARTS, lift, tensor_data, written
from ..protocol.sequences import Step
from .failures import LARGEST, FailedError, broken

HEADER_LENGTH = "Inference-Header-Content-Length"
"""The HTTP header that says how many bytes of a body are its JSON part."""


def write_request(
    feeds: Mapping[str, NDArray[Any]],
    outputs: Sequence[str],
    *,
    binary: bool,
    step: Step | None = None,
) -> tuple[dict[str, str], bytes]:
    """Return the HTTP headers and the body of an inference request."""
    wanted: list[dict[str, Any]] = [{"name": name} for name in outputs]
    said: dict[str, Any] = {} if step is None else {"parameters": step.parameters()}
    if not binary:
        parts = _json_parts(feeds, {**said, "outputs": wanted})
        return {"Content-Type": "application/json"}, b"".join(parts)
    contents = [to_bytes(array) for array in feeds.values()]
    inputs = [_header(name, array) for name, array in feeds.items()]
    for tensor, content in zip(inputs, contents, strict=True):
        tensor["parameters"] = {"binary_data_size": len(content)}
    wanted = [{**tensor, "parameters": {"binary_data": True}} for tensor in wanted]
    head = _compact({**said, "inputs": inputs, "outputs": wanted})
    headers = {"Content-Type": "application/octet-stream", HEADER_LENGTH: str(len(head))}
    return headers, b"".join([head, *contents])


def _json_parts(feeds: Mapping[str, NDArray[Any]], rest: Mapping[str, Any]) -> Iterator[bytes]:
    """Yield a request's JSON text: numbers are never all objects at one time."""
    yield b'{"inputs":['
    for number, (name, array) in enumerate(feeds.items()):
        _check_writable(name, array)
        yield b"," * (number > 0) + _compact(_header(name, array))[:-1] + b',"data":'
        yield from written(array)
        yield b"}"
    yield b"]," + _compact(rest)[1:]


def _compact(document: Any) -> bytes:
    return json.dumps(document, separators=(",", ":")).encode()


def _check_writable(name: str, array: NDArray[Any]) -> None:
    lacking = unwritable(array)
    if lacking:
        raise FailedError(
            f"'{name}' {lacking}, and JSON is all this server lists",
            "use its gRPC port (grpc://), or binary=True if it takes binary tensors all the same",
        )


def _header(name: str, array: NDArray[Any]) -> dict[str, Any]:
    return {"name": name, "shape": list(np.shape(array)), "datatype": datatype_of(array.dtype)}


def read_answer(body: bytes, header_length: str | None) -> dict[str, NDArray[Any]]:
    """Return the arrays of an answer.

    Raises
    ------
    FailedError
        It breaks the protocol.
    """
    size = len(body)
    if header_length is not None:
        if not (header_length.isascii() and header_length.isdigit() and len(header_length) < 12):
            raise broken(f"{HEADER_LENGTH} is {header_length[:40]!r}")
        size = int(header_length)
    document, texts = lift(body[:size])
    tensors = read_object(document).get("outputs")
    if not isinstance(tensors, list):
        raise broken("it has no list of outputs")
    found, rest = {}, memoryview(body)[size:]
    for tensor in tensors:
        if not isinstance(tensor, dict) or not isinstance(tensor.get("name"), str):
            raise broken("an output has no name")
        array, rest = _tensor(tensor, texts, rest)
        found[tensor["name"]] = array
    return found


def _tensor(
    tensor: Mapping[str, Any], texts: Sequence[memoryview], rest: memoryview
) -> tuple[NDArray[Any], memoryview]:
    """Return one output's array, and what follows its bytes; `texts` are the data taken out."""
    name, shape = tensor["name"], tensor.get("shape")
    dtype = dtype_of(tensor.get("datatype"), name)
    parameters = tensor.get("parameters")
    count = parameters.get("binary_data_size") if isinstance(parameters, dict) else None
    if count is None:
        return tensor_data(name, tensor.get("data"), texts, dtype, shape), rest
    if type(count) is not int or not 0 <= count <= len(rest):
        raise broken(f"'{name}' should have {count!r} bytes, {len(rest)} are left")
    return from_bytes(name, rest[:count], dtype, shape), rest[count:]


def read_object(body: bytes) -> dict[str, Any]:
    """Return a JSON object.

    Raises
    ------
    FailedError
        The body is none.
    """
    try:
        document = read_json(body, largest=LARGEST, most_parts=MOST_PARTS, constants=True)
    except JSONError as error:
        raise broken(f"it is not JSON: {error}") from error
    if not isinstance(document, dict):
        raise broken(f"it is a JSON {type(document).__name__}, not an object")
    return document


def error_text(body: bytes) -> str:
    """Return the message in the body of an HTTP error: the protocol's field, or its whole text."""
    text = body.decode(errors="replace")
    try:
        document = read_json(text)
    except JSONError:
        return text
    if isinstance(document, dict):
        said = document.get("error", document.get("detail", text))
        return said if isinstance(said, str) else json.dumps(said)
    return text
