"""Saved models with another configuration than Keras gave them."""

import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

DATA = Path(__file__).parents[2] / "data" / "checkpoints" / "keras"

Change = Callable[[dict[str, Any]], object]


def changed(name: str, change: Change, folder: Path) -> Path:
    """Copy ``NAME.keras`` with its configuration changed; return the copy."""
    path = folder / f"{name}.keras"
    with zipfile.ZipFile(DATA / f"{name}.keras") as source:
        members = {member: source.read(member) for member in source.namelist()}
    config = json.loads(members["config.json"])
    change(config)
    members["config.json"] = json.dumps(config).encode()
    write(path, members)
    return path


def write(path: Path, members: dict[str, bytes]) -> None:
    """Write a zip archive of these members, uncompressed as Keras does."""
    with zipfile.ZipFile(path, "w") as target:
        for member, data in members.items():
            target.writestr(member, data)


def layer(config: dict[str, Any], name: str) -> dict[str, Any]:
    """Return the layer of a model that is called `name`."""
    listed = config["config"]["layers"]
    found: dict[str, Any] = next(one for one in listed if one["config"]["name"] == name)
    return found


def setting(name: str, key: str, value: Any) -> Change:
    """Return what sets a field of a layer."""

    def change(config: dict[str, Any]) -> None:
        layer(config, name)["config"][key] = value

    return change


def replacing(name: str, **keys: Any) -> Change:
    """Return what replaces what stands beside a layer's configuration, such as its class."""

    def change(config: dict[str, Any]) -> None:
        layer(config, name).update(keys)

    return change
