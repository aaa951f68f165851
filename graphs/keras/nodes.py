"""How the layers of a functional model are called, as Keras 2 and Keras 3 write it.

Keras 3 writes a call as ``{"args": [...], "kwargs": {...}}``, with a table that names layer, call
and output in the place of each tensor; Keras 2 as ``[["conv", 0, 0, {...}], ...]``.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from .fields import as_list, as_table, broken

IDLE = frozenset({"training", "name"})
"""Arguments of a call that change nothing once a net is trained."""


@dataclass(frozen=True)
class Ref:
    """An output of a call of a layer."""

    layer: str
    call: int
    output: int


@dataclass(frozen=True)
class Node:
    """One call of a layer. Among its arguments stand `Ref`, numbers, and lists of both."""

    arguments: list[Any]
    keywords: dict[str, Any] = field(default_factory=dict)

    def refs(self) -> Iterator[Ref]:
        """Yield every output of other layers that the call needs."""
        yield from _refs([self.arguments, list(self.keywords.values())])


def read_nodes(value: Any, label: str) -> list[Node]:
    """Return the calls of a layer from its ``inbound_nodes``."""
    return [_read_node(node, label) for node in as_list(value, label, "inbound_nodes")]


def _read_node(node: Any, label: str) -> Node:
    if isinstance(node, dict):
        arguments = as_list(node.get("args"), label, "args of a call")
        keywords = as_table(node.get("kwargs", {}), label, "kwargs of a call")
        read = {key: _argument(value, label) for key, value in keywords.items() if key not in IDLE}
        return Node([_argument(one, label) for one in arguments], _set(read))
    listed = as_list(node, label, "a call")
    if listed and isinstance(listed[0], str):  # a call of one tensor, without the list around it
        listed = [listed]
    refs = [read_ref(one, label) for one in listed]
    if not listed:
        return Node([])
    extra = as_table(listed[0][3] if len(listed[0]) > 3 else {}, label, "arguments of a call")
    read = {key: _old_argument(value) for key, value in extra.items() if key not in IDLE}
    single = refs[0] if len(refs) == 1 else refs
    return Node([single], _set(read))


def _set(keywords: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in keywords.items() if value is not None}


def _argument(value: Any, label: str) -> Any:
    """Return an argument of Keras 3 with references in the places of tensors."""
    if isinstance(value, list):
        return [_argument(one, label) for one in value]
    if isinstance(value, dict) and value.get("class_name") == "__keras_tensor__":
        config = as_table(value.get("config"), label, "a tensor's config")
        return read_ref(config.get("keras_history"), label)
    return value


def _old_argument(value: Any) -> Any:
    """Return an argument of Keras 2: ``["layer", 0, 0]`` is a tensor, and so in lists."""
    if _looks_like_ref(value):
        return Ref(value[0], value[1], value[2])
    return [_old_argument(one) for one in value] if isinstance(value, list) else value


def read_ref(value: Any, label: str) -> Ref:
    """Return the reference that ``["layer", 0, 0]`` is."""
    if not _looks_like_ref(value):
        raise broken(label, f"{value!r:.60} is no reference to a layer's output")
    return Ref(value[0], value[1], value[2])


def read_ends(value: Any, label: str) -> list[tuple[str | None, Ref]]:
    """Return the inputs or outputs of a model, each with its key where they are a table."""
    if isinstance(value, dict):
        return [(str(key), read_ref(one, label)) for key, one in value.items()]
    if _looks_like_ref(value):
        return [(None, read_ref(value, label))]
    return [(None, read_ref(one, label)) for one in as_list(value, label, "its inputs or outputs")]


def _looks_like_ref(value: Any) -> bool:
    return (
        isinstance(value, list)
        and len(value) in (3, 4)
        and isinstance(value[0], str)
        and all(type(number) is int and 0 <= number < 1 << 20 for number in value[1:3])
    )


def _refs(value: Any) -> Iterator[Ref]:
    if isinstance(value, Ref):
        yield value
    elif isinstance(value, list):
        for one in value:
            yield from _refs(one)
