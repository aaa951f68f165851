"""What a model's metadata tell of where it comes from: weights' digest, layouts, lowered layers."""

import hashlib
import json
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray
from onnx import GraphProto, ModelProto

from ...json_text import read_json
from ...walking import walk_graphs
from .constants import to_array

DIGEST_KEY = "onnxwright.weights_sha256"
"""The metadata entry for the digest of the weights."""
SOURCES_KEY = "onnxwright.sources"
"""The metadata entry that tells the layouts that weights came in."""
ORIGINS_KEY = "onnxwright.origins"
"""The metadata entry that tells the modules' names, where layers are called otherwise."""
LOWERED_KEY = "onnxwright.lowered"
"""The metadata entry that tells which recurrent layers were lowered, and what they were."""
SHARED_KEY = "onnxwright.shared"
"""The metadata entry that tells which arrays are read by another one's name, being equal."""
INLINE_BYTES = 1 << 20
"""Weights up to this size are hashed at once: a thread would cost more than it saves."""
CHUNK_BYTES = 1 << 24
"""How much of a strided array is laid out at a time."""


class Digests:
    """The SHA-256 of arrays, each hashed once: beside the caller where they are many."""

    def __init__(self, arrays: Iterable[NDArray[Any]]) -> None:
        """Begin to hash."""
        unlike = {id(array): array for array in arrays}
        self._kept = unlike  # an id is an array's as long as that lives
        if sum(array.nbytes for array in unlike.values()) <= INLINE_BYTES:
            self._found = {key: _array_digest(array) for key, array in unlike.items()}
            return
        executor = ThreadPoolExecutor(os.cpu_count(), thread_name_prefix="weights-digest")
        self._waiting = {key: executor.submit(_array_digest, unlike[key]) for key in unlike}
        executor.shutdown(wait=False)

    @cached_property
    def _found(self) -> dict[int, str]:
        return {key: future.result() for key, future in self._waiting.items()}

    def of(self, weights: Mapping[str, NDArray[Any]]) -> str:
        """Return the SHA-256 of a list of weights: a line for each, with the digest of its bytes.

        A line is ``name dtype [dims] digest``; the bytes are little-endian, in C order.

        >>> weights = {"head.W": np.zeros((2, 3), np.float32)}
        >>> Digests(weights.values()).of(weights)[:16]
        'ab54f81830f09fcc'
        """
        lines = (
            f"{name} {array.dtype.name} {list(array.shape)} {self._found[id(array)]}\n"
            for name, array in weights.items()
        )
        return hashlib.sha256("".join(lines).encode()).hexdigest()


def _array_digest(array: NDArray[Any]) -> str:
    digest = hashlib.sha256()
    for chunk in byte_chunks(array):
        digest.update(chunk)
    return digest.hexdigest()


def weights_of(model: ModelProto, arrays: Mapping[str, NDArray[Any]]) -> dict[str, NDArray[Any]]:
    """Return the weights of a model by name, in the order of the names, as their digest takes them.

    `arrays` are those that the model's initializers do not hold themselves. Weights are called
    ``layer.role``; axes, shapes and other constants have no dot behind the last slash.
    """
    graphs = [graph for graph in walk_graphs(model) if isinstance(graph, GraphProto)]
    inside = {tensor.name: tensor for graph in graphs for tensor in graph.initializer}
    names = sorted(name for name in inside.keys() | arrays.keys() if "." in name.split("/")[-1])
    return {name: arrays[name] if name in arrays else to_array(inside[name]) for name in names}


def renew_digest(model: ModelProto) -> None:
    """Write the digest anew where a model carries one and its weights were changed on purpose."""
    if DIGEST_KEY in entries(model):
        weights = weights_of(model, {})
        note_digest(model, Digests(weights.values()).of(weights))


def digest_holds(model: ModelProto, arrays: Mapping[str, NDArray[Any]]) -> bool | None:
    """Say whether a model's weights are those whose digest its metadata tell; None without one.

    `arrays` are the external initializers' by name; see :func:`~onnxwright.files.read_mapped`.
    """
    told = entries(model).get(DIGEST_KEY)
    if told is None:
        return None
    weights = weights_of(model, arrays)
    return Digests(weights.values()).of(weights) == told


def note_digest(model: ModelProto, digest: str) -> None:
    """Write the digest into the model's metadata, in the place of an older one."""
    kept = [entry for entry in model.metadata_props if entry.key != DIGEST_KEY]
    del model.metadata_props[:]
    model.metadata_props.extend(kept)
    model.metadata_props.add(key=DIGEST_KEY, value=digest)


