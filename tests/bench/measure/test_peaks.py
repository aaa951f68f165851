"""The machine's peaks: measured several times in the course of a run."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from onnxwright.bench.measure import peaks
from onnxwright.bench.measure.launch import WorkerLimits
from onnxwright.bench.measure.peaks import PASSES, peak_jobs
from onnxwright.bench.measure.session import Session
from onnxwright.bench.plan.cases import Subject, make_plan
from onnxwright.bench.plan.settings import Settings
from onnxwright.bench.results.measured import Conditions, Peak

from ..conftest import Bench


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(peaks, "MATRIX", 16)
    monkeypatch.setattr(peaks, "SMALL", 8)
    monkeypatch.setattr(peaks, "STREAM", 1 << 12)


def test_each_peak_is_measured_in_every_pass_and_only_where_needed(tmp_path: Path) -> None:
    settings = Settings(on=("numpy", "cpu"))
    groups = make_plan(settings, [Subject("net", tmp_path / "net.onnx", ())])
    jobs = peak_jobs(groups, tmp_path, ["float64", "bfloat16"])
    first = [job.name for job in jobs if job.number == 0]
    np.testing.assert_equal(
        first,
        [
            "NumPy itself threads=None",
            "numpy gemm float64",
            "numpy gemm float64 8",
            "numpy memory",
            "cpu gemm float64",
            "cpu gemm float64 8",
            "cpu memory",
        ],
    )
    np.testing.assert_equal([job.name for job in jobs], first * PASSES)
    known = [
        Peak(probe=job.name, round=job.number, label="", device="", threads=None, what="", rate=1.0)
        for job in jobs[:7]
    ]
    np.testing.assert_equal(peak_jobs(groups, tmp_path, ["float64"], known), jobs[7:])


@pytest.mark.parametrize("what", ["gemm float32", "gemm int8", "memory"])
def test_a_peak_is_a_rate_with_its_conditions(
    what: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    busy = Conditions(other_cores=1.0)
    monkeypatch.setattr(peaks, "observed", lambda call: (call(), busy))
    groups = make_plan(Settings(on=("cpu",)), [Subject("net", tmp_path / "net.onnx", ())])
    jobs = peak_jobs(groups, tmp_path, [what.split()[-1]])
    (job,) = (job for job in jobs if job.name == f"cpu {what}" and job.number == 1)
    (found,) = job.run(WorkerLimits())
    np.testing.assert_equal((found.what, found.round, found.flags), (what, 1, ("busy",)))
    assert found.rate is not None
    assert found.rate > 1e6


def test_peaks_are_measured_between_the_rounds(
    make_bench: Callable[..., Bench], monkeypatch: pytest.MonkeyPatch
) -> None:
    bench = make_bench({"numpy": 1e-3}, rounds=6, max_rounds=6)
    rate = Peak(probe="p", label="numpy", device="cpu", threads=None, what="memory", rate=1.0)
    monkeypatch.setattr(peaks.PeakJob, "run", lambda job, limits: [rate])
    journal = bench.journal()
    session = Session(bench.settings, journal, [(bench.groups(), bench.context())])
    session.run(lambda *_: None)
    kinds = "".join(entry.kind[1] for entry in journal.entries)  # "r" of process, "e" of peak
    jobs = PASSES * 4
    np.testing.assert_equal((kinds.count("e"), kinds.count("r")), (jobs, 12))
    assert kinds.startswith("rreerreerr"), kinds
