"""Layers from their tables: a kind is a method of `Network`, its keys are the arguments.

A method that takes a keyword ``name`` and gives a value is a layer; a new one needs nothing here.
"""

import inspect
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, is_dataclass, replace
from typing import Any

import numpy as np

from ..answers import translate
from ..network import Network
from ..values import Value
from ..weights.base import Weights
from .calls import ATTRIBUTES, INPUTS, Call, Parameter, parameters
from .containers import Arrays, make_container, named_array
from .hints import choices, container, fits, takes_array, takes_operand, takes_values


def layer_kinds() -> dict[str, Callable[..., Any]]:
    """Return the methods of `Network` that add a layer, by name.

    >>> {"dense", "lstm", "concat"} <= set(layer_kinds())
    True
    >>> {"input", "output", "build", "emit"} & set(layer_kinds())
    set()
    """
    return {
        name: method
        for name, method in inspect.getmembers(Network, inspect.isfunction)
        if not name.startswith("_") and any(p.name == "name" for p in parameters(method))
        if inspect.signature(method).parameters["name"].kind is inspect.Parameter.KEYWORD_ONLY
    }


Attribute = int | float | str | Sequence[int] | Sequence[float] | Sequence[str]
RESERVED = {"name", "outputs", "op_type", "self", "dims"}
"""Arguments of `Network.op` itself, which no operator has as attributes."""


@dataclass
class Scope:
    """What a table may refer to: the results by name, and the latest one."""

    arrays: Arrays
    results: dict[str, Any] = field(default_factory=dict)
    latest: Any = None

    def resolve(self, call: Call, key: str, text: Any) -> Value:
        """Return the value that ``"name"``, ``"name.field"`` or ``"name.field.0"`` stands for.

        The bare name of a layer with several results stands for the first of them.
        """
        if isinstance(text, str):
            for name in sorted(self.results, key=len, reverse=True):
                if text == name or text.startswith(f"{name}."):
                    return _follow(call, key, text, self.results[name], text[len(name) + 1 :])
        raise call.error(
            key,
            f"there is no input and no layer {text!r} above this one",
            f"defined so far: {', '.join(self.results) or 'nothing'}",
        )

    def has(self, text: str) -> bool:
        """Say whether a text names an input, a layer, or a part of one."""
        return any(text == name or text.startswith(f"{name}.") for name in self.results)

    def previous(self) -> Value:
        """Return the value of the layer before."""
        return first_value(self.latest)


def first_value(result: Any) -> Value:
    """Return the result itself, or the first of several."""
    if isinstance(result, Value):
        return result
    return first_value(next(iter(_parts(result).values())))


def _parts(result: Any) -> dict[str, Any]:
    """Return the named parts of a layer's result; those of a tuple are numbered."""
    if isinstance(result, Value):
        return {}
    if is_dataclass(result):
        return dict(vars(result))
    return {str(number): part for number, part in enumerate(result)}


def _follow(call: Call, key: str, text: str, result: Any, path: str) -> Value:
    for part in path.split(".") if path else []:
        inside = _parts(result)
        if part not in inside:
            raise call.error(
                key,
                f"{text!r} has no part {part!r}",
                f"it has: {', '.join(inside)}" if inside else "it is a single value: use its name",
            )
        result = inside[part]
    return first_value(result)


def add_layer(net: Network, call: Call, method: Callable[..., Any], scope: Scope) -> Any:
    """Add the layer that a table describes, and return its result.

    The first argument, where it is a value, may be left out: it is the layer before.
    """
    accepted = parameters(method)
    names = ["attributes" if p.form is ATTRIBUTES else p.name for p in accepted]
    call = replace(call, table=translate(call.table, names))
    call.check_keys(["kind", *names])
    positional: list[Any] = []
    keywords: dict[str, Any] = {}
    for place, parameter in enumerate(accepted):
        given = parameter.name in call.table
        if parameter.form is ATTRIBUTES:
            keywords |= _attributes(call)
        elif parameter.form is INPUTS:
            positional += _inputs(call, parameter, scope)
        elif given:
            value = _argument(parameter, call, scope)
            if parameter.form is inspect.Parameter.KEYWORD_ONLY:
                keywords[parameter.name] = value
            else:
                positional.append(value)
        elif place == 0 and Value in choices(parameter.hint) and scope.latest is not None:
            positional.append(scope.previous())
        elif parameter.required:
            raise call.error(
                parameter.name,
                "is missing",
                f"a {call.table['kind']} needs it; keys: {', '.join(names)}",
            )
    return call.run(method, net, *positional, **keywords)


