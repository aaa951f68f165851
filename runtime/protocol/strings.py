"""Strings as the protocol's BYTES: each with its length before it.

Source: the binary tensor data extension; a length has four bytes, little-endian.
"""

import math
import struct
from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .datatypes import BYTES, MalformedError

_LENGTH = struct.Struct("<I")


def texts_of(elements: Iterable[object]) -> list[str]:
    """Return strings as text; bytes are UTF-8, as ONNX has it."""
    return [each.decode() if isinstance(each, bytes) else str(each) for each in elements]


def join_strings(elements: Iterable[object]) -> bytes:
    """Return strings one after the other, each behind its length."""
    contents = (each if isinstance(each, bytes) else str(each).encode() for each in elements)
    return b"".join(_LENGTH.pack(len(content)) + content for content in contents)


def split_strings(name: str, content: bytes, size: tuple[int, ...]) -> NDArray[Any]:
    """Return the array of strings that `join_strings` joined.

    Raises
    ------
    MalformedError
        Their number or a length contradicts the bytes, or they are not UTF-8.
    """
    count = math.prod(size)
    if len(content) < count * _LENGTH.size:
        raise MalformedError(
            f"'{name}' should have {count} strings, and has {len(content)} bytes in all"
        )
    try:
        texts = list(_split(content))
    except (struct.error, UnicodeDecodeError) as error:
        raise MalformedError(f"the strings of '{name}' are cut off or not UTF-8") from error
    return text_array(name, texts, size)


def text_array(name: str, texts: list[str], size: tuple[int, ...]) -> NDArray[Any]:
    """Return texts as an array of `size`, if there are as many."""
    if len(texts) != math.prod(size):
        raise MalformedError(f"'{name}' {list(size)} has {len(texts)} strings")
    flat = np.empty(len(texts), BYTES)
    flat[:] = texts
    return flat.reshape(size)


def _split(content: bytes) -> Iterator[str]:
    at = 0
    while at < len(content):
        (length,) = _LENGTH.unpack_from(content, at)
        at += _LENGTH.size
        if at + length > len(content):
            raise struct.error("a string is longer than what is left")
        yield content[at : at + length].decode()
        at += length
