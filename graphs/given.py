"""Checks of the plain arguments that layers take: texts, choices, flags, numbers, sequences."""

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from .errors import GraphError

LARGEST = 2**31 - 1
"""No size, axis or stride is larger: beyond it engines count in 32 bits and overflow."""


def text(given: Any, what: str) -> str:
    """Return a text that ONNX can hold: any `str` that UTF-8 can write.

    Raises
    ------
    GraphError
        It is something else.
    """
    if not isinstance(given, str):
        raise GraphError(f"{what} is {shown(given)}, needs a text", "write it in quotes")
    if not writable(given):
        raise GraphError(
            f"{what} is {shown(given)}, which UTF-8 cannot write", "leave out lone surrogates"
        )
    return given


def writable(given: str) -> bool:
    """Say whether UTF-8, in which ONNX keeps texts, can write it: there is no lone surrogate."""
    return not any("\ud800" <= letter <= "\udfff" for letter in given)


def choice(given: Any, options: Iterable[str], what: str) -> str:
    """Return a text that is one of `options`.

    Raises
    ------
    GraphError
        It is something else.
    """
    known = list(options)
    if not isinstance(given, str) or given not in known:
        raise GraphError(
            f"{what} is {shown(given)}, which is not known", f"use one of {', '.join(known)}"
        )
    return given


def flag(given: Any, what: str) -> bool:
    """Return a bool.

    Raises
    ------
    GraphError
        It is something else; 0 and 1 are taken.
    """
    if not isinstance(given, bool | int | np.bool_) or given not in (0, 1):
        raise GraphError(f"{what} is {shown(given)}", "give True or False")
    return bool(given)


def whole(given: Any, what: str) -> int:
    """Return a whole number that fits into 32 bits.

    Raises
    ------
    GraphError
        It is something else.
    """
    number = isinstance(given, int | np.integer) and not isinstance(given, bool)
    if not number or abs(int(given)) > LARGEST:
        raise GraphError(
            f"{what} is {shown(given)}, needs a whole number of at most {LARGEST}",
            "check the order of the arguments",
        )
    return int(given)


def several(given: Any, what: str) -> list[Any]:
    """Return the items of a sequence or a one-dimensional array.

    Raises
    ------
    GraphError
        It is something else, a text for example.
    """
    listed = isinstance(given, Sequence) and not isinstance(given, str | bytes)
    if not listed and not (isinstance(given, np.ndarray) and given.ndim == 1):
        raise GraphError(f"{what} is {shown(given)}, needs a list", "give a list, as in [1, 2]")
    return list(given)


def shown(given: Any) -> str:
    """Return what an error shows of an argument: a few dozen characters of it at most.

    >>> shown([1, "a"])
    "[1, 'a']"
    """
    try:
        told = repr(given)
    except (ValueError, RecursionError):  # an int of thousands of digits, lists inside themselves
        told = f"an {type(given).__name__}, too long to show"
    return told if len(told) <= 60 else f"{told[:56]} ..."
