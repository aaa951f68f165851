"""What an argument's type says about the TOML value that it takes."""

import types
from collections.abc import Mapping, Sequence
from typing import Any, Literal, Union, get_args, get_origin

from ..values import Value
from ..weights.arrays import Array, ArrayLike
from ..weights.base import Weights
from ..weights.gates import PerGate
from ..weights.layout import Layout

WORDS = {str: "text", int: "an integer", float: "a number", bool: "true or false"}


def choices(hint: Any) -> tuple[Any, ...]:
    """Return the members of a union, or the type itself."""
    return get_args(hint) if get_origin(hint) in (Union, types.UnionType) else (hint,)


def takes_values(hint: Any) -> bool:
    """Say whether the argument is a value of the network, or several of them."""
    return any(one is Value or _is_sequence_of(one, Value) for one in choices(hint))


def takes_array(hint: Any) -> bool:
    """Say whether the argument is an array of the weights file."""
    return ArrayLike in choices(hint) or Array in choices(hint)


def takes_operand(hint: Any) -> bool:
    """Say whether the argument is a value, or an array or a number in its place."""
    return Value in choices(hint) and Array in choices(hint)


def takes_arrays(hint: Any) -> bool:
    """Say whether the argument is a list of arrays of the weights file."""
    return any(_is_sequence_of(one, Array) for one in choices(hint))


def takes_all_arrays(hint: Any) -> bool:
    """Say whether the argument is the whole weights file: a state to look names up in."""
    return get_origin(hint) is Mapping


def takes_array_table(hint: Any) -> bool:
    """Say whether the argument is arrays of the weights file by gate."""
    return PerGate in choices(hint)


def takes_layout(hint: Any) -> bool:
    """Say whether the argument is a declared layout."""
    return Layout in choices(hint)


def container(hint: Any) -> type[Weights] | None:
    """Return the kind of weights that the argument is, if it is one."""
    for one in choices(hint):
        if isinstance(one, type) and issubclass(one, Weights):
            return one
    return None


def fits(value: Any, hint: Any) -> bool:
    """Say whether a TOML value is of the type `hint`."""
    if get_origin(hint) in (Union, types.UnionType):
        return any(fits(value, one) for one in get_args(hint))
    if get_origin(hint) is Literal:
        return any(type(value) is type(one) and value == one for one in get_args(hint))
    if get_origin(hint) is Sequence:
        return isinstance(value, list) and all(fits(item, get_args(hint)[0]) for item in value)
    if get_origin(hint) is Mapping:
        return isinstance(value, dict) and all(fits(v, get_args(hint)[1]) for v in value.values())
    if hint is float:
        return isinstance(value, int | float) and not isinstance(value, bool)
    if hint is int:
        return isinstance(value, int) and not isinstance(value, bool)
    return hint is Any or (isinstance(hint, type) and isinstance(value, hint))


def describe(hint: Any) -> str:
    """Say in words what `fits` accepts.

    >>> describe(int | Sequence[int] | None), describe(Literal["before", "after"])
    ('an integer, or a list of an integer', "'before' or 'after'")
    """
    if get_origin(hint) is Literal:
        return " or ".join(repr(one) for one in get_args(hint))
    if get_origin(hint) is Sequence:
        return f"a list of {describe(get_args(hint)[0])}"
    if get_origin(hint) is Mapping:
        return f"a table of {describe(get_args(hint)[1])}"
    members = [one for one in choices(hint) if one is not type(None)]
    if len(members) > 1 or members[0] is not hint:
        return ", or ".join(describe(one) for one in members)
    return WORDS.get(members[0], getattr(members[0], "__name__", str(members[0])))


def _is_sequence_of(hint: Any, item: Any) -> bool:
    return get_origin(hint) is Sequence and get_args(hint) == (item,)
