"""Calling a function with the keys of a TOML table as its arguments, checked one by one."""

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from ..errors import GraphError, SpecError
from ..words import argument_hint
from .hints import describe, fits
from .source import Place, Source

INPUTS = inspect.Parameter.VAR_POSITIONAL
ATTRIBUTES = inspect.Parameter.VAR_KEYWORD
VARIADIC = (INPUTS, ATTRIBUTES)


@dataclass(frozen=True)
class Parameter:
    """One argument of a function: its name, its type, and how it is given."""

    name: str
    hint: Any
    form: inspect._ParameterKind
    required: bool


@cache
def parameters(function: Callable[..., Any]) -> tuple[Parameter, ...]:
    """Return a function's arguments, without ``self``; they are the keys of its table."""
    return tuple(
        Parameter(name, p.annotation, p.kind, p.default is p.empty and p.kind not in VARIADIC)
        for name, p in inspect.signature(function, eval_str=True).parameters.items()
        if name != "self"
    )


@dataclass(frozen=True)
class Call:
    """A table that calls a function: where it stands, and what errors call it."""

    source: Source
    place: Place
    label: str
    table: Mapping[str, Any]
    skipped: frozenset[str] = frozenset()
    """Keys that are not arguments: the choice of the function itself, for example."""

    def error(self, key: str, problem: str, remedy: str) -> SpecError:
        """Return the error for what is wrong with `key`."""
        return self.source.error(
            (*self.place, key), f"{self.label}, key '{key}': {problem}", remedy
        )

    def check_keys(self, known: list[str]) -> None:
        """Raise for the first key that is not one of `known`, and name those that come near."""
        for key in self.table:
            if key not in known and key not in self.skipped:
                hint = argument_hint(key, known)
                told = "" if hint is None else f"{hint}{'' if hint.endswith('?') else ';'} "
                raise self.error(key, "is not known here", f"{told}known: {', '.join(known)}")

    def literal(self, parameter: Parameter) -> Any:
        """Return a plain value, checked against the argument's type."""
        value = self.table[parameter.name]
        if not fits(value, parameter.hint):
            raise self.error(
                parameter.name,
                f"is {value!r}, needs {describe(parameter.hint)}",
                "see the layer's own description for its meaning",
            )
        return value

    def run(self, function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        """Call `function`; its errors point at this table, or at the key whose text they quote."""
        try:
            return function(*args, **kwargs)
        except SpecError:
            raise
        except GraphError as error:
            quoted = [
                key
                for key, value in self.table.items()
                if isinstance(value, str) and f"'{value}'" in error.problem and key != "name"
            ]
            place = (*self.place, *quoted[:1])
            raise self.source.wrapped(place, error, self.label) from error
