"""Long lists of numbers in JSON, read piece by piece.

``json.loads`` makes an object of 24 to 60 bytes of what may be two bytes of text. Here the text of
a tensor's data is taken out before the rest is parsed, and turned into an array in pieces.
"""

import json
import math
import re
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .datatypes import MalformedError
from .elements import checked_shape, from_json, to_json

LONG = 4096
"""Bytes of a list's text from which it is read in pieces."""
PIECE = 1 << 16
ELEMENTS = 1 << 13
MOST_PARTS = 1 << 17
"""Lists and objects of a message, beside its numbers: each takes 60 bytes and more."""
_DATA = re.compile(rb'(?<!\\)"data"\s*:\s*(\[[^"{}]*\])')
"""Data without a text or an object in them; a quotation mark inside a text has a backslash."""
_OTHERS = bytes(set(range(256)) - set(b"[],"))
_TO_SPACES = bytes.maketrans(b"[]", b"  ")


def lift(content: bytes) -> tuple[bytes, list[memoryview]]:
    """Return a JSON document with the long data of its tensors numbered, and their texts.

    >>> document, texts = lift(b'{"data": [%s]}' % b",".join([b"0.5"] * 3000))
    >>> document, len(texts)
    (b'{"data": 0}', 1)
    """
    texts: list[memoryview] = []
    parts: list[memoryview] = []
    whole, end = memoryview(content), 0
    for found in _DATA.finditer(content):
        start, stop = found.span(1)
        if stop - start >= LONG:
            parts += [whole[end:start], memoryview(b"%d" % len(texts))]
            texts.append(whole[start:stop])
            end = stop
    return b"".join([*parts, whole[end:]]), texts


def written(array: NDArray[Any]) -> Iterator[bytes]:
    """Yield the text of an array's elements as a JSON list, in pieces.

    >>> b"".join(written(np.array([[1.5, 2]])))
    b'[1.5,2.0]'
    """
    flat = array.ravel()
    yield b"["
    for start in range(0, flat.size, ELEMENTS):
        text = json.dumps(to_json(flat[start : start + ELEMENTS]), separators=(",", ":"))
        yield (b"," if start else b"") + text[1:-1].encode()
    yield b"]"


def tensor_data(
    name: str, data: object, texts: Sequence[memoryview], dtype: np.dtype[Any], shape: object
) -> NDArray[Any]:
    """Return the array of a tensor's data, which :func:`lift` may have put among `texts`.

    Raises
    ------
    MalformedError
        As :func:`~.elements.from_json` does.
    """
    if type(data) is int and 0 <= data < len(texts):
        return lifted_array(name, texts[data], dtype, shape)
    return from_json(name, data, dtype, shape)


def lifted_array(name: str, text: memoryview, dtype: np.dtype[Any], shape: object) -> NDArray[Any]:
    """Return the array whose elements, flat or nested, are in the text of a JSON list.

    Raises
    ------
    MalformedError
        As :func:`~.elements.from_json` does.
    """
    size = checked_shape(name, shape)
    content = bytes(text)
    count = content.count(b",") + 1
    if count != math.prod(size) or not _regular(content, size):
        raise MalformedError(f"the data of '{name}' are not {dtype.name} {list(size)}")
    array, filled, start = np.empty(count, dtype), 0, 0
    while start < len(content):
        stop = content.find(b",", start + PIECE)
        stop = len(content) if stop < 0 else stop
        piece = from_json_text(name, content[start:stop].translate(_TO_SPACES), dtype)
        array[filled : filled + len(piece)] = piece
        filled, start = filled + len(piece), stop + 1
    return array.reshape(size)


def from_json_text(name: str, text: bytes, dtype: np.dtype[Any]) -> NDArray[Any]:
    """Return the array of numbers with commas between them."""
    try:
        elements = json.loads(b"[%b]" % text)
    except (ValueError, RecursionError) as error:
        raise MalformedError(f"the data of '{name}' are not JSON") from error
    return from_json(name, elements, dtype, [len(elements)])


def _regular(content: bytes, size: tuple[int, ...]) -> bool:
    """Say whether a list's brackets and commas stand as in a flat list, or in one of that size."""
    found = content.translate(None, _OTHERS)
    flat = b"[" + b"," * (math.prod(size) - 1) + b"]"
    return found in (flat, _nested(size))


def _nested(size: tuple[int, ...]) -> bytes:
    """Return the brackets and commas of a nested list.

    >>> _nested((2, 3))
    b'[[,,],[,,]]'
    """
    inner = b""
    for dim in reversed(size):
        inner = b"[" + inner + (b"," + inner) * (dim - 1) + b"]"
    return inner
