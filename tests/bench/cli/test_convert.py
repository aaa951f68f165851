"""``onnxwright convert``, and what ``--check`` and ``--expect`` keep from being written."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from onnxwright import runtime
from onnxwright.bench.digits import data

from .conftest import Call

DATA = Path(__file__).parents[2] / "data" / "checkpoints" / "keras"
DIGITS = Path(data.__file__).parent
NETWORK = ["build", DIGITS / "networks/gru.toml", "-w", DIGITS / "weights/gru.safetensors"]


@pytest.mark.parametrize("file", ["stack.keras", "stack.h5", "stack_2.h5"])
def test_a_saved_model_becomes_a_verified_one(file: str, tmp_path: Path, call: Call) -> None:
    record = DATA / f"{file.rpartition('.')[0]}.0.npz"
    out = tmp_path / "net.onnx"
    code, told, _ = call(
        "convert", DATA / file, "-o", out, "--check", record, "--on", "cpu", "--format", "json"
    )
    facts = json.loads(told)
    np.testing.assert_equal((code, facts["nodes"]), (0, 8))
    np.testing.assert_equal(list(facts["translation"]["outputs"]), ["numpy:float64", "cpu"])
    x, y = np.load(record).values()
    runner = runtime.load(out)
    np.testing.assert_allclose(runner.run({runner.inputs[0].name: x})["dense"], y, atol=1e-5)


@pytest.mark.parametrize("command", ["convert", "build"])
def test_nothing_is_written_where_the_outputs_differ(
    command: str, tmp_path: Path, call: Call
) -> None:
    out = tmp_path / "net.onnx"
    if command == "convert":
        x, y = np.load(DATA / "stack.0.npz").values()
        arguments: list[Any] = ["convert", DATA / "stack.keras"]
    else:
        x, y = data.images()[:20].reshape(20, 8, 8), data.logits("gru")[:20]
        arguments = NETWORK
    np.savez(tmp_path / "io.npz", x, y + np.float32(1e-3))
    code, told, error = call(*arguments, "-o", out, "--check", tmp_path / "io.npz")
    np.testing.assert_equal((code, out.exists()), (1, False))
    assert "does NOT compute" in told
    assert "DIFFERS" in told
    assert f"{out} was not written" in error


def test_expected_outputs_with_their_inputs(tmp_path: Path, call: Call) -> None:
    x = data.images()[:20].reshape(20, 8, 8).astype(np.float64)
    np.save(tmp_path / "x.npy", x)
    np.savez(tmp_path / "out.npz", logits=data.logits("gru")[:20])
    options = ["--expect", tmp_path / "out.npz", "--input", f"x={tmp_path / 'x.npy'}"]
    code, told, _ = call(*NETWORK, "-o", tmp_path / "net.onnx", *options)
    np.testing.assert_equal(code, 0)
    assert "the model computes what" in told


def test_outputs_without_names_are_in_the_models_order(tmp_path: Path, call: Call) -> None:
    a, b, *outputs = np.load(DATA / "graph.0.npz").values()
    np.savez(tmp_path / "out.npz", *outputs)
    np.savez(tmp_path / "in.npz", a=a, b=b)
    options = ["--expect", tmp_path / "out.npz", "--input", tmp_path / "in.npz"]
    code, told, _ = call("convert", DATA / "graph.keras", "-o", tmp_path / "net.onnx", *options)
    np.testing.assert_equal(code, 0)
    assert "not compared" not in told


def test_ids_of_another_width_are_taken(tmp_path: Path, call: Call) -> None:
    ids, *outputs = np.load(DATA / "masked_ids.0.npz").values()
    np.savez(tmp_path / "io.npz", ids.astype(np.int64), *outputs)
    model, out = DATA / "masked_ids.keras", tmp_path / "net.onnx"
    code, _, _ = call("convert", model, "-o", out, "--check", tmp_path / "io.npz")
    np.testing.assert_equal(code, 0)


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["--on", "cpu"], "--on and --input say nothing without --check or --expect"),
        (["--check", "a.npz", "--expect", "b.npz"], "--check and --expect are both given"),
        (["--check", "a.npz", "--input", "x=x.npy"], "--check has its inputs in its own file"),
        (["--check", "none.npz"], "cannot read arrays from none.npz"),
        (["--check", DATA / "graph.0.npz"], "has 5 arrays without names, the model 1 inputs and 1"),
    ],
)
def test_options_that_do_not_go_together(
    options: list[Any], told: str, tmp_path: Path, call: Call
) -> None:
    out = tmp_path / "net.onnx"
    code, _, error = call("convert", DATA / "stack.keras", "-o", out, *options)
    np.testing.assert_equal((code, out.exists()), (2, False))
    assert told in error


def test_the_saved_file_is_not_written_over(tmp_path: Path, call: Call) -> None:
    path = tmp_path / "net.keras"
    path.write_bytes((DATA / "stack.keras").read_bytes())
    code, _, error = call("convert", path, "-o", path)
    np.testing.assert_equal(code, 2)
    np.testing.assert_equal(path.read_bytes(), (DATA / "stack.keras").read_bytes())
    assert "net.keras" in error
