"""``onnxwright bench --against``: two models in one run, speed, error and size side by side."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnx.parser
import pytest
from onnx import numpy_helper

from .conftest import Call

QUICK = ["--rounds", "3", "--max-rounds", "3", "--sample-time", "0.005", "--no-peaks"]


def scaled(folder: Path, name: str, factor: float, extra: int = 0) -> Path:
    """Save a model that multiplies by `factor`, with so many bytes that nobody reads."""
    model = onnx.parser.parse_model(
        '<ir_version: 8, opset_import: ["" : 17]>'
        "g (float[batch, 3] x) => (float[batch, 3] y) { y = Mul (x, w) }"
    )
    model.graph.initializer.append(numpy_helper.from_array(np.array([factor], np.float32), "w"))
    model.graph.initializer.append(numpy_helper.from_array(np.zeros(extra, np.int8), "idle"))
    onnx.save(model, folder / f"{name}.onnx")
    return folder / f"{name}.onnx"


@pytest.fixture(autouse=True)
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))


def measured(call: Call, code: int, *arguments: Any) -> dict[str, Any]:
    given = ["bench", *arguments, "--on", "numpy", *QUICK, "--format", "json"]
    found, out, err = call(*given)
    np.testing.assert_equal(found, code, err)
    told: dict[str, Any] = json.loads(out)
    return told


def test_models_stand_in_one_group_with_error_and_size(tmp_path: Path, call: Call) -> None:
    base = scaled(tmp_path, "base", 1.0, extra=5000)
    other = scaled(tmp_path, "other", 1.01)
    told = measured(call, 0, base, other, "--against", base)
    np.testing.assert_equal({row["group"] for row in told["rows"]}, {"base batch=1"})
    rows = {row["label"]: row for row in told["rows"]}
    np.testing.assert_equal(list(rows), ["base on numpy", "other on numpy"])
    np.testing.assert_equal([row["model"] for row in rows.values()], ["base", "other"])
    np.testing.assert_allclose(rows["other on numpy"]["accuracy"]["rel_l2"], 0.01, rtol=1e-3)
    np.testing.assert_array_less(rows["base on numpy"]["accuracy"]["rel_l2"], 1e-6)
    for row, path in zip(rows.values(), (base, other), strict=True):
        np.testing.assert_equal(row["model_bytes"], path.stat().st_size)
    (conclusion,) = told["conclusions"]
    assert "; other is 0.01 from base (relative L2), at 0.0" in conclusion["text"]


@pytest.mark.parametrize(("budget", "code"), [("0.005", 1), ("0.02", 0)])
def test_the_budget_is_for_the_others_alone(
    budget: str, code: int, tmp_path: Path, call: Call
) -> None:
    base, other = scaled(tmp_path, "base", 1.0), scaled(tmp_path, "other", 1.01)
    told = measured(call, code, other, "--against", base, "--budget", budget)
    passed = {row["model"]: row["accuracy"]["passed"] for row in told["rows"]}
    np.testing.assert_equal(passed, {"base": True, "other": code == 0})


def test_the_table_has_error_and_size(tmp_path: Path, call: Call) -> None:
    base, other = scaled(tmp_path, "base", 1.0), scaled(tmp_path, "other", 1.01)
    _, out, _ = call("bench", other, "--against", base, "--on", "numpy", *QUICK)
    heading = next(line for line in out.splitlines() if "verdict" in line)
    assert "rel. L2" in heading
    assert "size" in heading
    assert max(map(len, out.splitlines())) <= 80
