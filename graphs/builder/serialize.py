"""Writing a model straight from its arrays, without a second copy of the weights in memory.

A file is the protobuf serialisation of ``ModelProto`` (onnx.proto of the onnx package), written
field by field so that the large weights stream from the arrays. The bytes are the same as those of
``build().SerializeToString(deterministic=True)``.
"""

import os
from contextlib import ExitStack
from pathlib import Path
from typing import Any, BinaryIO

from numpy.typing import NDArray
from onnx import GraphProto, ModelProto, TensorProto

from ...files import atomic_write
from ..errors import GraphError
from .model_proto import Skeleton
from .protobuf import tensor_header
from .provenance import byte_chunks, note_digest, start_digest

GRAPH_TAG = b"\x3a"
"""ModelProto.graph: field 7, length-delimited."""
INITIALIZER_TAG = b"\x2a"
"""GraphProto.initializer: field 5, length-delimited."""
RAW_DATA_TAG = b"\x4a"
"""TensorProto.raw_data: field 9, length-delimited."""
PAGE = 4096
"""External tensors start at a multiple of this, so that a reader can map them into memory."""


def save(skeleton: Skeleton, path: str | os.PathLike[str], external_threshold: int) -> None:
    """Write the model to `path`, with its weights beside it when they pass the threshold."""
    if skeleton.weight_bytes > external_threshold:
        _save_external(skeleton, Path(path))
    elif skeleton.weight_bytes + skeleton.model.ByteSize() >= 2**31:
        raise GraphError(
            f"{os.fspath(path)}: {skeleton.weight_bytes} bytes of weights, one file can hold 2 GiB",
            "lower external_threshold, so that the weights are written beside the model",
        )
    else:
        with atomic_write(path) as stream:
            _write_single(skeleton, stream)


def _write_single(skeleton: Skeleton, stream: BinaryIO) -> None:
    digest = start_digest(skeleton.given)
    before, nodes, edges = _split(skeleton.model)
    headers = [_entry_header(name, array) for name, array in skeleton.weights.items()]
    length = len(nodes) + len(edges) + skeleton.weight_bytes + sum(map(len, headers))
    stream.write(before + GRAPH_TAG + _varint(length) + nodes)
    for header, array in zip(headers, skeleton.weights.values(), strict=True):
        stream.write(header)
        _write_array(stream, array)
    stream.write(edges + _after_graph(skeleton.model, digest()))


def _split(model: ModelProto) -> tuple[bytes, bytes, bytes]:
    """Serialise the model up to its graph's end, in pieces between which the weights fit.

    These are the model's fields before the graph, the graph's up to its initializers, and the
    graph's other fields.
    """
    before = ModelProto()
    before.CopyFrom(model)
    for name in ("graph", "opset_import", "metadata_props"):
        before.ClearField(name)
    nodes, edges = GraphProto(), GraphProto()
    nodes.name = model.graph.name
    nodes.node.extend(model.graph.node)
    nodes.initializer.extend(model.graph.initializer)
    edges.input.extend(model.graph.input)
    edges.output.extend(model.graph.output)
    return _serialized(before), _serialized(nodes), _serialized(edges)


def _after_graph(model: ModelProto, digest: str) -> bytes:
    """Serialise the model's fields behind its graph, and the digest of its weights."""
    after = ModelProto()
    after.opset_import.extend(model.opset_import)
    after.metadata_props.extend(model.metadata_props)
    note_digest(after, digest)
    return _serialized(after)


def _serialized(message: ModelProto | GraphProto | TensorProto) -> bytes:
    data: bytes = message.SerializeToString(deterministic=True)
    return data


def _entry_header(name: str, array: NDArray[Any]) -> bytes:
    """Return the bytes of one initializer up to its data."""
    header = _serialized(tensor_header(name, array)) + RAW_DATA_TAG + _varint(array.nbytes)
    return INITIALIZER_TAG + _varint(len(header) + array.nbytes) + header


def _save_external(skeleton: Skeleton, path: Path) -> None:
    """Write the weights to ``<path>.data`` and the model to `path`; rename both at the end."""
    digest = start_digest(skeleton.given)
    location = f"{path.name}.data"
    with ExitStack() as stack:
        model_stream = stack.enter_context(atomic_write(path))
        data_stream = stack.enter_context(atomic_write(path.with_name(location)))
        model = ModelProto()
        model.CopyFrom(skeleton.model)
        for name, array in skeleton.weights.items():
            data_stream.write(b"\0" * (-data_stream.tell() % PAGE))
            tensor = tensor_header(name, array)
            tensor.data_location = TensorProto.EXTERNAL
            fields = (
                ("location", location),
                ("offset", data_stream.tell()),
                ("length", array.nbytes),
            )
            for key, value in fields:
                tensor.external_data.add(key=key, value=str(value))
            model.graph.initializer.append(tensor)
            _write_array(data_stream, array)
        note_digest(model, digest())
        model_stream.write(_serialized(model))


def _write_array(stream: BinaryIO, array: NDArray[Any]) -> None:
    for chunk in byte_chunks(array):
        stream.write(chunk)


def _varint(number: int) -> bytes:
    """Encode a length in protobuf's base-128 form.

    >>> _varint(300).hex()
    'ac02'
    """
    encoded = bytearray()
    while number > 0x7F:
        encoded.append(number & 0x7F | 0x80)
        number >>= 7
    encoded.append(number)
    return bytes(encoded)
