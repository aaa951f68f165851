"""Noting every call of a layer, so that a model can tell the network that it was made from."""

import functools
import inspect
from collections.abc import Callable
from typing import Any, TypeVar

from .builder.recorder import Recorder

Kind = TypeVar("Kind")
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
    signature = inspect.signature(method)

    @functools.wraps(method)
    def call(self: Any, *args: Any, **kwargs: Any) -> Any:
        recorder: Recorder = self.recorder
        if recorder.calling:
            return method(self, *args, **kwargs)
        with recorder.call():
            result = method(self, *args, **kwargs)
        arguments = signature.bind(self, *args, **kwargs).arguments
        given = {
            key: value
            for key, value in arguments.items()
            if key not in ("self", "name") and not _is_default(signature.parameters[key], value)
        }
        recorder.layer(kind, given, result)
        return result

    return call


def _is_default(parameter: inspect.Parameter, value: Any) -> bool:
    default = parameter.default
    return value is default or (type(value) is type(default) and bool(value == default))
