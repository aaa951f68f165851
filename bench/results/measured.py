"""What was measured, entry by entry, as a journal keeps it. None: not told, or not asked for.

Times are in seconds, sizes in bytes.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from ..verify.accuracy import Accuracy
from .elements import BoundSample, Count, Duration, Loaded, Sample, Seconds, Share, Start, Status


@dataclass(frozen=True)
class PlacedNode:
    """A node of the model and the provider that takes it."""

    node: str
    op: str
    provider: str


@dataclass(frozen=True)
class NodeTime:
    """A node as it ran."""

    node: str
    op: str
    provider: str
    calls: Count
    """Calls in a run: a node in a Scan's body has one a step."""
    seconds: Seconds
    """Median time of a run's calls together."""
    flops_share: Seconds | None = None
    """Part of the machine's peak of arithmetic; None where the node is not counted."""
    bytes_share: Seconds | None = None
    """Part of the machine's peak bandwidth."""


@dataclass(frozen=True)
class Profile:
    """Where the nodes were placed and how long each took."""

    placement: tuple[PlacedNode, ...] = ()
    """Empty where the runtime does not tell."""
    nodes: tuple[NodeTime, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Measurement(Start):
    """What one process of a case measured."""

    steady_run: Sample
    bound_run: BoundSample | None = None
    call_overhead: Seconds | None = None
    """Seconds of a call that computes nothing."""
    server: Share | None = None
    """The server's part in the steady runs; None where no server told."""
    profile: Profile | None = None
    failed: Mapping[str, str] = field(default_factory=dict)
    """Further stages that failed, and what they said."""


@dataclass(frozen=True)
class Conditions:
    """What else happened on the machine meanwhile."""

    other_cores: Seconds | None = None
    """Cores kept busy by processes that are not ours, on average."""
    steal_share: Seconds | None = None
    """Part of all cores' time that the hypervisor took."""
    clock_mhz: tuple[Duration, Duration] | None = None
    """Mean clock of the cores before and after."""
    throttles: int | None = None
    """How many times cores were throttled for their temperature."""


@dataclass(frozen=True, kw_only=True)
class Errors:
    """A case's errors against float64: the worst over its outputs, and each output alone."""

    passed: bool | None
    """None where there is no reference; `note` says why."""
    note: str | None = None
    max_abs: Seconds | None = None
    max_rel: Seconds | None = None
    rel_l2: Seconds | None = None
    max_ulp: Seconds | None = None
    top1: Seconds | None = None
    """The lowest over the outputs."""
    outputs: tuple[Accuracy, ...] = ()

    @property
    def in_budget(self) -> bool | None:
        """Whether the errors against float64 are within the budget; None where none are known.

        A runtime that agrees with its own answer has no such error: `passed` with a `note` alone.
        """
        return None if self.passed and self.note and not self.outputs else self.passed


@dataclass(frozen=True, kw_only=True)
class Ran:
    """A process of a case that ran, however it ended."""

    case: str
    round: Count = 0
    status: Status
    stage: str | None = None
    """What it was doing when it ended badly."""
    message: str | None = None
    wall_s: Seconds = 0.0
    conditions: Conditions = Conditions()
    flags: tuple[str, ...] = ()
    """A word for each condition that makes the sample doubtful."""


@dataclass(frozen=True, kw_only=True)
class Process(Ran):
    """One process of a case, in one round."""

    kind: Literal["process"] = "process"
    result: Measurement | None = None
    """None where the status is not ``ok``."""
    accuracy: Errors | None = None
    """Of the first run. Earlier versions told it of a case's first process alone."""


ClientKind = Literal["threads", "processes"]
"""Threads of one Python process share its lock; processes each open the model."""


@dataclass(frozen=True, kw_only=True)
class LoadRun(Ran):
    """One process of a case under load."""

    kind: Literal["load"] = "load"
    load: str
    """As it was asked for: ``closed=4``, ``poisson=200``."""
    seconds: Seconds
    """The time that was asked for."""
    rate: Duration | None
    """Requests a second that arrive, None for a closed loop."""
    clients: Count | None = None
    """Those that ask in a closed loop, and those that answer an open one."""
    clients_are: ClientKind = "threads"
    result: Loaded | None = None


@dataclass(frozen=True, kw_only=True)
class Peak:
    """One of the machine's peaks, reached through one runtime."""

    kind: Literal["peak"] = "peak"
    probe: str
    label: str
    """The runtime, as its cases are labelled."""
    device: str
    threads: int | None
    what: str
    """``gemm DTYPE`` or ``memory``."""
    rate: Duration | None
    """Operations or bytes a second, None where the runtime cannot do it."""
    round: Count = 0
    """Which of the passes it was measured in."""
    conditions: Conditions = Conditions()
    flags: tuple[str, ...] = ()
    """A word for each condition that makes it doubtful."""


Entry = Process | LoadRun | Peak
KINDS: Mapping[str, type[Process] | type[LoadRun] | type[Peak]] = {
    "process": Process,
    "load": LoadRun,
    "peak": Peak,
}
