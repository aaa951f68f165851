"""The answer of a group: every pair of its runtimes, the best of them, and that in words."""

from dataclasses import dataclass
from typing import Literal

from ..stats import Outcome
from .elements import Count, Duration, Seconds

State = Literal["fastest", "tied", "open", "alone", "noisy", "none"]
REVERSED: dict[Outcome, Outcome] = {"faster": "slower", "slower": "faster"}


@dataclass(frozen=True, kw_only=True)
class Pair:
    """Two runtimes of a group, compared over the rounds that both finished."""

    label: str
    other: str
    times_as_fast: Duration
    """How many times as fast `label` is as `other`: the other's time over its own."""
    low: Duration
    """The 95 % interval's lower end."""
    high: Duration
    pairs: Count
    verdict: Outcome
    """Of `label` against `other`."""

    def reversed(self) -> "Pair":
        """Return the same seen from the other runtime."""
        return Pair(
            label=self.other,
            other=self.label,
            times_as_fast=1 / self.times_as_fast,
            low=1 / self.high,
            high=1 / self.low,
            pairs=self.pairs,
            verdict=REVERSED.get(self.verdict, self.verdict),
        )


@dataclass(frozen=True, kw_only=True)
class Failure:
    """A runtime that gave no result."""

    label: str
    status: str
    stage: str | None = None
    message: str | None = None


@dataclass(frozen=True, kw_only=True)
class Wrong:
    """A runtime whose errors against float64 are over the budget."""

    label: str
    max_abs: Seconds | None
    """Its largest absolute error."""


@dataclass(frozen=True, kw_only=True)
class Conclusion:
    """What a model at one shape is best run on."""

    group: str
    state: State
    """``fastest``: `best` is faster than all others that are right. ``tied``: as fast as those in
    `equal`, faster than the rest. ``open``: those in `undecided` may be as fast. ``alone``: no
    other runtime is right. ``noisy``: identical processes differ, so nothing is decided. ``none``:
    no runtime is right."""
    best: str | None
    """The label of the quickest runtime that is right."""
    equal: tuple[str, ...] = ()
    """Those that are as fast as the best, to within the smallest effect."""
    undecided: tuple[str, ...] = ()
    """Those of which the samples do not tell whether they are as fast."""
    unjudged: tuple[str, ...] = ()
    """Those without a float64 reference to hold them against."""
    wrong: tuple[Wrong, ...] = ()
    failed: tuple[Failure, ...] = ()
    pairs: tuple[Pair, ...] = ()
    """All pairs of runtimes that were measured, wrong ones too."""
    text: str
    """The same as a sentence."""

    def between(self, label: str, other: str) -> Pair | None:
        """Return how `label` compares with `other`; None where too few rounds have both."""
        for pair in self.pairs:
            if (pair.label, pair.other) == (label, other):
                return pair
            if (pair.label, pair.other) == (other, label):
                return pair.reversed()
        return None


@dataclass(frozen=True, kw_only=True)
class ReleaseStep:
    """A release of onnxruntime against the oldest one of its series."""

    version: str
    label: str
    """The row's."""
    verdict: Outcome | None
    """None where fewer than three rounds have both."""
    times_as_fast: Duration | None = None
    """The oldest release's time over its own."""
    low: Duration | None = None
    high: Duration | None = None
    since_the_last: Outcome | None = None
    """Against the release before it in the series."""


@dataclass(frozen=True, kw_only=True)
class Releases:
    """One case on several releases of onnxruntime, the oldest first."""

    group: str
    model: str
    on: str
    threads: int | None = None
    oldest: str
    """The version that all others are held against."""
    steps: tuple[ReleaseStep, ...]
    first_change: str | None
    """The first version that is faster or slower than the oldest; None where none is seen to be."""
    text: str
    """The same as a sentence."""
