"""Protobuf's text format, as far as model configurations need it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

Plain = str | int | bool | Sequence[int]


@dataclass(frozen=True)
class Word:
    """A name that stands without quotes: of an enumeration's values."""

    text: str


@dataclass(frozen=True)
class Block:
    """A message: its fields in order; a field may come again."""

    fields: "Sequence[Field]"


Field = tuple[str, Plain | Word | Block]
"""A field's name and value."""


def written(block: Block, indent: str = "") -> str:
    r"""Return the text of a message's fields, a line each.

    >>> print(written(Block([("name", 'x"y'), ("dims", [-1, 4]), ("control", Block([]))])), end="")
    name: "x\"y"
    dims: [ -1, 4 ]
    control {
    }
    """
    return "".join(f"{indent}{line}\n" for line in _lines(block))


def _lines(block: Block) -> Iterator[str]:
    for name, value in block.fields:
        if isinstance(value, Block):
            yield f"{name} {{"
            yield from (f"  {line}" for line in _lines(value))
            yield "}"
        else:
            yield f"{name}: {_value(value)}"


def _value(value: Plain | Word) -> str:
    if isinstance(value, Word):
        return value.text
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return quoted(value)
    if isinstance(value, int):
        return str(value)
    return f"[ {', '.join(map(str, value))} ]" if value else "[ ]"


def quoted(text: str) -> str:
    r"""Return a string literal; what is not printable ASCII stands as octal bytes of UTF-8.

    >>> quoted("a\\b"), quoted("é")
    ('"a\\\\b"', '"\\303\\251"')
    """
    parts = []
    for byte in text.encode():
        plain = 32 <= byte < 127
        parts.append(chr(byte) if plain and byte not in b'"\\' else f"\\{byte:03o}")
    return '"' + "".join(parts).replace("\\042", '\\"').replace("\\134", "\\\\") + '"'
