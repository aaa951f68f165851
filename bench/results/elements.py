"""What workers tell, as journals keep it. None: not told, or not asked for.

Times are in seconds, sizes in bytes. Workers import this file in environments without the project's
dependencies: it needs the standard library alone.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from statistics import fmean
from typing import Annotated, Literal

from ..codec import Least

Status = Literal[
    "ok",
    "time-out",
    "out of memory",
    "crash",
    "missing provider",
    "not installed",
    "error",
    "not run",
]
Seconds = Annotated[float, Least(0.0)]
Duration = Annotated[float, Least(1e-15)]
"""A time or a rate that others are divided by: no clock tells less."""
Count = Annotated[int, Least(0)]


@dataclass(frozen=True)
class WarmUp:
    """How a process came to a steady pace."""

    calls: Count
    steady: bool
    calls_until_steady: Count | None
    """None where it was not steady at the end."""
    seconds: Seconds


@dataclass(frozen=True)
class Share:
    """What a server says of a request, in the mean over all that it answered meanwhile."""

    queue_s: Seconds
    """From its arrival until its run began."""
    compute_s: Seconds
    """Its inputs, the run, and its outputs."""
    batch: Seconds
    """Rows of a run, which several requests may share."""


def mean_share(told: Iterable[Share | None]) -> Share | None:
    """Return the mean over processes of what a server told; None where it told nothing."""
    shares = [share for share in told if share is not None]
    if not shares:
        return None
    return Share(
        queue_s=fmean(share.queue_s for share in shares),
        compute_s=fmean(share.compute_s for share in shares),
        batch=fmean(share.batch for share in shares),
    )


@dataclass(frozen=True, kw_only=True)
class Sample:
    """The steady runs of one process: each sample is the mean time of `loops` calls."""

    median_s: Duration
    loops: Annotated[int, Least(1)]
    samples_s: tuple[Seconds, ...]
    warm_up: WarmUp
    cores_used: Seconds | None = None
    """Processor time over wall time."""
    host_memory_peak_bytes: Count | None = None


@dataclass(frozen=True, kw_only=True)
class BoundSample(Sample):
    """The same with inputs and outputs bound on the device, and the copies that this saves."""

    to_device_s: Seconds | None = None
    from_device_s: Seconds | None = None
    device_memory_bytes: Count | None = None


@dataclass(frozen=True, kw_only=True)
class Start:
    """How a process began: from importing the runtime to the first run."""

    import_s: Seconds
    session_s: Seconds
    first_run_s: Seconds
    versions: Mapping[str, str]
    host_memory_before_bytes: Count | None = None
    """Resident memory before the model was loaded."""


@dataclass(frozen=True, kw_only=True)
class Loaded:
    """What one process under load measured."""

    latencies_s: tuple[Seconds, ...]
    requests: Count
    wall_s: Duration
    errors: Count = 0
    first_error: str | None = None
    mean_s: Seconds | None = None
    """Mean latency of all requests; `latencies_s` may be a choice of them."""
    server: Share | None = None
    """None where no server told."""
