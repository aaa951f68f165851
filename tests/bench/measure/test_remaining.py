"""How much of a run is left."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from onnxwright.bench.measure.estimate import estimate, expected_processes
from onnxwright.bench.measure.remaining import Remaining
from onnxwright.bench.results.measured import LoadRun, Peak, Process

from ..conftest import Bench

Make = Callable[..., Bench]
LOADS = ("closed=1",)


@dataclass
class Clock:
    now: float = 0.0

    def __call__(self) -> float:
        return self.now


def test_an_estimate_is_of_rounds_peaks_and_loads(make_bench: Make) -> None:
    bench = make_bench({"numpy": 1e-3, "cpu": 1e-3}, loads=LOADS, sample_s=0.4, load_s=1.4)
    kinds = expected_processes(bench.groups(), bench.settings)
    np.testing.assert_equal(kinds, {"process": 30, "peak": 3 * (2 * 3 + 1), "load": 3 * 2})
    found = estimate(bench.groups(), bench.settings)
    np.testing.assert_equal((found.cases, found.least_processes), (2, 57))
    np.testing.assert_allclose(found.least_s, 30 * 1.0 + 21 * 1.2 + 6 * 2.0)
    np.testing.assert_allclose(found.most_s, 60.0 + 21 * 1.2 + 6 * 2.0)
    quick = make_bench({"numpy": 1e-3}, peaks=False, time_budget_s=0.0, sample_s=0.4)
    np.testing.assert_allclose(estimate(quick.groups(), quick.settings).most_s, 20.0)


def test_what_is_left_is_learnt_as_the_run_goes(make_bench: Make) -> None:
    bench = make_bench({"numpy": 1e-3, "cpu": 1e-3}, loads=LOADS, rounds=4)
    (group,) = bench.groups()
    clock = Clock()
    left = Remaining([group], bench.settings, clock)
    for case in group.cases:
        clock.now += 5.0
        left.add(Process(case=case.id, status="ok"))
    clock.now += 2.0
    peak = Peak(probe="p", label="numpy", device="cpu", threads=None, what="memory", rate=1.0)
    left.add(peak)
    clock.now += 3.0
    load = LoadRun(case=group.cases[0].id, load="closed=1", status="ok", seconds=1.0, rate=None)
    left.add(load)
    process, peak_s, load_s = (0.7 + 15.0) / 4, (1.2 + 2.0) / 2, (3.6 + 3.0) / 2
    expected = 9 * process + 20 * peak_s + 5 * load_s
    np.testing.assert_allclose(left.seconds, expected)
    np.testing.assert_allclose(left.part, 20.0 / (20.0 + expected))
    left.count(Process(case=group.cases[1].id, round=1, status="crash"))
    np.testing.assert_allclose(left.seconds, 4 * process + 20 * peak_s + 5 * load_s)
