"""From a network file and arrays to a `Network`."""

import difflib
import os
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from ..errors import SpecError
from ..network import Network
from ..weights.arrays import Array
from ..words import layer_hint
from .calls import Call, parameters
from .layers import Scope, add_layer, first_value, layer_kinds
from .marks import check_marks
from .source import Source, read_source

TABLES = {
    "network": "[network]",
    "inputs": "[inputs]",
    "layer": "[[layer]]",
    "outputs": "[outputs]",
    "metadata": "[metadata]",
}
"""The tables of a network file, and how each is written."""


def read_network(
    path: str | os.PathLike[str], weights: Mapping[str, Array], **overrides: Any
) -> Network:
    """Return the network that a TOML file describes, with the arrays of `weights`.

    The notation is described in onnxwright/pages/network-file.md.

    Parameters
    ----------
    path
        The network file.
    weights
        The arrays that it names, as from :func:`load_weights`.
    overrides
        Arguments of `Network` (``opset``, ``dtype``, ...) in place of those in the file.

    Raises
    ------
    SpecError
        The file is not well formed, or a layer refuses what it is given; the message begins with
        file and line.
    """
    source = read_source(Path(path))
    _check_tables(source)
    check_marks(source)
    return build_network(source, weights, overrides)


def build_network(
    source: Source, weights: Mapping[str, Array], overrides: Mapping[str, Any]
) -> Network:
    """Return the network that tables describe; see `read_network`."""
    net = _network(source, overrides)
    scope = Scope(weights)
    _add_inputs(net, source, scope)
    _add_layers(net, source, scope)
    _add_outputs(net, source, scope)
    return net


def _check_tables(source: Source) -> None:
    for key, value in source.data.items():
        if key not in TABLES:
            near = difflib.get_close_matches(key, TABLES, n=1)
            raise source.error(
                (key,),
                f"'{key}' is not known here",
                f"did you mean {TABLES[near[0]]}?" if near else f"known: {', '.join(TABLES)}",
            )
        tables = value if key == "layer" else [value]
        if not isinstance(tables, list) or not all(isinstance(one, dict) for one in tables):
            raise source.error((key,), f"'{key}' is {value!r}", f"write {TABLES[key]}")
    for key in ("inputs", "layer", "outputs"):
        if not source.data.get(key):
            raise SpecError(
                f"{source.path}: there is no {TABLES[key]}",
                "add it; see onnxwright/pages/network-file.md",
            )


def _network(source: Source, overrides: Mapping[str, Any]) -> Network:
    table = {"name": source.path.stem, **source.data.get("network", {})}
    call = Call(source, ("network",), "network", table)
    accepted = parameters(Network)
    call.check_keys([p.name for p in accepted])
    arguments = {p.name: call.literal(p) for p in accepted if p.name in table}
    net: Network = call.run(Network, **{**arguments, **overrides})
    for key, value in source.data.get("metadata", {}).items():
        if not isinstance(value, str):
            place = ("metadata", key)
            raise source.error(place, f"metadata '{key}' is {value!r}, needs text", "quote it")
        net.metadata[key] = value
    return net


def _add_inputs(net: Network, source: Source, scope: Scope) -> None:
    for name, value in source.data["inputs"].items():
        table = value if isinstance(value, dict) else {"dims": value}
        call = Call(source, ("inputs", name), f"input '{name}'", table)
        accepted = [p for p in parameters(Network.input) if p.name != "name"]
        call.check_keys([p.name for p in accepted])
        if "dims" not in table:
            raise call.error("dims", "is missing", 'write dims = "batch time 40"')
        arguments = {p.name: call.literal(p) for p in accepted if p.name in table}
        scope.results[name] = call.run(net.input, name, **arguments)
    scope.latest = next(iter(scope.results.values()), None)


def _add_layers(net: Network, source: Source, scope: Scope) -> None:
    kinds = layer_kinds()
    for number, table in enumerate(source.data["layer"]):
        name = table.get("name")
        label = f"layer '{name}'" if isinstance(name, str) else f"layer {number + 1}"
        call = Call(source, ("layer", number), label, table)
        if name is not None:
            _check_name(call, name, scope)
        scope.latest = add_layer(net, call, _kind(call, kinds), scope)
        if name is not None:
            scope.results[name] = scope.latest


def _check_name(call: Call, name: Any, scope: Scope) -> None:
    if not isinstance(name, str):
        raise call.error("name", f"is {name!r}, needs text", 'write name = "encoder"')
    if name in scope.results:
        raise call.error("name", f"{name!r} is taken", "give each input and layer its own name")


def _kind(call: Call, kinds: Mapping[str, Callable[..., Any]]) -> Callable[..., Any]:
    kind = call.table.get("kind")
    if isinstance(kind, str) and kind in kinds:
        return kinds[kind]
    raise call.error(
        "kind",
        f"is {kind!r}, not a kind of layer" if "kind" in call.table else "is missing",
        layer_hint(str(kind), list(kinds)) or f"kinds: {', '.join(kinds)}",
    )


def _add_outputs(net: Network, source: Source, scope: Scope) -> None:
    for name, value in source.data["outputs"].items():
        table = value if isinstance(value, dict) else {"value": value}
        call = Call(source, ("outputs", name), f"output '{name}'", table)
        accepted = [p for p in parameters(Network.output) if p.name != "name"]
        call.check_keys([p.name for p in accepted])
        at = call if isinstance(value, dict) else replace(call, place=("outputs",))
        result = scope.resolve(at, "value" if at is call else name, table.get("value"))
        dims = {p.name: call.literal(p) for p in accepted if p.name in table and p.name != "value"}
        call.run(net.output, name, first_value(result), **dims)