def describe_sources(
    sources: Mapping[str, Sequence[str]], origins: Mapping[str, tuple[str, int | None]]
) -> dict[str, str]:
    """Return the metadata entries for the layouts and the names that weights came in.

    `origins` are told for layers that are called otherwise than PyTorch's modules.

    >>> describe_sources({"torch": ["encoder", "head"]}, {})
    {'onnxwright.sources': '{"torch": ["encoder", "head"]}'}
    """
    told = {SOURCES_KEY: json.dumps(sources)} if sources else {}
    return told | ({ORIGINS_KEY: json.dumps(origins)} if origins else {})


def describe_shared(shared: Mapping[str, str]) -> dict[str, str]:
    """Return the metadata entry for arrays that are not there, but another's copy.

    >>> describe_shared({"b.W": "a.W"})
    {'onnxwright.shared': '{"b.W": "a.W"}'}
    """
    return {SHARED_KEY: json.dumps(dict(shared))} if shared else {}


def read_shared(model: ModelProto) -> dict[str, str]:
    """Return by the names of arrays that are not there those of their copies.

    >>> read_shared(ModelProto())
    {}
    """
    try:
        told = read_json(entries(model).get(SHARED_KEY, "{}"))
        return {str(name): str(told[name]) for name in told}
    except (ValueError, TypeError, KeyError):
        return {}  # the metadata are anybody's


def read_origins(model: ModelProto) -> dict[str, tuple[str, int | None]]:
    """Return the origins in a model's metadata; what is not as `describe_sources` writes is none.

    >>> read_origins(ModelProto())
    {}
    """
    try:
        layers = read_json(entries(model).get(ORIGINS_KEY, "{}"))
        return {str(layer): _origin(*layers[layer]) for layer in layers}
    except (ValueError, TypeError, KeyError):
        return {}  # the metadata are anybody's


def _origin(module: Any, number: Any) -> tuple[str, int | None]:
    if not isinstance(module, str) or not (number is None or (type(number) is int and number >= 0)):
        raise TypeError("an origin is a name and perhaps a number")
    return module, number


@dataclass(frozen=True)
class Record:
    """What a recurrent layer was before it was lowered, as far as its arrays do not tell."""

    kind: str
    """``RNN``, ``LSTM`` or ``GRU``."""
    input_size: int
    """Features of a step; one more row in the input weights is the bias."""
    directions: int
    """1 or 2."""
    form: str = ""
    """The reset form of a GRU, the peephole form of an LSTM."""


def describe_lowered(records: Mapping[str, Record]) -> dict[str, str]:
    """Return the metadata entry for the lowered layers of a network, {} where there is none."""
    layers = {layer: asdict(found) for layer, found in records.items()}
    return {LOWERED_KEY: json.dumps(layers)} if layers else {}


def entries(model: ModelProto) -> dict[str, str]:
    """Return a model's metadata."""
    return {entry.key: entry.value for entry in model.metadata_props}


def read_records(metadata: Mapping[str, str]) -> dict[str, Record]:
    """Return the records in a model's metadata, {} where they are not as `describe_lowered` writes.

    >>> read_records({LOWERED_KEY: '{"encoder": 3}'})
    {}
    """
    try:
        layers = read_json(metadata.get(LOWERED_KEY, "{}"))
        return {str(layer): _decoded(layers[layer]) for layer in layers}
    except (ValueError, TypeError, KeyError):
        return {}  # the metadata are anybody's; without them the layer is not found


def _decoded(fields: Any) -> Record:
    found = Record(**fields)
    if [type(value) for value in asdict(found).values()] != [str, int, int, str]:
        raise TypeError("a field has another type")
    if found.kind not in ("RNN", "LSTM", "GRU") or found.directions not in (1, 2):
        raise ValueError("the layer is of no known kind")
    return found


def byte_chunks(array: NDArray[Any]) -> Iterator[memoryview]:
    """Yield the array's bytes in order, little-endian: whole where they lie so, else in pieces."""
    little = array.astype(array.dtype.newbyteorder("<"), copy=False)
    if little.flags.c_contiguous:
        yield little.reshape(-1).view(np.uint8).data
        return
    rows = max(1, CHUNK_BYTES * len(little) // little.nbytes)
    for start in range(0, len(little), rows):
        yield np.ascontiguousarray(little[start : start + rows]).reshape(-1).view(np.uint8).data
