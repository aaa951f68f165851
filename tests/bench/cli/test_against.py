"""``onnxwright verify --against``: what quantizing a real net costs, and where."""

import json
from pathlib import Path

import numpy as np
import pytest

from onnxwright.bench.digits import data, nets

from .conftest import Call


@pytest.fixture
def folder(tmp_path: Path, call: Call) -> Path:
    pytest.importorskip("onnxruntime")
    nets.build("lenet").save(tmp_path / "f.onnx")
    np.save(tmp_path / "x.npy", data.images()[:20].reshape(20, 1, 8, 8))
    # Seven bits: onnxruntime multiplies them exactly on every processor.
    quantize = ["quantize", tmp_path / "f.onnx", "-o", tmp_path / "q.onnx", "--reduce-range"]
    np.testing.assert_equal(call(*quantize)[0], 0)
    return tmp_path


def verified(call: Call, folder: Path, *more: str) -> tuple[int, str]:
    given = ["--on", "cpu", "--against", folder / "f.onnx", "--input", f"x={folder}/x.npy"]
    code, out, _ = call("verify", folder / "q.onnx", *given, *more)
    return code, out


def test_the_answer_is_the_first_line(folder: Path, call: Call) -> None:
    code, out = verified(call, folder)
    np.testing.assert_equal(code, 0)
    answer = out.splitlines()[0]
    assert answer.startswith("the outputs are within the budget of 0.03: 'logits' on cpu is 0.0")
    assert "most damage is done by " in answer


def test_a_smaller_budget_fails(folder: Path, call: Call) -> None:
    code, out = verified(call, folder, "--budget", "1e-6")
    np.testing.assert_equal(code, 1)
    assert out.startswith("the outputs are NOT within the budget of 1e-06")
    assert "OVER BUDGET" in out


def test_a_program_gets_every_layer(folder: Path, call: Call) -> None:
    code, out = verified(call, folder, "--format", "json")
    told = json.loads(out)["against"]
    np.testing.assert_equal([code, told["passed"], told["budget"]], [0, True, 0.03])
    layers = told["layers"]
    np.testing.assert_equal(sorted(layers[0]), ["alone", "in_all", "node", "op_type", "value"])
    np.testing.assert_equal({"Conv", "Gemm"}, {layer["op_type"] for layer in layers[:5]})
    (row,) = told["outputs"]["cpu"]
    np.testing.assert_array_less(row["rel_l2"], 0.03)
