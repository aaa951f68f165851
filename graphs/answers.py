"""Answering a word of another program with the name that it has here."""

import functools
import inspect
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from .errors import GraphError, UnknownNameError
from .words import argument_hint, layer_hint

Kind = TypeVar("Kind")
SAME = {"same": "same", "valid": 0}
"""What ``padding`` may say of the pads where it cannot be misread."""


def answering(kind: type[Kind]) -> type[Kind]:
    """Make every layer of a class name the argument that was meant where it is given another one.

    A layer is a method that takes a keyword ``name``. `Network.lstm` called with ``hidden_size``
    raises a `GraphError` that says where the size comes from, in place of Python's `TypeError`.
    """
    for name, method in inspect.getmembers(kind, inspect.isfunction):
        parameters = inspect.signature(method).parameters
        named = parameters.get("name")
        free = any(p.kind is inspect.Parameter.VAR_KEYWORD for p in parameters.values())
        if named is None or named.kind is not inspect.Parameter.KEYWORD_ONLY or free:
            continue
        setattr(kind, name, _answering(name, method, list(parameters)[1:]))
    return kind


def _answering(name: str, method: Callable[..., Any], accepted: list[str]) -> Callable[..., Any]:
    known = frozenset(accepted)
    parameters = inspect.signature(method).parameters.values()
    variadic = any(p.kind is inspect.Parameter.VAR_POSITIONAL for p in parameters)
    most = sum(p.kind is inspect.Parameter.POSITIONAL_OR_KEYWORD for p in parameters) - 1

    @functools.wraps(method)
    def call(self: Any, *args: Any, **kwargs: Any) -> Any:
        if len(args) > most and not variadic:
            raise GraphError(
                f"{name}: {len(args)} arguments are given by place, needs at most {most}: "
                f"{', '.join(accepted[:most])}",
                f"several numbers are one list; known: {', '.join(accepted)}",
            )
        if not kwargs.keys() <= known:
            kwargs = translate(kwargs, accepted)
            for key in kwargs.keys() - known:
                raise GraphError(
                    f"{name}: has no argument '{key}'", unknown_argument(key, accepted)
                )
        return method(self, *args, **kwargs)

    return call


def translate(arguments: Mapping[str, Any], accepted: list[str]) -> dict[str, Any]:
    """Return the arguments with ``padding="same"`` as pads, where the layer has pads.

    >>> translate({"padding": "same"}, ["pads"]), translate({"padding": 1}, ["pads"])
    ({'pads': 'same'}, {'padding': 1})
    """
    given = dict(arguments)
    word = given.get("padding")
    if isinstance(word, str) and word in SAME and "pads" in accepted and "pads" not in given:
        del given["padding"]
        given["pads"] = SAME[word]
    return given


def unknown_argument(key: str, accepted: list[str]) -> str:
    """Return what to write in the place of an argument."""
    hint = argument_hint(key, accepted)
    return f"{hint}; known: {', '.join(accepted)}" if hint else f"known: {', '.join(accepted)}"


def unknown_layer(network: str, word: str, known: list[str]) -> UnknownNameError:
    """Return the error for a layer that a network does not have."""
    hint = layer_hint(word, known)
    return UnknownNameError(
        f"network '{network}' has no layer and no method '{word}'",
        hint or f"layers: {', '.join(known)}; any operator of ONNX by op(...)",
    )
