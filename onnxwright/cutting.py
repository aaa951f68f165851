"""Reading an ONNX file's large weights straight into arrays, and the rest of it as a message.

Parsed as a whole, a weight is copied three times: into the file's bytes, into the message and out
of it. Here the file is walked field by field, as the protobuf encoding lays it out, and what a
tensor keeps as ``raw_data`` is read to where it stays. Only plain files are walked so: whatever is
unusual is read as a whole, by protobuf, whose verdict counts.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

LARGE = 1 << 16
"""Bytes from which a message is looked into and raw data are kept apart."""
VARINT, EIGHT_BYTES, DELIMITED, FOUR_BYTES = 0, 1, 2, 5
"""The encoding's wire types; groups, 3 and 4, are not walked."""
RAW_DATA = 9
LONGEST = 10
"""Bytes of the longest number."""


@dataclass(frozen=True)
class Kind:
    """A type of message that is looked into: which of its fields hold messages that are, too."""

    within: Mapping[int, "Kind"] = field(default_factory=dict)
    once: frozenset[int] = frozenset()
    """Fields that may stand there once only: protobuf would merge several."""


TENSOR = Kind(once=frozenset({RAW_DATA}))
ATTRIBUTE = Kind({5: TENSOR}, once=frozenset({5}))
NODE = Kind({5: ATTRIBUTE})
GRAPH = Kind({1: NODE, 5: TENSOR})
MODEL = Kind({7: GRAPH}, once=frozenset({7}))


@dataclass(frozen=True)
class Cut:
    """Raw data that were left out of a message."""

    path: tuple[tuple[int, int], ...]
    """From the model to its tensor: the number of a field, and which of that field's values."""
    content: NDArray[np.uint8]


class UnusualError(Exception):
    """The file is not laid out as this reader expects."""


def read_cut(path: Path, size: int) -> tuple[bytes, list[Cut]]:
    """Return the model in the file `path`, of `size` bytes, without its large raw data, and those.

    Where it cannot be walked all of the file comes back, and nothing beside it.
    """
    with path.open("rb") as stream:
        try:
            cuts: list[Cut] = []
            return bytes(_without(stream, size, MODEL, (), cuts)), cuts
        except UnusualError:
            stream.seek(0)
            return stream.read(), []


def _without(
    stream: BinaryIO, length: int, kind: Kind, path: tuple[tuple[int, int], ...], cuts: list[Cut]
) -> bytearray:
    """Read a message of `length` bytes, and note in `cuts` the large raw data left out of it."""
    out, seen = bytearray(), dict[int, int]()
    for key, size in _fields(stream, length, out):
        number = key >> 3
        count = seen.get(number, 0)
        seen[number] = count + 1
        if count and number in kind.once:
            raise UnusualError
        here = (*path, (number, count))
        if size >= LARGE and number in kind.within:
            inner = _without(stream, size, kind.within[number], here, cuts)
            out += varint(key) + varint(len(inner)) + inner
        elif size >= LARGE and kind is TENSOR and number == RAW_DATA:
            cuts.append(Cut(path, _read_array(stream, size)))
        else:
            out += varint(key) + varint(size) + _read(stream, size)
    return out


def _fields(stream: BinaryIO, length: int, out: bytearray) -> Iterator[tuple[int, int]]:
    """Yield key and size of each delimited field, for the caller to read; put others into `out`."""
    left = length
    while left:
        key, taken = _read_varint(stream)
        wire = key & 7
        if wire == DELIMITED:
            size, more = _read_varint(stream)
            left -= taken + more + size
            if left < 0:
                raise UnusualError
            yield key, size
            continue
        if wire == VARINT:
            value, more = _read_varint(stream)
            out += varint(key) + varint(value)
        elif wire in (EIGHT_BYTES, FOUR_BYTES):
            more = 8 if wire == EIGHT_BYTES else 4
            out += varint(key) + _read(stream, more)
        else:
            raise UnusualError
        left -= taken + more
        if left < 0:
            raise UnusualError


def _read_varint(stream: BinaryIO) -> tuple[int, int]:
    """Return a number, seven bits a byte with the lowest first, and the bytes that it takes.

    >>> import io
    >>> _read_varint(io.BytesIO(bytes([0x96, 0x01])))
    (150, 2)
    """
    value = 0
    for place in range(LONGEST):
        byte = _read(stream, 1)[0]
        value |= (byte & 0x7F) << (7 * place)
        if byte < 0x80:
            return value, place + 1
    raise UnusualError


def varint(value: int) -> bytes:
    """Return a number as `_read_varint` reads it.

    >>> list(varint(150)), list(varint(0))
    ([150, 1], [0])
    """
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def _read(stream: BinaryIO, size: int) -> bytes:
    content = stream.read(size)
    if len(content) != size:
        raise UnusualError
    return content


def _read_array(stream: Any, size: int) -> NDArray[np.uint8]:
    array = np.empty(size, np.uint8)
    if stream.readinto(array.data) != size:
        raise UnusualError
    array.setflags(write=False)
    return array
