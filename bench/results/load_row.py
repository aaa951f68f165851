"""A case under load, as results tell it."""

from collections.abc import Mapping
from dataclasses import dataclass

from .elements import Count, Duration, Seconds, Share, Status
from .measured import ClientKind

Interval = tuple[Seconds, Seconds]
"""The ends of a 95 % interval."""


@dataclass(frozen=True, kw_only=True)
class LoadRow:
    """A case under one load, its processes together."""

    load: str
    status: Status
    processes: Count
    requests: Count = 0
    errors: Count = 0
    first_error: str | None = None
    clients: Count | None = None
    """Those that ask in a closed loop, and those that answer an open one."""
    clients_are: ClientKind = "threads"
    throughput_per_s: Seconds | None = None
    mean_s: Seconds | None = None
    """Shows that requests wait for each other where the median does not."""
    median_s: Seconds | None = None
    interval_s: Interval | None = None
    percentiles_s: Mapping[str, Seconds] | None = None
    """Those that the sample supports."""
    percentile_intervals_s: Mapping[str, Interval] | None = None
    """Of each of them, p50 too (see `loads.percentile_interval`)."""
    rate_per_s: Duration | None = None
    """Requests that arrive in an open loop, None for a closed one."""
    overloaded: bool | None = None
    """Whether an open loop fell behind; None for a closed one."""
    server: Share | None = None
    """The server's part; None where no server told."""


@dataclass(frozen=True, kw_only=True)
class Saturation:
    """Where more clients of a closed loop bring no more answers a second."""

    clients_are: ClientKind
    clients: Count
    """The fewest that reach the most throughput, to within 5 %."""
    throughput_per_s: Seconds
    still_grows: bool
    """Whether that is the largest number that was tried."""
