"""The card of a suite: latencies under arrivals, errors, floor and throughput, a line a case."""

from collections.abc import Mapping
from dataclasses import dataclass

from .elements import Count, Duration, Seconds
from .load_row import Interval


@dataclass(frozen=True, kw_only=True)
class Quantile:
    """A quantile of latencies."""

    seconds: Seconds
    interval_s: Interval


@dataclass(frozen=True, kw_only=True)
class CardLine:
    """One model on one runtime; None where nothing was measured, or too few requests came."""

    model: str
    label: str
    """The runtime, without the threads that all have."""
    status: str
    rate_per_s: Duration | None = None
    """Requests that arrive."""
    requests: Count = 0
    """Those that were answered, of which the quantiles are."""
    p50: Quantile | None = None
    p99: Quantile | None = None
    p99_9: Quantile | None = None
    overloaded: bool = False
    """Whether requests came faster than answers."""
    time_s: Duration | None = None
    """One run without load, median of the processes."""
    interval_s: Interval | None = None
    floor_s: Seconds | None = None
    """The least time that the machine allows its recurrent layers."""
    error: Seconds | None = None
    """The largest, against float64."""
    passed: bool | None = None
    """Whether errors are within the budget; None where they were not judged."""
    instances_per_s: Mapping[str, Seconds]
    """Answers a second by the number of processes that ask without a pause."""


@dataclass(frozen=True, kw_only=True)
class Card:
    """What a suite found here."""

    suite: str
    text: str
    """The answer as a sentence."""
    lines: tuple[CardLine, ...]
