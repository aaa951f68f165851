import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from onnxwright.bench.errors import BenchError
from onnxwright.bench.measure.launch import Ending
from onnxwright.bench.measure.matrix import run_matrix
from onnxwright.bench.measure.wire import Answer
from onnxwright.bench.results.compare import compare, compare_sessions, exit_code
from onnxwright.bench.results.document import Results
from onnxwright.bench.results.measured import Errors
from onnxwright.bench.results.store import read_results, save_results

from ..conftest import Bench

Make = Callable[..., Bench]


@pytest.fixture
def measure(make_bench: Make) -> Callable[..., Results]:
    """Return a function that runs a bench at given speeds and reads its journal as results."""

    def run(name: str, speeds: dict[str, float], **changes: Any) -> Results:
        bench = make_bench(speeds, rounds=8, max_rounds=8)
        for attribute, value in changes.items():
            setattr(bench, attribute, value)
        journal = bench.journal(f"{name}.jsonl")
        run_matrix(bench.groups(), bench.settings, journal, bench.context())
        return read_results(journal.path)

    return run


@pytest.mark.parametrize(
    ("factor", "verdict", "code"),
    [(1.1, "slower", 1), (0.9, "faster", 0), (1.0, "same", 0), (1.02, "inconclusive", 0)],
)
def test_a_change_gets_a_verdict_and_an_exit_code(
    measure: Callable[..., Results], factor: float, verdict: str, code: int
) -> None:
    base = measure("base", {"numpy": 1e-3})
    new = measure("new", {"numpy": 1e-3 * factor})
    result = compare(base, new)
    np.testing.assert_equal([row.verdict for row in result.rows], [verdict])
    np.testing.assert_equal(exit_code(result), code)
    np.testing.assert_equal(exit_code(result, True), 3 if verdict == "inconclusive" else code)


def test_new_failures_and_inaccuracy_are_regressions(
    measure: Callable[..., Results],
) -> None:
    base = measure("base", {"numpy": 1e-3, "cpu": 1e-3})
    crash: dict[str, Ending[Answer]] = {
        "cpu": Ending(status="crash", stage="session", message="SIGSEGV")
    }
    broken = measure("broken", {"numpy": 1e-3, "cpu": 1e-3}, broken=crash)
    result = compare(base, broken)
    np.testing.assert_equal(result.rows[1].verdict, "failed")
    np.testing.assert_equal(exit_code(result), 1)
    np.testing.assert_equal(compare(broken, broken).rows[1].verdict, "failed before too")
    fast = measure("fast", {"numpy": 5e-4, "cpu": 1e-3})
    wrong = replace(fast.rows[0], accuracy=Errors(passed=False, max_abs=1.0))
    fast = replace(fast, rows=(wrong, *fast.rows[1:]))
    np.testing.assert_equal(compare(base, fast).rows[0].verdict, "inaccurate")


def test_unlike_machines_are_refused_or_named(measure: Callable[..., Results]) -> None:
    base, new = measure("base", {"numpy": 1e-3}), measure("new", {"numpy": 1e-3})
    new = replace(new, machine=replace(new.machine, cpu="other", packages={"numpy": "3"}))
    with pytest.raises(BenchError, match="unlike machines: cpu: 'test' and 'other'"):
        compare(base, new)
    np.testing.assert_equal(
        compare(base, new, lenient=True).differs, ("cpu: 'test' and 'other'", "numpy: 2 and 3")
    )


def test_cases_of_one_side_are_listed(measure: Callable[..., Results]) -> None:
    both = measure("both", {"numpy": 1e-3, "cpu": 1e-3})
    one = measure("one", {"numpy": 1e-3})
    np.testing.assert_equal(compare(both, one).missing, ("model batch=1 | cpu",))
    np.testing.assert_equal(compare(one, both).added, ("model batch=1 | cpu",))
    with pytest.raises(BenchError, match="no case is in both results: 1 there, 1 here"):
        compare(measure("cpu", {"cpu": 1e-3}), one)


