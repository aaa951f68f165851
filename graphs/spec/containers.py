"""Weight containers from their description: ``weights = {from = "torch", prefix = "encoder"}``."""

import inspect
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from ...texts import nearest
from ..weights.arrays import Array
from ..weights.base import Weights
from ..weights.layout import Layout
from ..weights.portable import PortableWeights
from .calls import Call, Parameter, parameters
from .hints import takes_all_arrays, takes_array, takes_array_table, takes_arrays, takes_layout

OWN_KEYS = frozenset({"from", "finite", "backward"})
Arrays = Mapping[str, Array]


def sources(kind: type[Weights]) -> dict[str, Callable[..., Any]]:
    """Return what ``from`` may be for a container: its constructor, and its ``from_...`` methods.

    >>> from onnxwright.graphs.weights import ConvWeights
    >>> sorted(sources(ConvWeights))
    ['arrays', 'keras', 'layout', 'onnx', 'torch']
    """
    methods = inspect.getmembers(kind, inspect.ismethod)
    found = {name.removeprefix("from_"): m for name, m in methods if name.startswith("from_")}
    return {"arrays": kind, **found}


def make_container(kind: type[Weights], call: Call, arrays: Arrays) -> Weights:
    """Return the container that a table describes.

    Keys: ``from`` names the layout; the others are the arguments of that constructor, arrays by
    their names in the weights file. ``finite = true`` refuses NaN and infinity;
    ``backward = {...}`` holds what differs for the backward direction.
    """
    call = replace(call, skipped=OWN_KEYS)
    backward = call.table.get("backward")
    made: Weights = _make_one(kind, call, arrays)
    if backward is not None:
        if not isinstance(backward, dict) or not issubclass(kind, PortableWeights):
            raise call.error(
                "backward",
                "needs a table, in the weights of a recurrent layer",
                "give there what differs from the forward direction",
            )
        table = {
            key: value for key, value in {**call.table, **backward}.items() if key != "backward"
        }
        other = _make_one(kind, replace(call, table=table), arrays)
        made = call.run(kind.bidirectional, made, other)
    if call.table.get("finite", False) not in (True, False):
        raise call.error("finite", "needs true or false", "true refuses NaN and infinity")
    if call.table.get("finite"):
        call.run(made.require_finite)
    return made


def _make_one(kind: type[Weights], call: Call, arrays: Arrays) -> Any:
    known = sources(kind)
    chosen = call.table.get("from")
    if not isinstance(chosen, str) or chosen not in known:
        raise call.error(
            "from",
            f"is {chosen!r}, needs one of {', '.join(known)}"
            if "from" in call.table
            else "is missing",
            f"say how the weights of {kind.__name__} are laid out: {', '.join(known)}",
        )
    function = known[chosen]
    accepted = parameters(function)
    call.check_keys([p.name for p in accepted if not takes_all_arrays(p.hint)])
    arguments = {}
    for parameter in accepted:
        if takes_all_arrays(parameter.hint):
            arguments[parameter.name] = arrays
        elif parameter.name in call.table:
            arguments[parameter.name] = _argument(parameter, call, arrays)
        elif parameter.required:
            raise call.error(
                parameter.name, "is missing", f"from = '{chosen}' needs {_required(accepted)}"
            )
    return call.run(function, **arguments)


def _required(accepted: tuple[Parameter, ...]) -> str:
    names = [p.name for p in accepted if p.required and not takes_all_arrays(p.hint)]
    return ", ".join(names)


def _argument(parameter: Parameter, call: Call, arrays: Arrays) -> Any:
    value = call.table[parameter.name]
    if takes_array_table(parameter.hint) and isinstance(value, dict):
        inner = replace(call, place=(*call.place, parameter.name), table=value)
        return {gate: named_array(inner, gate, name, arrays) for gate, name in value.items()}
    several = takes_arrays(parameter.hint) and isinstance(value, list)
    if takes_array(parameter.hint) and not several:
        return named_array(call, parameter.name, value, arrays)
    if takes_arrays(parameter.hint):
        if not isinstance(value, list):
            raise call.error(
                parameter.name, f"is {value!r}, needs a list of names", "name the arrays in order"
            )
        return [named_array(call, parameter.name, name, arrays) for name in value]
    if takes_array_table(parameter.hint):
        raise call.error(
            parameter.name,
            f"is {value!r}, needs a table from gates to names of arrays",
            f"write for example {parameter.name} = {{ i = 'w_i', f = 'w_f' }}",
        )
    if takes_layout(parameter.hint) and isinstance(value, dict):
        inner = Call(call.source, (*call.place, parameter.name), f"{call.label} layout", value)
        accepted = parameters(Layout)
        inner.check_keys([p.name for p in accepted])
        return inner.run(Layout, **{p.name: inner.literal(p) for p in accepted if p.name in value})
    return call.literal(parameter)


def named_array(call: Call, key: str, name: Any, arrays: Arrays) -> Array:
    """Return an array of the weights file by its name.

    Raises
    ------
    SpecError
        There is none of this name; those that come near are listed.
    """
    if isinstance(name, str) and name in arrays:
        return arrays[name]
    near = nearest(str(name), list(arrays))
    raise call.error(
        key,
        f"there is no array {name!r} in the weights",
        f"near it: {', '.join(near)}" if near else "no weights were given (--weights)",
    )
