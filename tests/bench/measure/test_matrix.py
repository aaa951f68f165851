from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from onnxwright.bench.errors import BenchError
from onnxwright.bench.measure.launch import Ending
from onnxwright.bench.measure.matrix import check_interpreters, run_matrix
from onnxwright.bench.measure.schedule import order
from onnxwright.bench.plan.cases import Case, Group
from onnxwright.bench.results.document import Results
from onnxwright.bench.results.measured import Errors, Process
from onnxwright.bench.results.rows import summarize
from onnxwright.bench.results.store import read_journal
from onnxwright.bench.verify.accuracy import compare

from ..conftest import Bench

Make = Callable[..., Bench]


def run(bench: Bench, name: str = "run.jsonl") -> Results:
    journal = bench.journal(name)
    run_matrix(bench.groups(), bench.settings, journal, bench.context())
    return summarize(journal.header, journal.entries)


def test_verdicts_against_the_first_runtime(make_bench: Make) -> None:
    bench = make_bench({"numpy": 3e-3, "cpu": 1e-3, "cuda": 3.6e-3}, min_effect=0.02)
    rows: dict[str, Any] = {row.label: row for row in run(bench).rows}
    np.testing.assert_equal(rows["numpy"].versus, None)
    np.testing.assert_equal(rows["cpu"].versus.verdict, "faster")
    np.testing.assert_equal(rows["cuda"].versus.verdict, "slower")
    np.testing.assert_allclose(rows["cpu"].versus.ratio, 1 / 3, rtol=0.01)
    np.testing.assert_allclose(rows["cpu"].median_s, 1e-3, rtol=0.01)


def test_the_pair_of_identical_cases_gives_the_noise_floor(make_bench: Make) -> None:
    document = run(make_bench({"numpy": 1e-3, "cpu": 1e-3}))
    floor = document.floors["model batch=1"]
    np.testing.assert_equal((floor.verdict, floor.honest), ("same", True))
    np.testing.assert_equal([row.label for row in document.rows], ["numpy", "cpu"])


def test_every_case_runs_as_often_and_in_balanced_order(make_bench: Make) -> None:
    bench = make_bench({"numpy": 1e-3, "cpu": 2e-3}, rounds=10, max_rounds=10)
    run(bench)
    np.testing.assert_equal(Counter(bench.launched), {"numpy": 20, "cpu": 10})
    (group,) = bench.groups()
    for number in range(0, 10, 2):
        first, second = (order(group, number + part, seed=0) for part in (0, 1))
        np.testing.assert_equal([c.id for c in first], [c.id for c in second][::-1])
    drawn = {tuple(case.id for case in order(group, number, 0)) for number in range(20)}
    assert len(drawn) > 3, drawn


@pytest.mark.parametrize(
    ("noise", "settings", "rounds"),
    [
        (0.0005, {"rounds": 10}, 10),
        (0.2, {"rounds": 10, "max_rounds": 14}, 14),
        (0.2, {"rounds": 10, "time_budget_s": 35.0}, 12),
        (0.2, {"rounds": 10, "time_budget_s": 0.0}, 10),
    ],
)
def test_rounds_end_by_width_by_number_or_by_time(
    make_bench: Make, noise: float, settings: dict[str, Any], rounds: int
) -> None:
    bench = make_bench({"numpy": 1e-3, "cpu": 1e-3}, **settings)
    bench.noise = noise
    np.testing.assert_equal({row.processes for row in run(bench).rows}, {rounds})


def test_a_failing_case_is_one_row_and_the_others_go_on(make_bench: Make) -> None:
    bench = make_bench({"numpy": 1e-3, "cpu": 1e-3, "cuda": 1.0}, rounds=4, max_rounds=4)
    bench.broken = {"cuda": Ending(status="crash", stage="session", message="SIGSEGV")}
    rows: dict[str, Any] = {row.label: row for row in run(bench).rows}
    np.testing.assert_equal(Counter(bench.launched)["cuda"], 1)
    np.testing.assert_equal((rows["cuda"].status, rows["cuda"].stage), ("crash", "session"))
    np.testing.assert_equal(rows["cpu"].processes, 4)


def test_a_failing_baseline_leaves_the_others_without_a_verdict(make_bench: Make) -> None:
    bench = make_bench({"numpy": 1e-3, "cpu": 1e-3}, rounds=4, max_rounds=4)
    bench.broken = {"numpy": Ending(status="time-out", stage="import", message="none")}
    rows: dict[str, Any] = {row.label: row for row in run(bench).rows}
    np.testing.assert_equal(rows["cpu"].versus.verdict, None)
    np.testing.assert_equal(rows["cpu"].processes, 4)


def test_errors_over_the_budget_are_a_failure_however_fast(make_bench: Make) -> None:
    bench = make_bench({"numpy": 3e-3, "cpu": 1e-3}, rounds=6, max_rounds=6)
    bench.comparer.summary = Errors(passed=False, max_abs=0.1)
    row: Any = run(bench).rows[1]
    np.testing.assert_equal(row.versus.verdict, "inaccurate")
    np.testing.assert_equal(row.versus.speed_alone, "faster")


