"""A network file as text, from tables that hold arrays and containers themselves."""

import dataclasses
import json
import re
from collections.abc import Mapping
from typing import Any

import numpy as np

from ..weights.arrays import Array
from ..weights.base import Weights
from .source import Source

BARE = re.compile(r"[A-Za-z0-9_-]+")
LONGEST = 16
"""Whole numbers that stand among an operator's inputs, in place of an array of the weights file."""


def network_file(source: Source) -> tuple[str, dict[str, Array]]:
    """Return a network file, and the arrays that it names.

    Parameters
    ----------
    source
        The tables, with arrays and containers where a file has names.
    """
    arrays = Names({*source.data["inputs"], *(one["name"] for one in source.data["layer"])})
    network = source.data["network"]
    lines = ["[network]", *_lines(network), "", "[inputs]"]
    for name, table in source.data["inputs"].items():
        short = "dtype" not in table and isinstance(table["dims"], str)
        lines += _lines({name: table["dims"] if short else table})
    for table in source.data["layer"]:
        lines += ["", "[[layer]]", *_lines(_layer(table, arrays))]
    lines += ["", "[outputs]", *_lines(source.data["outputs"])]
    if source.data["metadata"]:
        lines += ["", "[metadata]", *_lines(source.data["metadata"])]
    return "\n".join(lines) + "\n", arrays.given


class Names:
    """The arrays of a weights file, under names that no layer has."""

    def __init__(self, layers: set[str]) -> None:
        self.layers = layers
        self.given: dict[str, Array] = {}

    def add(self, name: str, array: Array) -> str:
        """Return the name that the array has got."""
        while name in self.given or any(
            name == layer or name.startswith(f"{layer}.") for layer in self.layers
        ):
            name = f"_{name}"
        self.given[name] = array
        return name


def _layer(table: Mapping[str, Any], arrays: Names) -> dict[str, Any]:
    first = {key: table[key] for key in ("kind", "name")}
    told = {key: _named(one, f"{table['name']}/{key}", arrays) for key, one in table.items()}
    if "inputs" in told:
        told["inputs"] = [
            _input(one, f"{table['name']}/{place}", arrays)
            for place, one in enumerate(table["inputs"])
        ]
    return first | told


def _named(given: Any, name: str, arrays: Names) -> Any:
    """Return a table's value with names in the places of arrays."""
    if isinstance(given, Weights):
        return _container(given, name, arrays)
    if isinstance(given, np.ndarray):
        return arrays.add(name, given)
    if isinstance(given, list):
        return [_named(one, f"{name}.{place}", arrays) for place, one in enumerate(given)]
    return given


def _container(weights: Weights, name: str, arrays: Names) -> dict[str, Any]:
    told: dict[str, Any] = {"from": "arrays"}
    stem = name.removesuffix("/weights")
    held = weights.arrays()
    for field in dataclasses.fields(weights):
        given = getattr(weights, field.name)
        if field.name in held:
            told[field.name] = arrays.add(f"{stem}/{field.name}", held[field.name])
        elif field.name not in ("source", "origin") and given not in (None, field.default):
            told[field.name] = given
    return told


def _input(given: Any, name: str, arrays: Names) -> Any:
    """Return an operator's input: small numbers as they are, which read well and fit any dtype."""
    if isinstance(given, np.ndarray) and given.size and given.size <= LONGEST:
        if given.dtype == np.int64 and given.ndim < 2:
            return given.tolist()
        if given.ndim == 0 and given.dtype.kind == "f":
            return float(given)
    return _named(given, name, arrays)


def _lines(table: Mapping[str, Any]) -> list[str]:
    return [f"{_key(key)} = {toml_value(one)}" for key, one in table.items()]


def toml_value(given: Any) -> str:
    r"""Return a value as TOML writes it.

    >>> toml_value({"axes": [1, 2.5], "a b": True, "text": 'a "word"'})
    '{ axes = [1, 2.5], "a b" = true, text = "a \\"word\\"" }'
    """
    if isinstance(given, bool):
        return "true" if given else "false"
    if isinstance(given, str):
        return json.dumps(given, ensure_ascii=False).replace("\x7f", "\\u007f")
    if isinstance(given, Mapping):
        inside = ", ".join(f"{_key(key)} = {toml_value(one)}" for key, one in given.items())
        return f"{{ {inside} }}"
    if isinstance(given, list):
        return f"[{', '.join(map(toml_value, given))}]"
    return repr(given)


def _key(key: str) -> str:
    return key if BARE.fullmatch(key) else toml_value(key)
