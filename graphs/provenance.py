"""Where a model comes from: the digest of its weights, written into its metadata."""

import hashlib
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
from numpy.typing import NDArray
from onnx import ModelProto

DIGEST_KEY = "onnxwright.weights_sha256"
"""The metadata entry that `weights_digest` goes to."""
INLINE_BYTES = 1 << 20
"""Weights up to this size are hashed at once: a thread would cost more than it saves."""
CHUNK_BYTES = 1 << 24
"""How much of a strided array is laid out at a time."""


def weights_digest(weights: Mapping[str, NDArray[Any]]) -> str:
    """Return the SHA-256 of weights: of each array's name, dtype, shape and little-endian bytes.

    >>> weights_digest({"head.W": np.zeros((2, 3), np.float32)})[:16]
    '43fbec98996d377a'
    """
    digest = hashlib.sha256()
    for name, array in weights.items():
        digest.update(f"{name} {array.dtype.name} {list(array.shape)}\n".encode())
        for chunk in byte_chunks(array):
            digest.update(chunk)
    return digest.hexdigest()


def start_digest(weights: Mapping[str, NDArray[Any]]) -> Callable[[], str]:
    """Begin to hash the weights, beside the caller where they are many; call for the digest."""
    if sum(array.nbytes for array in weights.values()) <= INLINE_BYTES:
        return lambda: weights_digest(weights)
    executor = ThreadPoolExecutor(1, thread_name_prefix="weights-digest")
    future = executor.submit(weights_digest, weights)
    executor.shutdown(wait=False)
    return future.result


def note_digest(model: ModelProto, digest: str) -> None:
    """Write the digest into the model's metadata."""
    model.metadata_props.add(key=DIGEST_KEY, value=digest)


def byte_chunks(array: NDArray[Any]) -> Iterator[memoryview]:
    """Yield the array's bytes in order, little-endian: whole where they lie so, else in pieces."""
    little = array.astype(array.dtype.newbyteorder("<"), copy=False)
    if little.flags.c_contiguous:
        yield little.reshape(-1).view(np.uint8).data
        return
    rows = max(1, CHUNK_BYTES * len(little) // little.nbytes)
    for start in range(0, len(little), rows):
        yield np.ascontiguousarray(little[start : start + rows]).reshape(-1).view(np.uint8).data
