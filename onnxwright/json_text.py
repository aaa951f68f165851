"""JSON that nobody vouches for: read within bounds, by one rule for files, models and messages."""

import json
import re
from typing import Any, NoReturn

LARGEST = 1 << 26
"""Bytes of a text, where its reader sets no bound of its own."""
MOST_PARTS = 1 << 20
"""Lists and objects of a text: each takes 60 bytes and more, and two in the text."""
DEEPEST = 100
"""Lists and objects inside one another, whatever the interpreter's own limit is."""
_TEXT = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"', re.DOTALL)
_OTHERS = bytes(set(range(256)) - set(b"[]{}"))


class JSONError(ValueError):
    """A text is no JSON, or more than its reader takes; the text of the error says which."""


def read_json(
    content: bytes | str,
    *,
    largest: int = LARGEST,
    most_parts: int = MOST_PARTS,
    unique: bool = False,
    constants: bool = False,
) -> Any:
    """Return what a JSON text says.

    With `unique`, an object that has a name twice is refused; otherwise the last one counts. With
    `constants`, NaN and Infinity are taken, which are no JSON, but what some servers answer.

    Raises
    ------
    JSONError
        It is no JSON, has a whole number of thousands of digits, or is larger, nested deeper or in
        more parts than it may be.

    Examples
    --------
    >>> read_json(b'{"a": [1, 2.5]}')
    {'a': [1, 2.5]}
    """
    raw = content.encode(errors="surrogatepass") if isinstance(content, str) else content
    if len(raw) > largest:
        raise JSONError(f"it has {len(raw)} bytes, more than {largest}")
    _check_parts(raw, most_parts)
    pairs = _without_duplicates if unique else None
    try:
        text = content if isinstance(content, str) else content.decode("utf-8-sig")
        refuse = None if constants else _refuse_constant
        return json.loads(text, parse_constant=refuse, object_pairs_hook=pairs)
    except (ValueError, RecursionError) as error:
        raise JSONError(str(error)[:200]) from error


def parts_beyond(text: bytes, most: int) -> bool:
    """Say whether a JSON text has more than `most` lists and objects.

    >>> parts_beyond(b'[[], "[[["]', 2), parts_beyond(b"[[], []]", 2)
    (False, True)
    """
    return _opened(text) > most and _opened(_brackets(text)) > most


def _check_parts(text: bytes, most: int) -> None:
    """Refuse what is too scattered or too deep, before anything is made of it."""
    if _opened(text) <= DEEPEST:
        return
    left = _brackets(text)
    if _opened(left) > most:
        raise JSONError(f"it has more than {most} lists and objects")
    for _ in range(DEEPEST):  # each time the innermost go
        left = left.replace(b"[]", b"").replace(b"{}", b"")
    if _opened(left) > 0:
        raise JSONError(f"it is nested deeper than {DEEPEST} levels, or not closed")


def _opened(text: bytes) -> int:
    return text.count(b"[") + text.count(b"{")


def _brackets(text: bytes) -> bytes:
    """Return what opens and closes lists and objects, without what stands in texts."""
    return _TEXT.sub(b"", text).translate(None, _OTHERS)


def _refuse_constant(text: str) -> NoReturn:
    raise ValueError(f"it holds {text}, which JSON does not have")


def _without_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len({key for key, _ in pairs}) != len(pairs):
        raise ValueError("a name stands twice")
    return dict(pairs)
