"""What people see keeps to 80 columns, and has no styles where NO_COLOR says so."""

from pathlib import Path

import numpy as np
import onnx.parser
import pytest

from .conftest import Call

MODEL = """
    <ir_version: 8, opset_import: ["" : 17]>
    tanh (float[batch, 3] x) => (float[batch, 3] y) { y = Tanh(x) }
"""
RESULTS = Path(__file__).parents[2] / "data" / "results" / "run.jsonl"
WORDS = [
    ["verify", "net.onnx", "--on", "cpu"],
    ["providers"],
    ["lint", "odd.onnx", "-t", "cuda", "--fail-on", "never"],
    ["run", "net.onnx", "--seed", "0"],
    ["report", str(RESULTS), "--ops"],
    ["compare", str(RESULTS), str(RESULTS)],
    ["bench", "net.onnx", "--on", "numpy", "--dry-run"],
]


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "80")
    onnx.save(onnx.parser.parse_model(MODEL), "net.onnx")
    onnx.save(onnx.parser.parse_model(MODEL.replace("Tanh", "Det")), "odd.onnx")


@pytest.mark.parametrize("words", WORDS, ids=lambda words: words[0])
def test_results_keep_to_80_columns(words: list[str], call: Call) -> None:
    _, out, err = call(*words)
    assert out, err
    np.testing.assert_equal([line for line in out.splitlines() if len(line) > 80], [])


@pytest.mark.parametrize("words", WORDS, ids=lambda words: words[0])
def test_no_color_means_no_style_at_all(
    words: list[str], call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("NO_COLOR", "1")
    _, out, err = call(*words)
    np.testing.assert_equal((out.count("\x1b"), err.count("\x1b")), (0, 0))


def test_without_no_color_words_stand_out(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("TERM", "xterm")
    assert "\x1b[" in call("report", str(RESULTS))[1]
