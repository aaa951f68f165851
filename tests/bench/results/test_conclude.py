"""What a model is best run on, in words and as data."""

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from onnxwright.bench.measure.launch import Ending
from onnxwright.bench.measure.matrix import run_matrix
from onnxwright.bench.measure.wire import Answer
from onnxwright.bench.results.conclude import conclude
from onnxwright.bench.results.conclusion import Conclusion
from onnxwright.bench.results.document import Results
from onnxwright.bench.results.measured import Errors
from onnxwright.bench.results.rows import by_round
from onnxwright.bench.results.store import read_results, save_results

from ..conftest import Bench

Make = Callable[..., Bench]
CRASH: Ending[Answer] = Ending(status="crash", stage="session", message="SIGSEGV")


@pytest.fixture
def measure(make_bench: Make) -> Callable[..., Results]:
    """Return a function that runs a bench at given speeds and reads its journal as results."""

    def run(speeds: dict[str, float], noise: float = 0.001, **broken: Any) -> Results:
        bench = make_bench(speeds, rounds=8, max_rounds=8)
        bench.noise, bench.broken = noise, broken
        journal = bench.journal(f"{len(list(bench.folder.iterdir()))}.jsonl")
        run_matrix(bench.groups(), bench.settings, journal, bench.context())
        return read_results(journal.path)

    return run


def again(document: Results, place: int, **fields: Any) -> Conclusion:
    """Return the conclusion with other fields in one row."""
    rows = list(document.rows)
    rows[place] = replace(rows[place], **fields)
    done = by_round(document.processes)
    return conclude(rows, done, document.floors, document.settings.min_effect)[0]


@pytest.mark.parametrize(
    ("speeds", "noise", "state", "said"),
    [
        ({"numpy": 3e-3, "cpu": 1e-3}, 0.001, "fastest", r"cpu is fastest, 3\.\d+x as fast as nu"),
        ({"numpy": 1e-3, "cpu": 3e-3}, 0.001, "fastest", r"numpy is fastest, 3\.\d+x as fast as c"),
        ({"numpy": 1e-3, "cpu": 1e-3}, 0.001, "tied", r"(numpy and cpu|cpu and numpy) are equally"),
        ({"numpy": 1e-3, "cpu": 1.02e-3}, 0.0005, "open", r"undecided whether numpy is fastest, 1"),
        (
            {"numpy": 2e-3, "cpu": 1e-3, "cuda": 1e-3},
            0.001,
            "tied",
            r"equally fast, to 2 %, and \w+ is (2\.0|1\.9)\d*x as fast as numpy \[",
        ),
        (
            {"numpy": 2e-3, "cpu": 1e-3, "cuda": 1.02e-3},
            0.0005,
            "open",
            r"fastest, 1\.0\d+x as fast as cuda \[.*; it is (2\.0|1\.9)\d*x as fast as numpy \[",
        ),
        ({"numpy": 1e-3}, 0.001, "alone", "numpy is the only runtime measured"),
    ],
)
def test_a_group_has_one_answer(
    measure: Callable[..., Results],
    speeds: dict[str, float],
    noise: float,
    state: str,
    said: str,
) -> None:
    (found,) = measure(speeds, noise).conclusions
    np.testing.assert_equal(found.state, state)
    pattern = rf"model batch=1: .*{said}.*(, within the error|; errors are within the) budget$"
    assert re.match(pattern, found.text), found.text
    count = len(speeds)
    np.testing.assert_equal(len(found.pairs), count * (count - 1) // 2)


def test_a_wrong_runtime_is_never_the_best(measure: Callable[..., Results]) -> None:
    document = measure({"numpy": 2e-3, "cpu": 1e-3})
    found = again(document, 1, accuracy=Errors(passed=False, max_abs=0.032))
    np.testing.assert_equal((found.best, found.state), ("numpy", "alone"))
    np.testing.assert_equal(
        found.text,
        "model batch=1: numpy is the only runtime with a right result, within the error budget; "
        "cpu is wrong (off by 3.2e-02)",
    )
    np.testing.assert_equal(len(found.pairs), 1)  # how fast a wrong one is, is told all the same


def test_failures_are_named(measure: Callable[..., Results]) -> None:
    (found,) = measure({"numpy": 2e-3, "cpu": 1e-3}, cpu=CRASH).conclusions
    assert found.text.endswith("; cpu gave no result (crash)")
    (found,) = measure({"numpy": 2e-3}, numpy=CRASH).conclusions
    np.testing.assert_equal((found.best, found.state), (None, "none"))
    np.testing.assert_equal(
        found.text,
        "model batch=1: no runtime gave a right result; numpy gave no result (crash)",
    )


def test_noise_and_few_processes_decide_nothing(measure: Callable[..., Results]) -> None:
    document = measure({"numpy": 2e-3, "cpu": 1e-3})
    floor = replace(document.floors["model batch=1"], honest=False, verdict="slower")
    done = by_round(document.processes)
    (found,) = conclude(document.rows, done, {"model batch=1": floor}, 0.02)
    np.testing.assert_equal((found.state, found.best), ("noisy", "cpu"))
    assert "undecided, because identical processes came out as different" in found.text
    few = {place: each for place, each in done.items() if place[1] < 4}
    (found,) = conclude(document.rows, few, {}, 0.02)
    np.testing.assert_equal((found.state, found.undecided), ("open", ("numpy",)))
    assert "because fewer than 6 processes of each runtime were run" in found.text


def test_what_was_not_judged_is_said(measure: Callable[..., Results]) -> None:
    found = again(measure({"numpy": 2e-3, "cpu": 1e-3}), 1, accuracy=Errors(passed=None, note="x"))
    assert found.text.endswith(", its errors not judged")
    np.testing.assert_equal(found.unjudged, ("cpu",))


def test_a_pair_reads_from_both_sides(measure: Callable[..., Results]) -> None:
    (found,) = measure({"numpy": 2e-3, "cpu": 1e-3}).conclusions
    one, other = found.between("cpu", "numpy"), found.between("numpy", "cpu")
    assert one is not None
    assert other is not None
    np.testing.assert_equal((one.verdict, other.verdict), ("faster", "slower"))
    np.testing.assert_allclose(one.times_as_fast * other.times_as_fast, 1)
    np.testing.assert_allclose((one.low * other.high, one.high * other.low), 1)
    np.testing.assert_equal(found.between("cpu", "cuda"), None)


def test_a_file_without_conclusions_gets_them(
    measure: Callable[..., Results], tmp_path: Path
) -> None:
    document = measure({"numpy": 2e-3, "cpu": 1e-3})
    old = document.to_json()
    del old["conclusions"]
    save_results(tmp_path / "old.json", old)
    np.testing.assert_equal(read_results(tmp_path / "old.json"), document)
