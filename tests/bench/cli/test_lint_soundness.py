"""``onnxwright lint`` without a target, its formats, ``--explain`` and ``--fix``."""

import json
from pathlib import Path

import numpy as np
import onnx
import onnx.parser
import pytest
from onnx import numpy_helper

from onnxwright.runtime import load
from tests.graphs.soundness.broken import RECURRENT

from .conftest import Call

UNTIDY = """<ir_version: 8, opset_import: ["" : 17]>
g (float[n] x) => (float[n] y) {
    [a] z = Relu (x)
    [a] y = Tanh (z)
    q = Exp (x)
}"""


@pytest.fixture
def broken(tmp_path: Path) -> Path:
    onnx.save(RECURRENT["W of too few rows"][1](), tmp_path / "m.onnx")
    return tmp_path / "m.onnx"


@pytest.fixture
def untidy(tmp_path: Path) -> Path:
    model = onnx.parser.parse_model(UNTIDY)
    model.graph.initializer.append(numpy_helper.from_array(np.zeros(3, np.float32), "nobody's"))
    onnx.save(model, tmp_path / "m.onnx")
    return tmp_path / "m.onnx"


@pytest.mark.parametrize("target", [[], ["-t", "cpu"]])
def test_a_malformed_layer_is_found_with_and_without_a_target(
    target: list[str], broken: Path, call: Call
) -> None:
    code, out, err = call("lint", broken, *target, "--format", "json")
    (finding,) = (f for f in json.loads(out)["findings"] if f["verdict"] == "invalid")
    np.testing.assert_equal([code, finding["rule"]], [1, "recurrent-weights"])
    assert finding["reason"].startswith("W has shape [1, 15, 3], needs [1, 16, 3]")
    assert "1 invalid" in err


def test_a_sound_model_passes(tmp_path: Path, call: Call) -> None:
    text = '<ir_version: 8, opset_import: ["" : 17]> g (float[n] x) => (float[n] y) {y = Relu (x)}'
    onnx.save(onnx.parser.parse_model(text), tmp_path / "m.onnx")
    code, out, err = call("lint", tmp_path / "m.onnx")
    np.testing.assert_equal([code, out], [0, ""])
    assert err.strip().endswith("m.onnx: nothing found")


def test_annotations_for_github(broken: Path, call: Call) -> None:
    code, out, _ = call("lint", broken, "--format", "github")
    np.testing.assert_equal(code, 1)
    (line,) = (line for line in out.splitlines() if "recurrent-weights" in line)
    assert line.startswith("::error file=")
    assert ",title=recurrent-weights::LSTM lstm: W has shape [1, 15, 3], needs" in line


def test_annotations_hold_no_command_of_the_model(tmp_path: Path, call: Call) -> None:
    model = RECURRENT["a direction misspelled"][1]()
    model.graph.node[0].name = "x\n::error::of the model"
    onnx.save(model, tmp_path / "m.onnx")
    _, out, _ = call("lint", tmp_path / "m.onnx", "--format", "github")
    assert not any(line.startswith("::error::of the model") for line in out.splitlines())


def test_sarif(broken: Path, call: Call) -> None:
    code, out, _ = call("lint", broken, "--format", "sarif")
    log = json.loads(out)
    (run,) = log["runs"]
    np.testing.assert_equal([code, log["version"]], [1, "2.1.0"])
    result = next(r for r in run["results"] if r["ruleId"] == "recurrent-weights")
    np.testing.assert_equal(result["level"], "error")
    rule = run["tool"]["driver"]["rules"][result["ruleIndex"]]
    np.testing.assert_equal(rule["id"], "recurrent-weights")
    (place,) = result["locations"]
    np.testing.assert_equal(place["logicalLocations"][0]["name"], "lstm")


@pytest.mark.parametrize(
    ("rule", "told"),
    [("recurrent-weights", "reads beyond the arrays"), ("recurrent-batch-first", "is refused")],
)
def test_a_rule_is_explained_without_a_model(rule: str, told: str, call: Call) -> None:
    code, out, _ = call("lint", "--explain", rule)
    np.testing.assert_equal(code, 0)
    assert told in out
    assert "what to do: " in out


def test_what_has_one_right_answer_is_mended(untidy: Path, call: Call) -> None:
    before, fixed = untidy.read_bytes(), untidy.parent / "fixed.onnx"
    code, out, err = call("lint", untidy, "--fix", fixed)
    np.testing.assert_equal([code, out, untidy.read_bytes()], [0, "", before])
    for sentence in (
        "removed 1 node that no output depends on",
        "removed 1 array that nobody reads",
        "renamed 1 node whose name another had",
    ):
        assert sentence in err
    x = {"x": np.array([-1, 2], np.float32)}
    old, new = (load(path, on="numpy").run(x)["y"] for path in (untidy, fixed))
    np.testing.assert_equal(new, old)
    np.testing.assert_equal([n.name for n in onnx.load(fixed).graph.node], ["a", "a_2"])