@pytest.mark.parametrize("stop_after", [0, 1, 7, 29])
def test_a_run_that_was_killed_is_completed_without_repeating(
    make_bench: Make, stop_after: int
) -> None:
    settings = {"rounds": 10, "max_rounds": 10}
    whole = make_bench({"numpy": 1e-3, "cpu": 2e-3}, **settings)
    expected = run(whole, "whole.jsonl")
    bench = make_bench({"numpy": 1e-3, "cpu": 2e-3}, **settings)
    bench.stop_after = stop_after
    with pytest.raises(KeyboardInterrupt):
        run(bench)
    np.testing.assert_equal(len(read_journal(bench.folder / "run.jsonl")[1]), stop_after)
    bench.stop_after = None
    resumed = run(bench)
    np.testing.assert_equal(len(bench.launched), len(whole.launched))
    np.testing.assert_equal(structure(resumed.to_json()), structure(expected.to_json()))


def structure(document: Any) -> Any:
    """Return a document without its measured numbers and what else the machine was doing."""
    if isinstance(document, dict):
        kept = document.keys() - {"flags", "conditions"}
        return {key: structure(value) for key, value in document.items() if key in kept}
    if isinstance(document, list):
        return [structure(item) for item in document]
    return type(document).__name__ if isinstance(document, float) else document


def test_an_interpreter_that_is_not_there_is_refused_before_the_run(make_bench: Make) -> None:
    bench = make_bench({"numpy": 1e-3}, environments={"numpy": "/nowhere/python"})
    with pytest.raises(BenchError, match="/nowhere/python is not a Python interpreter"):
        check_interpreters(bench.groups())


def test_a_journal_is_written_before_the_next_process(make_bench: Make, tmp_path: Path) -> None:
    bench = make_bench({"numpy": 1e-3}, rounds=3, max_rounds=3)
    seen: list[int] = []
    journal = bench.journal()
    run_matrix(
        bench.groups(),
        bench.settings,
        journal,
        bench.context(),
        lambda entry: seen.append(len(read_journal(journal.path)[1])),
    )
    np.testing.assert_equal(seen, [1, 2, 3, 4, 5, 6])


@dataclass
class Wavering:
    """A comparer that finds all but the first processes wrong."""

    asked: int = 0

    def errors(self, group: Group, case: Case, feeds: Path, outputs: Path) -> Errors:
        self.asked += 1
        return Errors(passed=self.asked <= 4, max_abs=1e-7 if self.asked <= 4 else 0.5)


def test_the_worst_process_tells_the_accuracy(make_bench: Make) -> None:
    bench = make_bench({"numpy": 1e-3}, rounds=6, max_rounds=6)
    journal, comparer = bench.journal(), Wavering()
    run_matrix(bench.groups(), bench.settings, journal, replace(bench.context(), comparer=comparer))
    (row,) = summarize(journal.header, journal.entries).rows
    np.testing.assert_equal(comparer.asked, 12)
    np.testing.assert_equal(row.accuracy, Errors(passed=False, max_abs=0.5))
    np.testing.assert_equal(row.accuracy_varies, True)


@pytest.mark.parametrize(("noise", "most"), [(0.001, 10), (0.05, 30)])
def test_rounds_are_added_for_one_runtime_until_its_time_is_known(
    make_bench: Make, noise: float, most: int
) -> None:
    bench = make_bench({"numpy": 1e-3}, rounds=10, max_rounds=30)
    bench.noise = noise
    np.testing.assert_equal(run(bench).rows[0].processes, most)


def test_rounds_are_added_until_the_quickest_is_told_from_all_others(make_bench: Make) -> None:
    # The two others lie far from the first, and so near each other that more rounds are needed.
    bench = make_bench({"numpy": 9e-3, "cpu": 1e-3, "cuda": 1.02e-3}, max_rounds=30)
    bench.noise = 0.02
    assert run(bench).rows[0].processes > 10


def test_of_large_outputs_the_first_process_alone_is_checked(
    make_bench: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench = make_bench({"numpy": 1e-3}, rounds=6, max_rounds=6)
    row = compare("y", np.ones((2, 3), np.float32), np.ones((2, 3)))
    bench.comparer.summary = Errors(passed=True, max_abs=0.0, outputs=(row,))
    for most, checked in ((6, 12), (5, 2)):
        monkeypatch.setattr("onnxwright.bench.measure.matrix.MOST_CHECKED", most)
        journal = bench.journal(f"{most}.jsonl")
        run_matrix(bench.groups(), bench.settings, journal, bench.context())
        told = [each for each in journal.entries if isinstance(each, Process) and each.accuracy]
        np.testing.assert_equal(len(told), checked)
