"""A target: where a model is to run, the form that suits it, and the rules about it.

Each stands in one file, ``data/NAME.toml``; adding a target is adding a file.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from ...texts import did_you_mean
from .errors import TargetError
from .rule import Rule, parse
from .severity import Severity

TARGETS = (
    "cpu",
    "cuda",
    "tensorrt",
    "openvino",
    "openvino-ep",
    "webgpu",
    "web",
    "directml",
    "coreml",
    "tract",
    "opencv",
    "triton",
)


@dataclass(frozen=True)
class Target:
    """Where a model is to run, and what a builder should prefer for it."""

    name: str
    engine: str
    """What the rules speak of, with the version they were last held against."""
    opset: int
    """The opset to build at when the user names none."""
    newest_opset: int
    """The newest opset of ONNX's own domain at which everything preferred runs."""
    newest_ir: int
    """The newest IR version that the engine reads."""
    lowerings: tuple[str, ...]
    """For a layer that no op expresses: the forms that run, best first."""
    dtypes: tuple[str, ...]
    """The float types in which the project's layers run, by NumPy's names."""
    kernels: str | None
    """The kernel table that nodes are looked up in; None where there is none."""
    miss: Severity
    """What happens to a node that has no kernel."""
    falls_back_to: str | None
    """The target whose rules hold for a node that falls back."""
    widened: tuple[str, ...]
    """Types that the engine casts to float32 and back where no kernel takes them."""
    rules: tuple[Rule, ...]


def choose(target: str | Target) -> Target:
    """Return the target of that name; a Target is returned as it is.

    Raises
    ------
    TargetError
        There is no such target.

    >>> choose("cuda").opset
    17
    """
    if isinstance(target, Target):
        return target
    if not isinstance(target, str):
        raise TargetError(
            f"target is a {type(target).__name__}, needs a name", f"use one of {', '.join(TARGETS)}"
        )
    if target not in TARGETS:
        raise TargetError(
            f"target {target!r} is not known",
            f"{did_you_mean(target, TARGETS)}use one of {', '.join(TARGETS)}",
        )
    return _load(target)


@cache
def _load(name: str) -> Target:
    text = (files(__package__) / "data" / f"{name}.toml").read_text(encoding="utf-8")
    return from_toml(name, tomllib.loads(text))


def from_toml(name: str, table: Mapping[str, Any]) -> Target:
    """Make a target of a parsed file: the keys of :class:`Target`, then ``[[rule]]`` tables.

    ``rules_of`` names targets whose rules hold here too, but for those in ``without_rules``; a rule
    of the same id takes their place.

    Raises
    ------
    TargetError
        A rule is not well formed, or two have the same id.
    """
    own = {rule.id: rule for rule in (parse(rule, f"target {name}") for rule in table["rule"])}
    if len(own) < len(table["rule"]):
        raise TargetError(f"target {name}: a rule's id is there twice", "give each its own id")
    shared = {rule.id: rule for other in table.get("rules_of", ()) for rule in choose(other).rules}
    for left_out in table.get("without_rules", ()):
        del shared[left_out]
    return Target(
        name=name,
        engine=table["engine"],
        opset=table["opset"],
        newest_opset=table["newest_opset"],
        newest_ir=table["newest_ir"],
        lowerings=tuple(table["lowerings"]),
        dtypes=tuple(table["dtypes"]),
        kernels=table.get("kernels"),
        miss=Severity(table.get("miss", "unknown")),
        falls_back_to=table.get("falls_back_to"),
        widened=tuple(table.get("widened", ())),
        rules=tuple({**shared, **own}.values()),
    )
