"""Models that other tools wrote, on every command that runs or measures one."""

import json
from pathlib import Path

import numpy as np
import onnx
import pytest

from ... import foreign_models
from .conftest import Call

QUICK = ("--rounds", "3", "--time-budget", "0", "--no-peaks", "--sample-time", "0.01")


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    for name in ("classifier", "voice", "foreign_operator", "tree"):
        onnx.save(getattr(foreign_models, name)(), f"{name}.onnx")


@pytest.mark.parametrize("model", ["classifier", "voice"])
@pytest.mark.parametrize("line", [["run", "--seed", "0", "--on", "numpy"], ["verify"]])
def test_inputs_are_chosen_on_which_the_model_runs(call: Call, model: str, line: list[str]) -> None:
    code, _, stderr = call(line[0], f"{model}.onnx", *line[1:])
    np.testing.assert_equal(code, 0)
    assert ("--dim input.1=64" in stderr) == (model == "voice"), stderr


def test_unnamed_dims_are_axes(call: Call) -> None:
    options = ("--on", "numpy", "--axis", "input.0=1,4", "--format", "json", *QUICK)
    code, stdout, _ = call("bench", "voice.onnx", *options)
    np.testing.assert_equal(code, 0)
    rows = json.loads(stdout)["rows"]
    np.testing.assert_equal(
        [row["group"] for row in rows],
        ["voice input.0=1 input.1=64", "voice input.0=4 input.1=64"],
    )


def test_dims_that_are_bound_together_have_one_size(call: Call) -> None:
    options = ("--on", "numpy", "--axis", "input.0,state.1=1,4", "--axis", "input.1=50")
    code, stdout, _ = call("bench", "voice.onnx", *options, "--format", "json", *QUICK)
    np.testing.assert_equal(code, 0)
    groups = [row["group"] for row in json.loads(stdout)["rows"]]
    told = ["voice input.0=1 input.1=50 state.1=1", "voice input.0=4 input.1=50 state.1=4"]
    np.testing.assert_equal(groups, told)


@pytest.mark.parametrize("model", ["foreign_operator", "tree"])
def test_they_are_judged_with_and_without_kernels_of_numpy(call: Call, model: str) -> None:
    pytest.importorskip("onnxruntime")
    code, stdout, _ = call("verify", f"{model}.onnx", "--on", "cpu", "--format", "json")
    np.testing.assert_equal((code, json.loads(stdout)["passed"]), (0, True))
    code, stdout, stderr = call("bench", f"{model}.onnx", "--on", "cpu", "--format", "json", *QUICK)
    np.testing.assert_equal(code, 0)
    (row,) = json.loads(stdout)["rows"]
    np.testing.assert_equal((row["status"], row["accuracy"]["passed"]), ("ok", True))
    assert "use onnxruntime" not in stdout + stderr


def test_a_tree_ensemble_is_held_against_float64(call: Call) -> None:
    pytest.importorskip("onnxruntime")
    code, stdout, stderr = call("verify", "tree.onnx", "--on", "cpu")
    np.testing.assert_equal(code, 0)
    assert "cpu: the outputs agree with numpy:float64" in stdout
    assert "fallback" not in stdout + stderr


def test_errors_against_another_reference_are_not_told_as_errors(call: Call) -> None:
    pytest.importorskip("onnxruntime")
    options = ("bench", "foreign_operator.onnx", "--on", "cpu", *QUICK)
    _, stdout, stderr = call(*options, "--format", "json")
    accuracy = json.loads(stdout)["rows"][0]["accuracy"]
    np.testing.assert_equal((accuracy["max_abs"], accuracy["outputs"]), (None, []))
    assert "error budget" not in stdout
    told = "no float64 reference: the NumPy runtime has no kernel for com.microsoft.Inverse"
    np.testing.assert_equal(accuracy["note"].startswith(told), True)
    assert told in stderr.replace("\n", " ")
    _, stdout, _ = call("verify", "foreign_operator.onnx", "--on", "cpu")
    assert "cpu: the outputs agree with onnxruntime's own answer, not optimised" in stdout


def test_a_runtime_without_the_kernel_is_refused_as_before(call: Call) -> None:
    code, _, stderr = call("verify", "foreign_operator.onnx", "--on", "numpy")
    np.testing.assert_equal(code, 2)
    assert "this runtime has no kernel for it" in stderr
    assert "ask for another runtime" in stderr


def test_what_another_framework_gave_is_held_against_onnxruntime_alone(call: Call) -> None:
    pytest.importorskip("onnxruntime")
    x = np.stack([np.eye(3, dtype="float32") * 2])
    np.savez("io.npz", x=x, y=np.linalg.inv(x))
    code, stdout, _ = call("verify", "foreign_operator.onnx", "--on", "cpu", "--expect", "io.npz")
    np.testing.assert_equal(code, 0)
    assert "the model computes what io.npz holds" in stdout


def test_weights_in_constant_nodes_are_parameters(call: Call) -> None:
    stdout = call("inspect", "classifier.onnx", "--format", "json")[1]
    np.testing.assert_equal(json.loads(stdout)["parameters"], 4 * 3 * 3 * 3 + 4 * 2)
    code, stdout, _ = call("extract", "classifier.onnx", "-o", "w.npz")
    np.testing.assert_equal((code, "2 layers" in stdout), (0, True))
