"""What worker processes are asked, and what they answer.

A request is one JSON object on a worker's stdin. Its reply is JSON lines: ``{"stage": name}`` as a
stage begins, and at last ``{"result": {...}}`` or ``{"error": {...}}``: one that dies said where.
Workers import this file in environments without the project's dependencies: it needs the standard
library alone.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from ..plan.engine import Allowance, Engine
from ..results.elements import BoundSample, Sample, Seconds, Share, Start, Status

WARM_UP_S = 0.3


@dataclass(frozen=True, kw_only=True)
class Opening:
    """A model, what runs it, and its inputs."""

    engine: Engine
    model: str
    """The model's path, or what a server is asked for."""
    feeds: str
    """The ``.npz`` with its inputs."""
    limits: Allowance = field(default_factory=Allowance)
    """What runtimes of ours may take."""
    session_config: Mapping[str, str] = field(default_factory=dict)
    """Entries of onnxruntime's session options."""
    level: str = "ORT_ENABLE_ALL"
    """How far onnxruntime optimises the graph, by its own name."""
    warmup_s: float = WARM_UP_S
    """The most time that is spent until the pace is steady."""

    @property
    def threads(self) -> int | None:
        """Threads of the process, None for the runtime's own choice."""
        return self.engine.threads


@dataclass(frozen=True, kw_only=True)
class Request(Opening):
    """Measure one model on one runtime; each path is where the worker writes, or None."""

    outputs: str | None = None
    """The ``.npz`` for the outputs of the first run."""
    once: bool = False
    """End after the first run."""
    sample_s: float = 0.1
    max_samples: int = 1000
    empty_model: str | None = None
    """A model that computes nothing, which tells what a call costs; None not to measure it."""
    profile_to: str | None = None
    """How the path of the profile begins."""


@dataclass(frozen=True, kw_only=True)
class LoadRequest(Opening):
    """Put one model under load; `rate` is of an open loop, None for a closed one."""

    clients: int
    """Threads: those that ask in a closed loop, and those that answer an open one."""
    rate: float | None
    """Requests a second."""
    seconds: float
    seed: int
    processes: bool = False
    """Whether each client of a closed loop is a process of its own, not a thread."""
    go: str | None = None
    """The file whose appearance lets this process begin; None to begin at once."""


@dataclass(frozen=True, kw_only=True)
class PeaksRequest:
    """Measure what NumPy reaches at most."""

    threads: int | None
    size: int
    """Rows and columns of the matrix product."""


@dataclass(frozen=True)
class ProfileFile:
    """Where a profile is, and what it was taken of."""

    file: str
    runs: int
    placement: tuple[tuple[str, str, str], ...] = ()
    """A node's name, its operator and the provider that takes it."""


@dataclass(frozen=True, kw_only=True)
class Answer(Start):
    """What a worker measured; None for stages that were not asked for or failed."""

    steady_run: Sample | None = None
    bound_run: BoundSample | None = None
    call_overhead: Seconds | None = None
    """Seconds of a call that computes nothing."""
    server: Share | None = None
    """The server's part in the steady runs."""
    profile: ProfileFile | None = None
    failed: Mapping[str, str] = field(default_factory=dict)
    """Further stages that failed, and what they said."""


@dataclass(frozen=True)
class Rates:
    """NumPy's peaks: operations a second by ``gemm DTYPE``, bytes a second of ``memory``."""

    rates: Mapping[str, Seconds]


@dataclass(frozen=True)
class Failure:
    """Why a worker has no answer."""

    kind: Status
    message: str
