"""The rules of sound models: what each says, how bad it is, and where it comes from."""

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from ...texts import did_you_mean
from ..targets.errors import TargetError
from ..targets.severity import Severity


@dataclass(frozen=True)
class SoundnessRule:
    """One rule; the check of the same name finds where it is broken."""

    id: str
    severity: Severity
    remedy: str
    explain: str
    """What the rule is about and what breaking it does, in a few sentences."""
    source: str


@cache
def _rules() -> dict[str, SoundnessRule]:
    text = files(__package__).joinpath("rules.toml").read_text(encoding="utf-8")
    return {
        name: SoundnessRule(
            name,
            Severity(entry["severity"]),
            entry["remedy"],
            " ".join(entry["explain"].split()),
            entry["source"],
        )
        for name, entry in tomllib.loads(text).items()
    }


RULES = _rules()
"""Rules by their id."""


def explain(rule: str) -> SoundnessRule:
    """Return a rule by its id.

    Raises
    ------
    TargetError
        There is no such rule.
    """
    if rule not in RULES:
        raise TargetError(
            f"there is no rule '{rule}'",
            f"{did_you_mean(rule, RULES)}the rules are {', '.join(RULES)}",
        )
    return RULES[rule]
