"""A rule: a condition on a node or a model, what the target then does, why, and what helps."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from .errors import TargetError
from .severity import Severity

REQUIRED = ("id", "severity", "reason", "remedy", "source", "trigger", "near")
OPTIONAL = ("op", "when")


@dataclass(frozen=True)
class Rule:
    """One line of a target's knowledge. The reason and the remedy speak to the model's author."""

    id: str
    severity: Severity
    reason: str
    remedy: str
    source: str
    """Where it is known from: "measured on" an engine and version, or what was read."""
    ops: tuple[str, ...] = ()
    """The operators that it is about, ``"*"`` for any; none for a rule about the whole model."""
    when: Mapping[str, Any] = field(default_factory=dict)
    """All must hold; :mod:`.conditions` says what can be asked."""
    trigger: Mapping[str, Any] = field(default_factory=dict)
    """What :func:`.examples.example` builds a model from that breaks the rule."""
    near: Mapping[str, Any] = field(default_factory=dict)
    """The nearest model that does not."""

    def concerns(self, op: str) -> bool:
        """Say whether the rule is about nodes of this operator."""
        return op in self.ops or self.ops == ("*",)


def parse(table: Mapping[str, Any], where: str) -> Rule:
    """Make a rule of one TOML table.

    Raises
    ------
    TargetError
        A key is missing or unknown, or the severity is not known.
    """
    name = f"{where}, rule {table.get('id', '?')!r}"
    missing = [key for key in REQUIRED if key not in table]
    unknown = sorted(table.keys() - {*REQUIRED, *OPTIONAL})
    if missing or unknown:
        raise TargetError(
            f"{name}: missing keys {missing}, unknown keys {unknown}",
            f"a rule has {', '.join(REQUIRED)} and may have {', '.join(OPTIONAL)}",
        )
    try:
        severity = Severity(table["severity"])
    except ValueError as error:
        raise TargetError(
            f"{name}: severity {table['severity']!r} is not known",
            f"write one of {', '.join(Severity)}",
        ) from error
    op = table.get("op", [])
    return Rule(
        table["id"],
        severity,
        table["reason"],
        table["remedy"],
        table["source"],
        ops=(op,) if isinstance(op, str) else tuple(op),
        when=table.get("when", {}),
        trigger=table["trigger"],
        near=table["near"],
    )
