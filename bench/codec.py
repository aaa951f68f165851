"""Dataclasses to JSON and back, and their JSON Schema: everything is checked once, at the door.

What a field may hold is said by its type: numbers, text, bools, ``None``, ``Literal`` words,
tuples, mappings with text keys, other dataclasses, any of these or None, and numbers with a
:class:`Least`. Numbers are finite; whole ones fit 64 bits. A field with a default may be missing.
"""

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import MISSING, dataclass, fields, is_dataclass
from functools import cache
from types import NoneType, UnionType
from typing import (
    Annotated,
    Any,
    Literal,
    TypeVar,
    Union,
    cast,
    get_args,
    get_origin,
    get_type_hints,
)

LARGEST = 2**63 - 1
WIDEST = 1e100
"""No measured number is larger, and nothing that is computed from smaller ones overflows."""
LONGEST_PLACE = 1000
"""Characters of a place's name; only what is nested without end has a longer one."""
Decoded = TypeVar("Decoded")


@dataclass(frozen=True)
class Least:
    """The smallest number that a field may hold, or the one that it must pass."""

    value: float
    exclusive: bool = False


class DecodeError(ValueError):
    """A value that is not what its place needs: ``rows[3].median_s: 'x' is no number``."""


def encode(value: Any) -> Any:
    """Return a dataclass, or what is made of them, as JSON can hold it.

    >>> encode((Least(1.0), None))
    [{'value': 1.0, 'exclusive': False}, None]
    """
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: encode(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, Mapping):
        return {str(key): encode(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [encode(item) for item in value]
    return value


def decode(kind: type[Decoded], value: Any, place: str = "") -> Decoded:
    """Return what `encode` was called on, an instance of `kind`.

    Raises
    ------
    DecodeError
        A part of `value` is missing or is not what its type says; `place` begins its name.

    >>> decode(Least, {"value": "much"})
    Traceback (most recent call last):
    onnxwright.bench.codec.DecodeError: value: 'much' is no number
    """
    decoded: Decoded = _decoder(cast(Hashable, kind))(value, place)
    return decoded


Decoder = Callable[[Any, str], Any]


@cache
def _decoder(kind: Hashable) -> Decoder:
    """Return the function that reads a value of a type and its place."""
    origin, arguments = get_origin(kind), get_args(kind)
    if origin is Annotated:
        return _bounded(_decoder(arguments[0]), arguments[1])
    if origin in (Union, UnionType):
        return _either(arguments)
    if origin is Literal:
        return _word(arguments)
    if origin is tuple:
        return _sequence(arguments)
    if origin is not None and issubclass(origin, Mapping):
        return _mapping(arguments[1])
    if isinstance(kind, type) and is_dataclass(kind):
        return _record(kind)
    return PLAIN[kind]


def _text(value: Any, place: str) -> str:
    if not isinstance(value, str):
        raise _wrong(value, place, "no text")
    return value


def _bool(value: Any, place: str) -> bool:
    if not isinstance(value, bool):
        raise _wrong(value, place, "neither true nor false")
    return value


def _whole(value: Any, place: str) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or abs(value) > LARGEST:
        raise _wrong(value, place, "no whole number of 64 bits")
    return value


def _number(value: Any, place: str) -> float:
    plain = isinstance(value, int | float) and not isinstance(value, bool)
    if not plain or not abs(value) <= WIDEST:  # NaN is not at most anything
        raise _wrong(value, place, "no number")
    return float(value) if isinstance(value, float) else int(value)


def _none(value: Any, place: str) -> None:
    if value is not None:
        raise _wrong(value, place, "not null")


PLAIN: dict[Any, Decoder] = {
    str: _text,
    bool: _bool,
    int: _whole,
    float: _number,
    NoneType: _none,
}


def _bounded(inner: Decoder, least: Least) -> Decoder:
    sign = "above" if least.exclusive else "at least"

    def read(value: Any, place: str) -> Any:
        found = inner(value, place)
        if found < least.value or (least.exclusive and found == least.value):
            raise _wrong(value, place, f"not {sign} {least.value:g}")
        return found

    return read


def _either(kinds: Sequence[Any]) -> Decoder:
    """Read a union: of None and one more type, so that its errors name what is wrong inside."""
    (kind,) = (each for each in kinds if each is not NoneType)
    inner = _decoder(kind)
    return lambda value, place: None if value is None else inner(value, place)


def _word(words: Sequence[str]) -> Decoder:
    def read(value: Any, place: str) -> Any:
        if not isinstance(value, str) or value not in words:
            raise _wrong(value, place, f"none of {', '.join(words)}")
        return value

    return read


def _sequence(kinds: Sequence[Any]) -> Decoder:
    if kinds[-1] is Ellipsis:
        inner = _decoder(kinds[0])
        return lambda value, place: tuple(
            inner(item, f"{place}[{index}]") for index, item in enumerate(_items(value, place))
        )
    each = [_decoder(kind) for kind in kinds]

    def read(value: Any, place: str) -> tuple[Any, ...]:
        items = _items(value, place)
        if len(items) != len(each):
            raise _wrong(value, place, f"no list of {len(each)}")
        pairs = zip(each, items, strict=True)
        return tuple(inner(item, f"{place}[{index}]") for index, (inner, item) in enumerate(pairs))

    return read


def _items(value: Any, place: str) -> list[Any]:
    if not isinstance(value, list | tuple):
        raise _wrong(value, place, "no list")
    return list(value)


def _mapping(kind: Any) -> Decoder:
    inner = _decoder(kind)
    return lambda value, place: {
        key: inner(item, f"{place}[{key[:80]!r}]") for key, item in _object(value, place).items()
    }


def _record(kind: type[Any]) -> Decoder:
    needed = {
        field.name
        for field in fields(kind)
        if field.default is MISSING and field.default_factory is MISSING
    }

    def read(value: Any, place: str) -> Any:
        given, readers = _object(value, place), _readers(cast(Hashable, kind))
        missing = sorted(needed - given.keys())
        if missing:
            raise DecodeError(f"{_inside(place, missing[0])} is missing")
        return kind(
            **{
                name: reader(given[name], _inside(place, name))
                for name, reader in readers.items()
                if name in given
            }
        )

    return read


@cache
def _readers(kind: Hashable) -> dict[str, Decoder]:
    """Return what reads each field: made when it is first needed, since a type can hold itself."""
    hints = get_type_hints(kind, include_extras=True)
    return {field.name: _decoder(hints[field.name]) for field in fields(cast(Any, kind))}


def _object(value: Any, place: str) -> Mapping[str, Any]:
    if not isinstance(value, Mapping) or not all(isinstance(key, str) for key in value):
        raise _wrong(value, place, "no object")
    return value


def _inside(place: str, name: str) -> str:
    if len(place) > LONGEST_PLACE:
        raise DecodeError(f"{place[:60]}... is nested too deep")
    return f"{place}.{name}" if place else name


def _wrong(value: Any, place: str, problem: str) -> DecodeError:
    shown = repr(value)[:60] if isinstance(value, str | int | float | bool | None) else "it"
    return DecodeError(f"{place or 'the document'}: {shown} is {problem}")
