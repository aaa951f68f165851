"""The layers of a model as its configuration lists them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..errors import GraphError
from .fields import as_list, as_table, broken
from .nodes import Node, read_nodes
from .vault import Member, count_kinds

MODELS = ("Sequential", "Functional", "Model")
MAX_LAYERS = 20_000
PACKAGES = ("keras", "tf_keras", "tensorflow", "keras_core")
"""Where Keras's own classes are, under its names in its versions."""
OPERATIONS = "keras.src.ops"
"""The module of what ``keras.ops`` and arithmetic on tensors add to a functional model."""


@dataclass(frozen=True)
class Entry:
    """A layer of a model as its configuration has it."""

    member: Member
    config: dict[str, Any]
    nodes: list[Node]
    arithmetic: bool

    @property
    def label(self) -> str:
        """What errors call the layer."""
        return f"layer '{self.member.name}' ({self.member.kind})"

    @property
    def is_model(self) -> bool:
        """Whether the layer is a model itself."""
        return self.member.kind in MODELS


def read_entries(layers: Any, label: str) -> list[Entry]:
    """Return the layers of a model from their configurations."""
    listed = as_list(layers, label, "layers")
    if len(listed) > MAX_LAYERS:
        raise broken(label, f"has {len(listed)} layers, more than {MAX_LAYERS}")
    tables = [as_table(one, label, "a layer") for one in listed]
    found = [(table, _kind(table, label), _config(table, label)) for table in tables]
    names = [_name(table, kind, config, label) for table, kind, config in found]
    members = count_kinds([(name, kind) for name, (_, kind, _) in zip(names, found, strict=True)])
    return [
        Entry(
            member,
            config,
            read_nodes(table.get("inbound_nodes", []), f"layer '{member.name}' ({kind})"),
            _is_arithmetic(table, config),
        )
        for member, (table, kind, config) in zip(members, found, strict=True)
    ]


def sequential_layers(config: Any, label: str) -> list[Any]:
    """Return the layers of a Sequential model, which old files have as a bare list."""
    listed = config if isinstance(config, list) else as_table(config, label, "config").get("layers")
    return as_list(listed, label, "layers")


def _kind(table: Mapping[str, Any], label: str) -> str:
    kind = table.get("class_name")
    if not isinstance(kind, str) or not kind:
        raise broken(label, f"a layer's class_name is {kind!r:.60}")
    check_module(table, kind, label)
    return kind


def check_module(table: Mapping[str, Any], kind: str, label: str) -> None:
    """Refuse a class of somebody else's, which may have the name of one of Keras's.

    Keras 2 writes such a class as ``Package>Name``, so that no module is needed to tell.
    """
    module = table.get("module")
    if isinstance(module, str) and module.partition(".")[0] not in PACKAGES:
        raise GraphError(
            f"{label}: class {kind} is of {module!r:.60}, not of Keras: what it computes is not "
            "in the file",
            "replace the layer in Keras, or build this net from its arrays (see "
            "onnxwright/pages/checkpoints.md)",
        )


def _config(table: Mapping[str, Any], label: str) -> Any:
    config = table.get("config")
    if isinstance(config, list) and table.get("class_name") == "Sequential":
        return {"name": table.get("name", "sequential"), "layers": config}
    return as_table(config, label, "a layer's config")


def _name(table: Mapping[str, Any], kind: str, config: Mapping[str, Any], label: str) -> str:
    name = table.get("name") or config.get("name")
    if not isinstance(name, str) or not name.strip() or len(name) > 500:
        raise broken(label, f"a {kind:.60}'s name is {name!r:.60}")
    return name.strip()


def _is_arithmetic(table: Mapping[str, Any], config: Mapping[str, Any]) -> bool:
    """Say whether this is arithmetic on tensors; in ``.h5`` files, what it lacks tells."""
    module = table.get("module")
    if isinstance(module, str):
        return module.startswith(OPERATIONS)
    return bool(table.get("inbound_nodes")) and not {"trainable", "layers"} & set(config)


def output_names(wanted: Sequence[str]) -> list[str]:
    """Return the names with numbers behind those that stand there twice."""
    names: list[str] = []
    for name in wanted:
        number, free = 0, name
        while free in names:
            number += 1
            free = f"{name}_{number}"
        names.append(free)
    return names
