import csv
import io
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from rich.console import Console, RenderableType

from onnxwright.bench.measure.launch import Ending
from onnxwright.bench.measure.matrix import run_matrix
from onnxwright.bench.measure.profiles import times_by_node
from onnxwright.bench.reports.csv_text import to_csv
from onnxwright.bench.reports.loads import load_table
from onnxwright.bench.reports.markdown import to_markdown
from onnxwright.bench.reports.ops import ops_table
from onnxwright.bench.reports.table import table
from onnxwright.bench.reports.warnings import noise, warnings
from onnxwright.bench.results.document import Results, RooflinePart, Versus
from onnxwright.bench.results.load_row import LoadRow
from onnxwright.bench.results.measured import Errors, NodeTime, PlacedNode, Profile
from onnxwright.bench.results.placement import placement_line
from onnxwright.bench.results.rows import concluded, summarize

from ..conftest import Bench

Make = Callable[..., Bench]


@pytest.fixture
def document(make_bench: Make) -> Results:
    bench = make_bench({"numpy": 2e-3, "cpu": 1e-3, "cuda": 1.0}, rounds=6, max_rounds=6)
    bench.noise = 0.0
    bench.broken = {"cuda": Ending(status="crash", stage="session", message="killed by SIGSEGV")}
    journal = bench.journal()
    run_matrix(bench.groups(), bench.settings, journal, bench.context())
    result = summarize(journal.header, journal.entries)
    return replace(result, rows=tuple(replace(row, flags={}) for row in result.rows))


def changed(document: Results, place: int, **fields: Any) -> Results:
    """Return the results with other fields in one row."""
    rows = list(document.rows)
    rows[place] = replace(rows[place], **fields)
    return replace(document, rows=tuple(rows))


def shown(document: Results, maker: Callable[[Results], RenderableType] = table) -> str:
    stream = io.StringIO()
    Console(file=stream, width=200).print(maker(document))
    return stream.getvalue()


def test_the_slowest_nodes_are_shown_with_their_part(document: Results) -> None:
    cpu = "CPUExecutionProvider"
    nodes = (
        NodeTime("quick", "Relu", cpu, 1, 1e-6, flops_share=0.5),
        NodeTime("slow[0]", "Gemm", cpu, 1, 3e-6, flops_share=0.5),
    )
    text = shown(changed(document, 1, profile=nodes), ops_table)
    assert text.index("slow[0]") < text.index("quick")
    for words in ("75 %", "3 µs", "50 % / -", "CPU"):
        assert words in text, words


def test_loads_are_shown_with_the_percentiles_there_are(document: Results) -> None:
    load = LoadRow(
        load="poisson=9",
        status="ok",
        processes=3,
        requests=50,
        median_s=1e-3,
        throughput_per_s=8.5,
        percentiles_s={"p90": 2e-3},
        overloaded=True,
    )
    ended = LoadRow(load="closed=1", status="time-out", processes=0)
    document = changed(changed(document, 0, load=(load,)), 1, load=(ended,))
    text = shown(document, load_table)
    for words in ("poisson=9", "8.5", "2 ms", "requests came", "time-out"):
        assert words in text, words


def test_markdown_begins_with_the_answer(document: Results) -> None:
    np.testing.assert_equal(
        to_markdown(document).splitlines()[:6],
        [
            "- **model batch=1**: cpu is fastest, 2.00x as fast as numpy [2.00, 2.00], within the "
            "error budget; cuda gave no result (crash)",
            "",
            "| model | runtime | time | against the best | verdict | error |",
            "|---|---|---|---|---|---|",
            "| model batch=1 | numpy | 2.00 ms [2.00, 2.00] | 2.00x [2.00, 2.00] | slower "
            "| 1.0e-07 |",
            "| model batch=1 | cpu | 1.00 ms [1.00, 1.00] | best | fastest | 1.0e-07 |",
        ],
    )


def test_csv_is_unrounded_and_absent_is_empty(document: Results) -> None:
    document = changed(document, 0, median_s=0.1 + 0.2)
    rows = list(csv.DictReader(io.StringIO(to_csv(document))))
    np.testing.assert_equal(rows[0]["median_s"], "0.30000000000000004")
    np.testing.assert_equal(rows[1]["verdict"], "faster")
    np.testing.assert_equal((rows[2]["median_s"], rows[2]["message"]), ("", "killed by SIGSEGV"))


def test_csv_holds_the_parts_of_a_row(document: Results) -> None:
    errors = Errors(passed=True, max_abs=0.25, max_rel=1e-9)
    document = changed(document, 0, accuracy=errors, flags={"busy": 3, "steal": 1})
    document = changed(document, 0, sizes={"batch": 1}, interval_s=(0.5, 1.5))
    part = RooflinePart(
        flops_per_s=1e9, bytes_per_s=2.5e9, flops_share=0.1, bytes_share=None, count_is_whole=True
    )
    document = changed(document, 0, limits=part)
    row = next(csv.DictReader(io.StringIO(to_csv(document))))
    names = ("flags", "sizes", "interval_s", "accuracy_passed", "accuracy_max_abs", "bytes_per_s")
    np.testing.assert_equal(
        [row[name] for name in names],
        ["busy=3;steal=1", "batch=1", "0.5;1.5", "True", "0.25", "2500000000.0"],
    )