def test_an_export_reads_back_like_its_journal(
    measure: Callable[..., Results], tmp_path: Path
) -> None:
    document = measure("run", {"numpy": 1e-3})
    save_results(tmp_path / "r.json", document.to_json())
    np.testing.assert_equal(read_results(tmp_path / "r.json"), document)


def test_results_of_another_kind_are_refused(tmp_path: Path) -> None:
    save_results(tmp_path / "demo.json", {"kind": "demo"})
    with pytest.raises(BenchError, match="is a results file of another kind"):
        read_results(tmp_path / "demo.json")


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("r.json", {"schema_version": 1, "kind": "results", "rows": []}),
        ("r.jsonl", {"schema_version": 1, "kind": "run", "machine": {}, "settings": {}}),
        ("r.jsonl", {"schema_version": 1, "kind": "run", "cases": 3}),
    ],
)
def test_results_that_are_not_whole_are_refused(
    tmp_path: Path, name: str, content: dict[str, Any]
) -> None:
    (tmp_path / name).write_text(json.dumps(content) + "\n")
    with pytest.raises(BenchError, match="is not whole"):
        read_results(tmp_path / name)


def slowed(results: Results, factor: float) -> Results:
    """Return a session in which every process takes so many times as long."""
    processes = []
    for process in results.processes:
        assert process.result is not None
        steady = process.result.steady_run
        steady = replace(steady, median_s=steady.median_s * factor)
        processes.append(replace(process, result=replace(process.result, steady_run=steady)))
    return replace(results, processes=tuple(processes))


SESSIONS = (1.0, 1.04, 0.96, 1.02)
"""What sets sessions of the same program apart."""


@pytest.mark.parametrize(
    ("factor", "alone", "together"),
    [(1.0, "slower", "inconclusive"), (1.2, "slower", "slower"), (0.8, "faster", "faster")],
)
def test_sessions_are_the_unit_of_replicates(
    measure: Callable[..., Results], factor: float, alone: str, together: str
) -> None:
    whole = measure("base", {"numpy": 1e-3}, noise=0.001)
    bases = [slowed(whole, each) for each in SESSIONS]
    news = [slowed(whole, factor * each * 1.0001) for each in SESSIONS]
    worst = news[1] if alone == "slower" else news[2]
    np.testing.assert_equal(compare(bases[0], worst).rows[0].verdict, alone)
    result = compare_sessions(bases, news)
    np.testing.assert_equal((result.rows[0].verdict, result.sessions), (together, 4))
    np.testing.assert_allclose(result.rows[0].ratio or 0, factor, rtol=1e-3)


def test_replicates_are_several_and_each_of_its_own(measure: Callable[..., Results]) -> None:
    whole = measure("base", {"numpy": 1e-3})
    sessions = [slowed(whole, 1 + place / 100) for place in range(8)]
    with pytest.raises(BenchError, match=r"^3 sessions a side decide .*\nmeasure at least 4"):
        compare_sessions(sessions[:3], sessions[3:])
    with pytest.raises(BenchError, match=r"^the files 1 and 5 hold the same session\ngive each"):
        compare_sessions(sessions[:4], sessions[:4])


def test_a_failure_in_any_session_counts(measure: Callable[..., Results]) -> None:
    whole = measure("base", {"numpy": 1e-3})
    sessions = [slowed(whole, 1 + place / 100) for place in range(8)]
    wrong = replace(whole.rows[0], accuracy=Errors(passed=False, max_abs=1.0))
    sessions[6] = replace(sessions[6], rows=(wrong,))
    result = compare_sessions(sessions[:4], sessions[4:])
    np.testing.assert_equal(result.rows[0].verdict, "inaccurate")
    other = replace(sessions[7], machine=replace(whole.machine, cpu="other"))
    with pytest.raises(BenchError, match="unlike machines: cpu: 'test' and 'other'"):
        compare_sessions(sessions[:4], [*sessions[4:7], other])
