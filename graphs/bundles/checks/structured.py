"""JSON and YAML of a tree, read as data; what a file does not have is None."""

import importlib
import re
from typing import Any

from ....json_text import JSONError, read_json
from ..errors import BundleError
from .problem import Problem
from .tree import Tree

LARGEST_YAML, MOST_BRACKETS = 1 << 16, 200
"""Characters and opening brackets of a manifest; real ones have a thousand and a few."""
CHAIN = re.compile(r"(?:[-?:]\s+){20}")
"""Lists in lists in one line."""
UNREAD = "the server cannot read it, and does not start"


def read_json_file(tree: Tree, name: str) -> dict[str, Any] | Problem:
    """Return the JSON object in a file, or the Problem with it."""
    text = _text(tree, name)
    if isinstance(text, Problem):
        return text
    try:
        found = read_json(text)
    except JSONError as error:
        return Problem(name, f"it is no JSON: {error}", UNREAD, "write it anew")
    return found if isinstance(found, dict) else _no_object(name)


def read_yaml(tree: Tree, name: str) -> dict[str, Any] | Problem:
    """Return the one mapping in a YAML file, or the Problem with it; aliases are refused.

    Raises
    ------
    BundleError
        The package that reads YAML is not installed.
    """
    text = _text(tree, name)
    if isinstance(text, Problem):
        return text
    if _too_deep(text):
        return Problem(name, "it is nested without end, or too long", UNREAD, "write it anew")
    try:
        yaml: Any = importlib.import_module("yaml")
    except ImportError as error:
        raise BundleError(
            f"checking {name} needs a package that is not there: {error}",
            "pip install 'onnxwright[serve]'",
        ) from error
    try:
        if any(isinstance(event, yaml.AliasEvent) for event in yaml.parse(text, yaml.SafeLoader)):
            return Problem(name, "it has aliases (*name)", "they were not followed", "write it out")
        found = yaml.safe_load(text)
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        reason = " ".join(str(error).split())[:300]
        return Problem(name, f"it is no YAML: {reason}", UNREAD, "write it anew")
    return found if isinstance(found, dict) else _no_object(name)


def _too_deep(text: str) -> bool:
    """Say whether a text could keep PyYAML busy, which takes quadratic time for nested lists."""
    brackets = text.count("[") + text.count("{")
    return len(text) > LARGEST_YAML or brackets > MOST_BRACKETS or bool(CHAIN.search(text))


def at(value: Any, *path: str | int) -> Any:
    """Return what stands at a path of keys and places; None where there is nothing.

    >>> at({"a": [{"b": 1}]}, "a", 0, "b"), at({"a": 3}, "a", "b")
    (1, None)
    """
    for key in path:
        if isinstance(key, str) and isinstance(value, dict):
            value = value.get(key)
        elif isinstance(key, int) and isinstance(value, list) and key < len(value):
            value = value[key]
        else:
            return None
    return value


def _text(tree: Tree, name: str) -> str | Problem:
    if name in tree.files:
        return tree.text(name)
    return Problem(name, "there is no such file", "the server does not start", "bundle it again")


def _no_object(name: str) -> Problem:
    return Problem(name, "it is no mapping of names to values", UNREAD, "write it anew")