def _argument(parameter: Parameter, call: Call, scope: Scope) -> Any:
    value, key = call.table[parameter.name], parameter.name
    if isinstance(value, np.ndarray | Weights):
        return value
    kind = container(parameter.hint)
    if kind is not None and isinstance(value, dict):
        inner = Call(call.source, (*call.place, key), f"{call.label}, {key}", value)
        return make_container(kind, inner, scope.arrays)
    if kind is not None and not fits(value, parameter.hint) and not takes_array(parameter.hint):
        raise call.error(
            key,
            f"is {value!r}, needs a table such as {{from = 'torch', prefix = 'encoder'}}",
            "describe where the arrays come from",
        )
    if takes_operand(parameter.hint):
        if fits(value, float):
            return value
        if isinstance(value, str) and value in scope.arrays and not scope.has(value):
            return scope.arrays[value]
    if takes_values(parameter.hint):
        if isinstance(value, list):
            arrays = takes_array(parameter.hint)
            return [_value(call, key, one, scope, arrays=arrays) for one in value]
        if Value not in choices(parameter.hint):
            raise call.error(key, f"is {value!r}, needs a list of names", 'write ["x", "encoder"]')
        return scope.resolve(call, key, value)
    if takes_array(parameter.hint):
        return named_array(call, key, value, scope.arrays) if isinstance(value, str) else value
    return call.literal(parameter)


def _value(call: Call, key: str, given: Any, scope: Scope, *, arrays: bool) -> Any:
    """Return one of several values, or an array of the weights file where those may stand too."""
    if isinstance(given, np.ndarray):
        return given
    if arrays and isinstance(given, str) and given in scope.arrays and not scope.has(given):
        return scope.arrays[given]
    return scope.resolve(call, key, given)


def _inputs(call: Call, parameter: Parameter, scope: Scope) -> list[Any]:
    """Return an operator's inputs: values, arrays by their names, numbers, None for ``""``.

    Where the key is left out, that is the layer before.
    """
    key = parameter.name
    if key not in call.table and scope.latest is not None:
        return [scope.previous()]
    value = call.table.get(key, [])
    if not isinstance(value, list):
        raise call.error(key, f"is {value!r}, needs a list of names", 'write ["x"]')
    return [_input(call, key, one, scope) for one in value]


def _input(call: Call, key: str, given: Any, scope: Scope) -> Any:
    if isinstance(given, np.ndarray):
        return given
    if given == "" or fits(given, float) or fits(given, Sequence[float]):
        return None if given == "" else given
    if isinstance(given, str) and given in scope.arrays and not scope.has(given):
        return scope.arrays[given]
    return scope.resolve(call, key, given)


def _attributes(call: Call) -> dict[str, Any]:
    value = call.table.get("attributes", {})
    if not isinstance(value, dict) or RESERVED & set(value):
        value = {"": value}
    given = {key: _attribute(one) for key, one in value.items()}
    if any(one is None for one in given.values()):
        raise call.error(
            "attributes",
            f"is {call.table['attributes']!r}, needs a table of numbers, texts, or lists of them",
            "write {axis = 1}, with ONNX's own names; a tensor is {numbers = [0], dtype = 'int64'}",
        )
    return given


def _attribute(given: Any) -> Any:
    """Return an operator's attribute, a tensor as an array; None where it is neither."""
    if fits(given, Attribute):
        return given
    if not isinstance(given, dict) or set(given) != {"numbers", "dtype"}:
        return None
    try:
        array = np.array(given["numbers"], np.dtype(given["dtype"]))
    except (TypeError, ValueError, OverflowError):
        return None
    return array if array.dtype.kind in "biuf" else None
