"""Writing a model straight from its arrays, without a second copy of the weights in memory.

A file is the protobuf serialisation of ``ModelProto`` (onnx.proto of the onnx package), written
field by field so that the large weights stream from the arrays. The bytes are the same as those of
``build().SerializeToString(deterministic=True)``.
"""

import os
import re
from contextlib import suppress
from mmap import ACCESS_READ, mmap
from pathlib import Path
from typing import Any, BinaryIO

from numpy.typing import NDArray
from onnx import GraphProto, ModelProto, TensorProto

from ...cutting import varint
from ...external import mapped_file
from ...files import model_files
from ...kinds import SOURCES, recognised
from ...writing import FileError, atomic_write, pending_file, refuse_overwrite, writable
from ..errors import GraphError
from .model_proto import Skeleton
from .protobuf import tensor_header
from .provenance import Digests, byte_chunks, note_digest

GRAPH_TAG = b"\x3a"
"""ModelProto.graph: field 7, length-delimited."""
INITIALIZER_TAG = b"\x2a"
"""GraphProto.initializer: field 5, length-delimited."""
RAW_DATA_TAG = b"\x4a"
"""TensorProto.raw_data: field 9, length-delimited."""
DIGITS = 12
"""How many digits of the weights' digest stand in the name of their file."""
PAGE = 4096
"""External tensors start at a multiple of this, so that a reader can map them into memory."""


def save(skeleton: Skeleton, path: str | os.PathLike[str], external_threshold: int) -> None:
    """Write the model to `path`, with its weights beside it when they pass the threshold.

    The data file of the model that stood there before is removed.

    Raises
    ------
    FileError
        `path` cannot be written, weights are mapped from it, or it is a file of what models are
        made from: weights, an array, a network file.
    """
    refuse_overwrite([path], {mapped_file(array) for array in skeleton.given.values()})
    target = writable(path)
    _refuse_sources(target)
    before = _own_data(target)
    location = ""
    if skeleton.weight_bytes > external_threshold:
        location = _save_external(skeleton, target)
    elif skeleton.weight_bytes + skeleton.model.ByteSize() >= 2**31:
        raise GraphError(
            f"{os.fspath(path)}: {skeleton.weight_bytes} bytes of weights, one file can hold 2 GiB",
            "lower external_threshold, so that the weights are written beside the model",
        )
    else:
        with atomic_write(target) as stream:
            _write_single(skeleton, stream)
    for old in before - {location}:
        with suppress(OSError):  # gone already; or in use, on Windows
            target.with_name(old).unlink()


def _refuse_sources(target: Path) -> None:
    """Refuse to put a model in the place of what it may have been made from, by its content."""
    kind = recognised(target)
    if kind is not None and kind in SOURCES:
        raise FileError(
            f"{target} is {kind.what}, which the model would replace",
            "save the model under a name of its own",
        )


def _write_single(skeleton: Skeleton, stream: BinaryIO) -> None:
    digests = Digests(skeleton.given.values())
    before, nodes, edges = _split(skeleton.model)
    headers = [_entry_header(name, array) for name, array in skeleton.weights.items()]
    length = len(nodes) + len(edges) + skeleton.weight_bytes + sum(map(len, headers))
    stream.write(before + GRAPH_TAG + varint(length) + nodes)
    for header, array in zip(headers, skeleton.weights.values(), strict=True):
        stream.write(header)
        _write_array(stream, array)
    stream.write(edges + _after_graph(skeleton.model, digests.of(skeleton.given)))


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
    header = _serialized(tensor_header(name, array)) + RAW_DATA_TAG + varint(array.nbytes)
    return INITIALIZER_TAG + varint(len(header) + array.nbytes) + header


def _save_external(skeleton: Skeleton, target: Path) -> str:
    """Write the weights beside the model, and then the model; return the data file's name.

    The name carries the weights' digest: wherever this is cut short, the model at `target` is the
    old one or the new one, and its own weights are there.
    """
    digests = Digests([*skeleton.given.values(), *skeleton.weights.values()])
    with pending_file(target) as data, pending_file(target) as model_file:
        spans = _write_aligned(skeleton, data.stream)
        location = f"{target.name}.{digests.of(skeleton.weights)[:DIGITS]}.data"
        model = ModelProto()
        model.CopyFrom(skeleton.model)
        for name, (offset, array) in spans.items():
            model.graph.initializer.append(_outside(name, array, location, offset))
        note_digest(model, digests.of(skeleton.given))
        model_file.stream.write(_serialized(model))
        data.place(target.with_name(location))
        model_file.place(target)
    return location


def _write_aligned(skeleton: Skeleton, stream: BinaryIO) -> dict[str, tuple[int, NDArray[Any]]]:
    """Write the weights, each from the start of a page on; return where each stands."""
    spans = {}
    for name, array in skeleton.weights.items():
        stream.write(b"\0" * (-stream.tell() % PAGE))
        spans[name] = (stream.tell(), array)
        _write_array(stream, array)
    return spans


def _outside(name: str, array: NDArray[Any], location: str, offset: int) -> TensorProto:
    """Return the initializer of an array that stands in the file `location`."""
    tensor = tensor_header(name, array)
    tensor.data_location = TensorProto.EXTERNAL
    fields = {"location": location, "offset": offset, "length": array.nbytes}
    for key, value in fields.items():
        tensor.external_data.add(key=key, value=str(value))
    return tensor


def _own_data(path: Path) -> set[str]:
    """Return the names of the data files that belong to the model at `path` and to no other.

    Those are the ones that it refers to, that `_save_external` named after it, and that no other
    model in the folder, such as a copy, refers to.
    """
    own = re.compile(re.escape(path.name) + rf"\.[0-9a-f]{{{DIGITS}}}\.data")
    if not path.exists() or not any(own.fullmatch(each.name) for each in path.parent.iterdir()):
        return set()
    files = model_files(path)
    names = {each.name for each in files if each.parent == path.parent and own.fullmatch(each.name)}
    return {name for name in names if not _named_by_another(name, path)}


def _named_by_another(data: str, path: Path) -> bool:
    """Say whether a model beside the one at `path` has the name of a data file in it, or might."""
    others = [other for other in path.parent.glob("*.onnx") if other != path and other.is_file()]
    try:
        return any(_holds(other, data.encode()) for other in others)
    except OSError:  # one of them cannot be read
        return True


def _holds(path: Path, text: bytes) -> bool:
    if not path.stat().st_size:
        return False  # and could not be mapped
    with path.open("rb") as stream, mmap(stream.fileno(), 0, access=ACCESS_READ) as content:
        return content.find(text) >= 0


def _write_array(stream: BinaryIO, array: NDArray[Any]) -> None:
    for chunk in byte_chunks(array):
        stream.write(chunk)