def test_an_inaccurate_row_says_so_in_place_of_a_verdict(document: Results) -> None:
    document = concluded(changed(document, 1, accuracy=Errors(passed=False, max_abs=0.25)))
    assert "cpu | 1.00 ms [1.00, 1.00] | 0.50x [0.50, 0.50] | WRONG | 2.5e-01" in to_markdown(
        document
    )
    (warning, _) = warnings(document)
    assert "over the budget: cpu on model batch=1 (off by 2.5e-01)" in warning


def test_the_noise_floor_is_told(document: Results) -> None:
    np.testing.assert_equal(
        noise(document),
        "noise: held against itself, the first runtime came out as 1.00x as fast [1.00, 1.00] on "
        "model batch=1",
    )
    np.testing.assert_equal(
        warnings(document),
        ["no result: cuda: crash in session: killed by SIGSEGV (on model batch=1)"],
    )


def test_warnings_say_what_to_try(document: Results) -> None:
    floor = replace(document.floors["model batch=1"], honest=False, verdict="slower")
    document = replace(document, floors={"model batch=1": floor})
    document = changed(document, 0, flags={"busy": 5}, processes=4)
    unjudged = Errors(passed=None, note="no float64 reference: error: x")
    document = changed(document, 1, unsteady_processes=2, accuracy=unjudged)
    said = "\n".join(warnings(document))
    for words in (
        "identical processes came out as different on model batch=1",
        "1 of 3 cases have fewer than 6 processes",
        "Close other programs",
        "1 of 3 cases were disturbed in most of their processes (busy 5)",
        "2 of 6 processes were not steady",
        "accuracy was not judged: cpu on model batch=1, no float64 reference",
    ):
        assert words in said, words


def test_a_note_that_several_cases_share_is_told_once(document: Results) -> None:
    for passed, told in ((None, "accuracy was not judged"), (True, "accuracy")):
        found = document
        for place in (0, 1):
            found = changed(found, place, accuracy=Errors(passed=passed, note="no kernel"))
        said = f"{told}: numpy on model batch=1; cpu on model batch=1, no kernel"
        assert said in warnings(found), warnings(found)


PLACED = tuple(
    PlacedNode(name, op, f"{provider}ExecutionProvider")
    for name, op, provider in (("a", "Gemm", "CUDA"), ("b", "GRU", "CPU"), ("c", "GRU", "CPU"))
)
RAN = tuple(NodeTime(each.node, each.op, each.provider, 1, 1e-6) for each in PLACED)


@pytest.mark.parametrize(
    ("profile", "line"),
    [
        (Profile(PLACED), "1 of 3 nodes on CUDA, 2 on CPU: GRU (2)"),
        (Profile(PLACED[:1], RAN), "1 of 1 nodes on CUDA"),
        (Profile((), RAN[1:]), "0 of 2 nodes on CUDA, 2 on CPU: GRU (2)"),
        (Profile(), None),
        (None, None),
    ],
)
def test_placement(profile: Profile | None, line: str | None) -> None:
    np.testing.assert_equal(placement_line(profile, "CUDAExecutionProvider"), line)


def test_profile_times_leave_the_first_run_out() -> None:
    def event(node: str, microseconds: int) -> dict[str, Any]:
        about = {"op_name": "Tanh", "provider": "CPUExecutionProvider"}
        name = f"{node}_kernel_time"
        return {"cat": "Node", "name": name, "dur": microseconds, "args": about}

    other = {"cat": "Session", "name": "run", "dur": 7}
    body = [event("in_scan", 100), event("in_scan", 100)]
    events = [event("a", 900), *body, other]
    for dur in (10, 30, 20):
        events += [event("a", dur), event("in_scan", dur), event("in_scan", dur)]
    found = {each.node: each for each in times_by_node(events, runs=4)}
    np.testing.assert_allclose(found["a"].seconds, 20e-6)
    np.testing.assert_allclose(found["in_scan"].seconds, 40e-6)
    np.testing.assert_equal((found["in_scan"].calls, found["a"].op), (2, "Tanh"))


@pytest.mark.parametrize(
    ("told", "said"),
    [
        ({"speed_alone": "faster", "break_even_runs": 0}, "at once"),
        ({"speed_alone": "faster", "break_even_runs": 72000}, "72,000 runs"),
        ({"speed_alone": "faster"}, "never"),
        ({"speed_alone": "slower", "head_start_runs": 500}, "ahead for 500 runs"),
        ({"speed_alone": "slower", "head_start_runs": 0}, "never"),
        ({"speed_alone": "same", "start_difference_s": 0.25}, "starts 250 ms later"),
        ({"speed_alone": "same", "start_difference_s": -0.25}, "starts 250 ms sooner"),
        ({"speed_alone": "same"}, "same speed"),
        ({"speed_alone": "inconclusive"}, "not known"),
    ],
)
def test_what_a_slower_start_means(document: Results, told: dict[str, Any], said: str) -> None:
    versus = Versus(baseline="numpy", verdict=None, ratio=1.0, **told)
    document = changed(document, 1, versus=versus)
    assert said in to_markdown(document, ["runtime", "break-even"])


def test_a_share_of_a_peak_is_a_least_where_not_all_is_counted(document: Results) -> None:
    part = RooflinePart(
        flops_per_s=1e9, bytes_per_s=1e9, flops_share=0.2, bytes_share=0.1, count_is_whole=False
    )
    document = changed(document, 1, limits=part)
    assert ">=20 % / 10 %" in to_markdown(document, ["runtime", "peak"])
    whole = changed(document, 1, limits=replace(part, count_is_whole=True))
    assert "| 20 % / 10 %" in to_markdown(whole, ["runtime", "peak"])
