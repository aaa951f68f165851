"""Mutations of bytes, of protobuf fields, and of feeds; all from one random generator."""

import random
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import onnx

from .seeds import Feeds

_INTEGERS = (
    -1,
    0,
    1,
    2,
    3,
    7,
    64,
    255,
    2**16,
    2**23,
    2**28,
    2**31 - 1,
    -(2**31),
    2**32,
    2**40,
    2**62,
)
_EXTREMES = (*_INTEGERS, 2**63 - 1, -(2**63))
_FLOATS = (0.0, -0.0, 1.0, -1.0, 1e-45, 3e38, float("inf"), float("-inf"), float("nan"))
_TEXTS = ("", "x", "y", "a", "\0", "é", "n" * 300, "../x", "NOTSET", "ai.onnx.ml", "%d{}")


def mutate_bytes(rng: random.Random, content: bytes, other: bytes) -> bytes:
    """Return `content` with one to eight edits: flips, cuts, repeats, runs, pieces of `other`."""
    data = bytearray(content)
    for _ in range(rng.randint(1, 8)):
        place = rng.randrange(len(data) + 1)
        length = rng.choice((1, 1, 2, 4, 8, 32))
        kind = rng.randrange(7)
        if kind == 0 and data:
            data[place % len(data)] ^= 1 << rng.randrange(8)
        elif kind == 1:
            del data[place : place + length]
        elif kind == 2:
            data[place:place] = data[place : place + length]
        elif kind == 3:
            data[place : place + length] = rng.choice((b"\xff", b"\x00", b"\x7f")) * length
        elif kind == 4:
            data[place:place] = rng.randbytes(length)
        elif kind == 5 and rng.random() < 0.2:
            del data[place:]
        else:
            start = rng.randrange(len(other) + 1)
            data[place : place + length] = other[start : start + length]
    return bytes(data)


def mutate_model(rng: random.Random, model: onnx.ModelProto, other: onnx.ModelProto) -> bytes:
    """Return a copy's bytes after one to four edits of fields that keep it a valid protobuf."""
    copy = onnx.ModelProto()
    copy.CopyFrom(model)
    for _ in range(rng.choice((1, 1, 2, 4))):
        messages = list(_messages(copy))
        donors = messages if rng.random() < 0.8 else list(_messages(other))
        message = rng.choice(messages)
        fields = [d for d in message.DESCRIPTOR.fields if rng.random() < 0.1 or _is_set(message, d)]
        if fields:
            _edit(rng, message, rng.choice(fields), donors)
    content: bytes = copy.SerializeToString()
    return content


def _messages(root: Any) -> Iterator[Any]:
    """Yield `root` and every message inside it."""
    stack = [root]
    while stack:
        message = stack.pop()
        yield message
        for field, value in message.ListFields():
            if field.message_type is not None:
                stack.extend(value if _is_repeated(field) else [value])


def _is_repeated(field: Any) -> bool:
    repeated: bool = field.is_repeated if hasattr(field, "is_repeated") else field.label == 3
    return repeated


def _is_set(message: Any, field: Any) -> bool:
    return any(found.name == field.name for found, _ in message.ListFields())


def _edit(rng: random.Random, message: Any, field: Any, donors: list[Any]) -> None:
    if field.message_type is not None:
        same = [donor for donor in donors if donor.DESCRIPTOR is field.message_type]
        donor = type(message)() if not same else None
        if donor is None:
            donor = type(same[0])()
            donor.CopyFrom(rng.choice(same))
            _edit_message(rng, message, field, donor)
    elif _is_repeated(field):
        _edit_list(rng, getattr(message, field.name), lambda: _scalar(rng, field, donors))
    elif rng.random() < 0.2:
        message.ClearField(field.name)
    else:
        setattr(message, field.name, _scalar(rng, field, donors))


def _edit_message(rng: random.Random, message: Any, field: Any, donor: Any) -> None:
    if not _is_repeated(field):
        if rng.random() < 0.3:
            message.ClearField(field.name)
        else:
            getattr(message, field.name).CopyFrom(donor)
        return
    items = getattr(message, field.name)
    if items and rng.random() < 0.5:
        place = rng.randrange(len(items))
        if rng.random() < 0.5:
            del items[place]
        else:
            items[place].CopyFrom(donor)
    else:
        items.append(donor)


def _edit_list(rng: random.Random, items: Any, new: Callable[[], Any]) -> None:
    kind = rng.randrange(4)
    if kind == 0 or not items:
        items.append(new())
    elif kind == 1:
        del items[rng.randrange(len(items))]
    elif kind == 2 and len(items) > 1:
        first, second = rng.sample(range(len(items)), 2)
        items[first], items[second] = items[second], items[first]
    else:
        items[rng.randrange(len(items))] = new()


def _scalar(rng: random.Random, field: Any, donors: list[Any]) -> Any:
    """Return a value for the field: an extreme one, or one that stands elsewhere in a model."""
    kind = field.cpp_type
    if kind == field.CPPTYPE_STRING:
        text = rng.choice((*_TEXTS, *_names(donors)))
        return text.encode() if field.type == field.TYPE_BYTES else text
    if kind in (field.CPPTYPE_FLOAT, field.CPPTYPE_DOUBLE):
        return rng.choice(_FLOATS)
    if kind == field.CPPTYPE_BOOL:
        return rng.random() < 0.5
    if kind == field.CPPTYPE_ENUM:
        return rng.choice(field.enum_type.values).number
    value = rng.choice(_EXTREMES)
    if kind == field.CPPTYPE_UINT64:
        return value % 2**64
    return value if kind == field.CPPTYPE_INT64 else value % 2**31 - rng.randrange(2) * 2**31


def _names(donors: list[Any]) -> list[str]:
    """Return names of values, operators and attributes in the donors, a few of them."""
    names: list[str] = []
    for donor in donors:
        if isinstance(donor, onnx.NodeProto):
            names += [
                *donor.input,
                *donor.output,
                donor.op_type,
                *(a.name for a in donor.attribute),
            ]
    return names


def mutate_feeds(rng: random.Random, feeds: Feeds) -> Feeds:
    """Return a copy of `feeds` with one array, or the set of names, changed."""
    changed = dict(feeds)
    name = rng.choice(sorted(changed))
    array = changed[name]
    kind = rng.randrange(8)
    if kind == 0:
        del changed[name]
    elif kind == 1:
        changed["extra"] = array
    elif kind == 2:
        shape = [rng.choice((0, 1, 2, 5)) for _ in range(rng.randint(0, 5))]
        changed[name] = np.resize(array, shape) if array.size else np.zeros(shape, array.dtype)
    elif kind == 3:
        types = ("f2", "f4", "f8", "i1", "i8", "u8", "?", "O", "U3", "M8[s]", "c8")
        with np.errstate(all="ignore"):
            changed[name] = np.zeros(array.shape, rng.choice(types))
    elif kind == 4 and array.dtype.kind in "iu":
        info = np.iinfo(array.dtype)
        value = min(max(rng.choice(_EXTREMES), int(info.min)), int(info.max))
        changed[name] = np.full_like(array, value)
    elif kind == 5 and array.dtype.kind == "f":
        changed[name] = np.full_like(array, rng.choice((np.nan, np.inf, -np.inf, 6e4)))
    elif kind == 6:
        changed[name] = np.asfortranarray(array)[..., ::-1] if array.ndim else array
    else:
        # What a caller may pass by mistake; the types say that it is an array.
        mistake: Any = rng.choice((None, array.tolist(), "text", array.dtype, 3))
        changed[name] = mistake
    return changed
