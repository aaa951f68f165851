"""Noting every call of a layer, so that a model can tell the network that it was made from."""

import functools
import inspect
from collections.abc import Callable
from typing import Any, TypeVar

from .builder.recorder import Recorder

Kind = TypeVar("Kind")
NONE = inspect.Parameter.empty
VARIADIC = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)
AS_OPERATORS = frozenset({"conv_as_dense"})
"""Layers whose arguments are not in the model: they are told as the operators that they become."""


def recording(kind: type[Kind]) -> type[Kind]:
    """Make every layer of a class note that it was called, with what and what it gave.

    A layer that another one calls is a part of that one.
    """
    for name, method in inspect.getmembers(kind, inspect.isfunction):
        named = inspect.signature(method).parameters.get("name")
        if named is None or named.kind is not inspect.Parameter.KEYWORD_ONLY:
            continue
        if name not in AS_OPERATORS:
            setattr(kind, name, _recorded(name, method))
    return kind


def _recorded(kind: str, method: Callable[..., Any]) -> Callable[..., Any]:
    parameters = list(inspect.signature(method).parameters.values())[1:]
    named = {one.name: one for one in parameters if one.kind not in VARIADIC}
    by_place = [
        one.name for one in parameters if one.kind is inspect.Parameter.POSITIONAL_OR_KEYWORD
    ]
    rest = next((one.name for one in parameters if one.kind is VARIADIC[0]), "")

    @functools.wraps(method)
    def call(self: Any, *args: Any, **kwargs: Any) -> Any:
        recorder: Recorder = self.recorder
        if recorder.calling:
            return method(self, *args, **kwargs)
        recorder.begin()
        try:
            result = method(self, *args, **kwargs)
        finally:
            recorder.calling = False
        given = dict(zip(by_place, args, strict=False))
        if len(args) > len(by_place):
            given[rest] = args[len(by_place) :]
        attributes: dict[str, Any] = {}
        for key, value in kwargs.items():
            (given if key in named else attributes)[key] = value
        given.pop("name", None)
        told = {key: one for key, one in given.items() if not _is_default(named.get(key), one)}
        if attributes:
            told["attributes"] = attributes
        recorder.layer(kind, told, result)
        return result

    return call


def _is_default(parameter: inspect.Parameter | None, value: Any) -> bool:
    default = NONE if parameter is None else parameter.default
    return value is default or (type(value) is type(default) and bool(value == default))
