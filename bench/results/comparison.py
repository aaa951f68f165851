"""Two sides held against each other, as data: a session each, or several."""

from dataclasses import dataclass
from typing import Literal

from .document import SCHEMA_VERSION
from .elements import Count, Duration
from .views import Shown


@dataclass(frozen=True, kw_only=True)
class ComparedRow:
    """A case that both sides have; the numbers are None where a side has none."""

    id: str
    group: str
    label: str
    base_median_s: Duration | None
    new_median_s: Duration | None
    verdict: str
    """As of a row, or ``failed``, ``failed before too``."""
    note: str | None = None
    ratio: Duration | None = None
    """New over base."""
    low: Duration | None = None
    high: Duration | None = None
    pairs: Count | None = None


@dataclass(frozen=True, kw_only=True)
class Comparison(Shown):
    """Two sides, case by case."""

    schema_version: int = SCHEMA_VERSION
    kind: Literal["comparison"] = "comparison"
    min_effect: float
    sessions: Count = 1
    """Sessions a side; with more than one they are the unit, not their processes."""
    differs: tuple[str, ...]
    """What is unlike in machine, versions or settings."""
    missing: tuple[str, ...]
    """Cases that only the base has."""
    added: tuple[str, ...]
    rows: tuple[ComparedRow, ...]
