"""A run of the benchmark without processes: a launcher that makes its times up."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from onnxwright.bench.measure.launch import Ending, WorkerLimits
from onnxwright.bench.measure.matrix import RunContext, header
from onnxwright.bench.measure.wire import Answer, Request
from onnxwright.bench.model.counts import Counts
from onnxwright.bench.plan.cases import Case, Group, Subject, make_plan
from onnxwright.bench.plan.settings import Settings
from onnxwright.bench.results.elements import Sample, WarmUp
from onnxwright.bench.results.machine import Machine
from onnxwright.bench.results.measured import Errors
from onnxwright.bench.results.store import Journal

MACHINE = Machine(cpu="test", cores=2, packages={"numpy": "2"})


def ok(median_s: float) -> Ending[Answer]:
    """Return the ending of a process with the given median."""
    steady = Sample(
        median_s=median_s,
        loops=1,
        samples_s=(median_s,) * 5,
        warm_up=WarmUp(calls=1, steady=True, calls_until_steady=10, seconds=0.1),
        cores_used=1.0,
        host_memory_peak_bytes=1 << 20,
    )
    answer = Answer(
        import_s=0.2,
        session_s=0.1,
        first_run_s=0.01,
        versions={"numpy": "2"},
        host_memory_before_bytes=1 << 19,
        steady_run=steady,
        call_overhead=1e-6,
    )
    return Ending(status="ok", result=answer, wall_s=1.0)


@dataclass
class FakeComparer:
    """Finds every case right, or as `verdicts` says by the runtime's label."""

    summary: Errors = field(default_factory=lambda: Errors(passed=True, max_abs=1e-7))

    def errors(self, group: Group, case: Case, feeds: Path, outputs: Path) -> Errors:
        return self.summary


@dataclass
class Bench:
    """A plan, a journal and a launcher whose times are `speeds[on]` with a little noise."""

    folder: Path
    speeds: Mapping[str, float]
    settings: Settings
    noise: float = 0.005
    broken: Mapping[str, Ending[Answer]] = field(default_factory=dict)
    stop_after: int | None = None
    launched: list[str] = field(default_factory=list)
    comparer: FakeComparer = field(default_factory=FakeComparer)

    def launcher(self, python: str, request: Request, limits: WorkerLimits) -> Ending[Answer]:
        if self.stop_after is not None and len(self.launched) >= self.stop_after:
            raise KeyboardInterrupt
        on = request.engine.on
        self.launched.append(on)
        if on in self.broken:
            return replace(self.broken[on], wall_s=1.0)
        random = np.random.default_rng(len(self.launched))
        return ok(self.speeds[on] * float(np.exp(random.normal(0, self.noise))))

    def groups(self) -> list[Group]:
        subject = Subject("model", self.folder / "model.onnx", ("batch",))
        return make_plan(self.settings, [subject])

    def context(self) -> RunContext:
        return RunContext(self.folder, lambda group: self.folder, self.comparer, self.launcher)

    def journal(self, name: str = "run.jsonl") -> Journal:
        counts = {group.id: Counts(1000, 100, (), ()) for group in self.groups()}
        return Journal(self.folder / name, header(self.groups(), self.settings, MACHINE, counts))


@pytest.fixture
def make_bench(tmp_path: Path) -> Callable[..., Bench]:
    """Return the maker of a `Bench`, from speeds and settings."""

    def make(speeds: Mapping[str, float], **settings: Any) -> Bench:
        return Bench(tmp_path, speeds, Settings(on=tuple(speeds), **settings))

    return make
