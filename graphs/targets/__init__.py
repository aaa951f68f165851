"""Where models run: what to prefer for a target, and what of a model it will not run as it is."""

from .errors import TargetError
from .lint import Finding, lint, would_run
from .rule import Rule
from .severity import Severity
from .target import TARGETS, Target, choose

__all__ = [
    "TARGETS",
    "Finding",
    "Rule",
    "Severity",
    "Target",
    "TargetError",
    "choose",
    "lint",
    "would_run",
]
