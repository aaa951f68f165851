import io
import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
from rich.console import Console

from onnxwright.bench.demo.answer import assess
from onnxwright.bench.demo.document import make_document, without_samples
from onnxwright.bench.demo.session import Outcome, Row
from onnxwright.bench.demo.speed import Timing
from onnxwright.bench.demo.table import complaints, explain, interval, make_table
from onnxwright.bench.digits.cases import case
from onnxwright.bench.results.measured import Conditions


def timings(scale: float) -> tuple[Timing, ...]:
    medians = tuple(scale * k * 1e-6 for k in range(1, 10))
    return tuple(Timing(batch, medians, ((scale,),) * 9, (1,) * 9) for batch in (1, 64))


def row(net: str, on: str, off: float = 0.0, scale: float = 1.0) -> Row:
    found = case(net)
    answer = assess(found, found.expected + np.float32(off), found.expected)
    parts = (net, found.parameters, f"{net}.onnx", 23456, on)
    return Row(*parts, answer=answer, timings=timings(scale))


def outcome(*rows: Row) -> Outcome:
    return Outcome(rows, (Conditions(other_cores=0.0),) * 9)


def render(rows: Sequence[Row], width: int = 200) -> list[str]:
    console = Console(width=width, file=io.StringIO(), color_system=None)
    console.print(make_table(rows))
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue().splitlines()


def test_a_net_is_named_once_and_each_runtime_has_a_line() -> None:
    lines = render([row("lstm", "numpy:float64"), row("lstm", "cpu", off=2e-5, scale=2)])
    np.testing.assert_equal(
        [" ".join(line.split()) for line in lines[-3:]],
        [
            "lstm (5,706 parameters, 23.5 kB)",
            "numpy:float64 97.1% reference 5.00 [2.00, 8.00] 12,800 [8,000, 32,000]",
            "cpu 97.1% 2.0e-05 10.0 [4.00, 16.0] 6,400 [4,000, 16,000]",
        ],
    )


def test_the_table_fits_80_columns() -> None:
    rows = [row("lecture_peephole", "numpy:float64", scale=100), row("lenet", "cpu", scale=5)]
    lines = render(rows, width=80)
    np.testing.assert_array_less([len(line) for line in lines], 81)
    np.testing.assert_equal(len(lines), 6)  # none goes on in a second line


def test_a_wrong_answer_is_shown_and_explained() -> None:
    wrong = row("lstm", "cpu", off=0.5)
    np.testing.assert_equal("WRONG" in render([wrong])[-1], True)
    np.testing.assert_equal(
        list(complaints(outcome(wrong))),
        ["lstm on cpu is wrong: 4500 of 4500 numbers are more than 0.0001 off, at most 5.0e-01"],
    )


def test_a_refused_net_and_fallen_back_nodes_are_shown() -> None:
    refused = replace(row("gru", "cuda"), answer=None, problem="no kernel", timings=())
    astray = replace(row("lstm", "cuda"), placement="3 of 4 nodes on cuda, 1 on cpu (LSTM)")
    lines = render([refused, astray])
    np.testing.assert_equal(lines[3].split()[-5:], ["-", "not", "taken", "-", "-"])
    np.testing.assert_equal("cuda*" in lines[-1], True)
    np.testing.assert_equal(
        list(explain(outcome(refused, astray)))[-1],
        "* lstm: 3 of 4 nodes on cuda, 1 on cpu (LSTM)",
    )


def test_the_sentences_give_the_farthest_answer() -> None:
    said = list(explain(outcome(row("lstm", "numpy"), row("gru", "cpu", off=3e-5))))
    np.testing.assert_equal(
        said[1],
        "Against the logits that PyTorch gave: at most 3.0e-05 off (limit 0.0001), 450 of 450 "
        "classes the same, on every runtime.",
    )
    (toy,) = list(explain(outcome(row("toy_lstm", "numpy", off=5e-4))))[1:]
    np.testing.assert_equal(
        toy,
        "toy_lstm against the lecture's 0 0 0 0 0 7 0 0 6: at most 5.0e-04 off (limit 0.001).",
    )


def test_figures_have_three_digits() -> None:
    np.testing.assert_equal(interval((1.234e-6, 9.999e-6, 99.96e-6), 1e6), "1.23 [10.0, 100]")


def test_the_document_is_json_with_every_figure_and_sample() -> None:
    refused = replace(row("gru", "cuda"), answer=None, problem="no kernel", timings=())
    found = outcome(row("lstm", "numpy", off=0.5), refused)
    document = make_document(found, [], datetime(2026, 11, 23, tzinfo=UTC))
    read = json.loads(json.dumps(document, allow_nan=False))
    first, second = read["rows"]
    np.testing.assert_equal(read["right"], False)
    np.testing.assert_equal(first["answer"]["right"], False)
    np.testing.assert_equal(second["problem"], "no kernel")
    np.testing.assert_equal(first["timings"][0]["latency_interval_s"], [2e-6, 8e-6])
    np.testing.assert_equal(first["timings"][1]["samples_s"], [[1.0]] * 9)
    shorter = without_samples(read)
    np.testing.assert_equal("samples_s" in shorter["rows"][0]["timings"][1], False)
    np.testing.assert_equal(shorter["rows"][0]["timings"][1]["medians_s"][0], 1e-6)
