"""Where models run: what to prefer for a target, and what of a model it will not run as it is."""

from .errors import TargetError
from .lint import Finding, lint, would_run
from .rule import Rule
from .target import TARGETS, Target, choose
from .verdict import Verdict

__all__ = [
    "TARGETS",
    "Finding",
    "Rule",
    "Target",
    "TargetError",
    "Verdict",
    "choose",
    "lint",
    "would_run",
]
