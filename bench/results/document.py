"""A run's results: what journals begin with, and what reports and comparisons read."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from ..codec import decode, encode
from ..model.counts import Counts
from ..plan.settings import Settings
from ..stats import Outcome
from .card import Card
from .conclusion import Conclusion, Releases
from .elements import Count, Duration, Seconds, Share, Status
from .load_row import Interval, LoadRow, Saturation
from .machine import Machine
from .measured import Errors, LoadRun, NodeTime, Peak, Process
from .views import Shown

SCHEMA_VERSION = 1


@dataclass(frozen=True, kw_only=True)
class CaseFacts:
    """What is known of a case before it is measured."""

    id: str
    group: str
    """The model and its shape; cases of one group are compared."""
    model: str
    sizes: Mapping[str, int]
    """The named dims' sizes."""
    label: str
    """The runtime and what is not the default about it."""
    on: str
    provider: str | None
    """onnxruntime's name of the provider, None for other runtimes."""
    environment: str | None
    device: str
    """``cpu``, ``gpu`` or ``server``."""
    threads: int | None
    """None for the runtime's own choice."""
    provider_options: Mapping[str, str]
    again: bool = False
    """The second half of the A/A pair: the baseline once more."""
    model_bytes: Count | None = None
    """Of the model's file and its external data; None in results that do not tell it."""


@dataclass(frozen=True, kw_only=True)
class Header:
    """The first line of a journal: what was asked for, and where."""

    kind: Literal["run"] = "run"
    settings: Settings
    machine: Machine
    counts: Mapping[str, Counts]
    """Operations and bytes by group."""
    cases: tuple[CaseFacts, ...]

    def baseline(self, group: str) -> CaseFacts:
        """Return the case that the others of a group are compared with: its first."""
        mine = [case for case in self.cases if case.group == group]
        return next((case for case in mine if not case.again), mine[0])


@dataclass(frozen=True, kw_only=True)
class Floor:
    """The ratio of a group's baseline to itself, from its A/A pair."""

    ratio: Duration
    low: Duration
    high: Duration
    pairs: Count
    verdict: Outcome
    honest: bool
    """False where identical processes came out faster or slower: then no verdict of the group is
    to be believed."""


@dataclass(frozen=True, kw_only=True)
class Versus:
    """A case against its baseline."""

    baseline: str
    verdict: Literal["faster", "slower", "same", "inconclusive", "inaccurate"] | None
    """None where fewer than three rounds have both."""
    ratio: Duration | None = None
    """Its time over the baseline's."""
    low: Duration | None = None
    high: Duration | None = None
    pairs: Count | None = None
    speed_alone: Outcome | None = None
    """The verdict as it would be without errors."""
    break_even_runs: Count | None = None
    """Runs after which a slower start is paid back, None where it never is, or where no difference
    of speed was found that could pay it back."""
    head_start_runs: Count | None = None
    """Runs for which a quicker start keeps a slower runtime ahead; None for one that is faster."""
    start_difference_s: float | None = None
    """Seconds from importing to the first result, less the baseline's."""


@dataclass(frozen=True, kw_only=True)
class RooflinePart:
    """How near a case comes to what its machine can do at most."""

    flops_per_s: Seconds
    bytes_per_s: Seconds
    flops_share: Seconds | None
    """Part of the measured peak, None where there is none."""
    bytes_share: Seconds | None
    count_is_whole: bool
    """False where some operators are not counted: the true rates are higher."""
    dtype: str = "float32"
    """Of the matrix product that is the peak of arithmetic: that of most of the operations."""
    peaks_disturbed: bool = False
    """Whether a peak was only measured while the machine was disturbed: the parts may be less."""
    floor_s: Seconds | None = None
    """The least that recurrent layers can take (see `roofline`), None without them."""
    floor_share: Seconds | None = None
    """Part of the run's time that the floor is."""


@dataclass(frozen=True, kw_only=True)
class Row(CaseFacts):
    """One case and what its processes say together; None where no process succeeded."""

    status: Status
    stage: str | None = None
    message: str | None = None
    processes: Count = 0
    """Those that succeeded."""
    flags: Mapping[str, int]
    """How many processes each doubtful condition met."""
    accuracy: Errors | None = None
    """The worst of all processes."""
    accuracy_varies: bool = False
    """Whether its processes gave different outputs, told by their errors."""
    median_s: Duration | None = None
    """Median of the processes' medians."""
    interval_s: Interval | None = None
    """Of that median, None below six processes."""
    percentiles_s: Mapping[str, Seconds] | None = None
    """Of single calls, where the sample supports them."""
    bound_s: Duration | None = None
    """Median with inputs and outputs bound on the device."""
    to_device_s: Seconds | None = None
    from_device_s: Seconds | None = None
    call_overhead_s: Seconds | None = None
    server: Share | None = None
    """The server's part in the steady runs; None where no server told."""
    import_s: Seconds | None = None
    session_s: Seconds | None = None
    first_run_s: Seconds | None = None
    calls_until_steady: Seconds | None = None
    unsteady_processes: Count = 0
    cores_used: Seconds | None = None
    host_memory_peak_bytes: Count | None = None
    host_memory_before_bytes: Seconds | None = None
    device_memory_bytes: Count | None = None
    versions: Mapping[str, str] | None = None
    placement: str | None = None
    """Such as ``412 of 420 nodes on CUDA, 8 on CPU: MaxPool (8)``."""
    profile: tuple[NodeTime, ...] | None = None
    limits: RooflinePart | None = None
    load: tuple[LoadRow, ...] = ()
    saturation: tuple[Saturation, ...] = ()
    """For each kind of client of which two numbers or more were tried."""
    versus: Versus | None = None
    """None for the baseline itself."""

    @property
    def inaccurate(self) -> bool:
        """Whether its errors are over the budget."""
        return self.accuracy is not None and self.accuracy.passed is False

    @property
    def cold_s(self) -> float | None:
        """Seconds from starting to import until the first result is there."""
        parts = (self.import_s, self.session_s, self.first_run_s)
        known = [part for part in parts if part is not None]
        return sum(known) if len(known) == len(parts) else None


@dataclass(frozen=True, kw_only=True)
class Results(Shown):
    """All that a run measured and what follows from it."""

    schema_version: int = SCHEMA_VERSION
    kind: Literal["results"] = "results"
    machine: Machine
    settings: Settings
    floors: Mapping[str, Floor]
    """Noise by group."""
    rows: tuple[Row, ...]
    conclusions: tuple[Conclusion, ...] = ()
    """The answer of each group; made from the rest where a file has none."""
    releases: tuple[Releases, ...] = ()
    """Cases that ran on several releases of onnxruntime."""
    card: Card | None = None
    """Of the suite that chose the cases."""
    peaks: tuple[Peak, ...] = ()
    processes: tuple[Process, ...]
    loads: tuple[LoadRun, ...] = ()
    cases: tuple[CaseFacts, ...] = ()
    counts: Mapping[str, Counts]

    def to_json(self) -> dict[str, Any]:
        """Return the document as JSON can hold it, numbers not rounded."""
        document: dict[str, Any] = encode(self)
        return document

    @classmethod
    def from_json(cls, document: Any) -> "Results":
        """Return what `to_json` was called on; DecodeError where a part is not what it must be."""
        return decode(cls, document)
