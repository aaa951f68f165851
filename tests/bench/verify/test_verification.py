from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnx.parser
import pytest
from onnx import numpy_helper

from onnxwright import runtime
from onnxwright.bench.reports.verification import as_lines
from onnxwright.bench.verify.verification import Tolerances, verify
from onnxwright.runtime.ort.runner import OrtRunner

HEAD = '<ir_version: 8, opset_import: ["" : 17]>'
MLP = """g (float[n, 4] x) => (float[n, 3] y) {
    a = MatMul (x, w)
    b = Relu (a)
    c = Add (b, s)
    d = Tanh (c)
    y = MatMul (d, u)
}"""
X = np.random.default_rng(0).standard_normal((5, 4)).astype(np.float32)


def mlp(text: str = MLP) -> onnx.ModelProto:
    model = onnx.parser.parse_model(HEAD + text)
    for name, shape in (("w", (4, 3)), ("s", (3,)), ("u", (3, 3))):
        array = np.random.default_rng(1).standard_normal(shape).astype(np.float32)
        model.graph.initializer.append(numpy_helper.from_array(array, name))
    return model


@pytest.mark.parametrize("on", ["numpy", "cpu"])
def test_a_right_runtime_passes(on: str) -> None:
    if on == "cpu":
        pytest.importorskip("onnxruntime")
    result = verify(mlp(), on, {"x": X})
    np.testing.assert_equal([result.passed, result.divergence, result.on], [True, None, on])
    (row,) = result.outputs
    assert row.max_abs is not None
    assert 0 < row.max_abs < 1e-6


class Wrong:
    """A runtime that adds an error to one value, and so to what it computes from it."""

    def __init__(self, model: onnx.ModelProto, node: str) -> None:
        (place,) = (i for i, found in enumerate(model.graph.node) if node in found.output)
        self.broken = onnx.ModelProto()
        self.broken.CopyFrom(model)
        self.broken.graph.node[place].output[0] = f"{node}_right"
        self.broken.graph.initializer.append(
            numpy_helper.from_array(np.array([0.1], np.float32), "e")
        )
        spoil = onnx.helper.make_node("Add", [f"{node}_right", "e"], [node])
        self.broken.graph.node.insert(place + 1, spoil)

    def load(self, model: onnx.ModelProto, on: str, **options: Any) -> runtime.Runner:
        return runtime.load(model if on == "numpy:float64" else self.broken, on, **options)


@pytest.mark.parametrize("on", ["numpy", "cpu"])
@pytest.mark.parametrize("value", ["a", "c", "d", "y"])
def test_the_first_divergent_node_is_found(
    value: str, on: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if on == "cpu":
        pytest.importorskip("onnxruntime")
    model = mlp()
    monkeypatch.setattr("onnxwright.bench.verify.verification.load", Wrong(model, value).load)
    result = verify(model, on, {"x": X}, Tolerances(tap_bytes=100))
    assert result.divergence is not None
    np.testing.assert_equal(result.passed, False)
    np.testing.assert_equal(result.divergence.found.value, value)
    passed = [row.passed for row in result.divergence.found.inputs]
    np.testing.assert_equal(passed, [] if value == "a" else [True])
    np.testing.assert_equal(model.graph.node[result.divergence.position].output[0], value)


def test_a_known_fault_of_onnxruntime_is_laid_at_the_right_node() -> None:
    """onnxruntime 1.32 does not clip the LSTM's cell state before the output activation."""
    pytest.importorskip("onnxruntime")
    model = onnx.parser.parse_model(
        HEAD
        + """g (float[8, 2, 3] x) => (float[8, 1, 2, 4] z) {
        a = Mul (x, x)
        y = LSTM <hidden_size = 4, clip = 0.3> (a, w, r)
        z = Exp (y)
    }"""
    )
    for name, shape in (("w", (1, 16, 3)), ("r", (1, 16, 4))):
        array = np.random.default_rng(1).standard_normal(shape).astype(np.float32)
        model.graph.initializer.append(numpy_helper.from_array(array, name))
    x = np.random.default_rng(2).standard_normal((8, 2, 3)).astype(np.float32)
    result = verify(model, "cpu", {"x": x})
    assert result.divergence is not None
    np.testing.assert_equal([result.divergence.op_type, result.divergence.position], ["LSTM", 1])
    np.testing.assert_equal(result.divergence.fusion_changed, result.divergence.outputs_moved > 0)
    np.testing.assert_equal(result.divergence.vanished, False)


def test_a_fault_that_vanishes_with_the_taps_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("onnxruntime")
    model = mlp()
    monkeypatch.setattr("onnxwright.bench.verify.verification.load", Wrong(model, "c").load)
    tapped = OrtRunner.tapped
    right: Any = runtime.load(model, "cpu")
    monkeypatch.setattr(OrtRunner, "tapped", lambda _, names: tapped(right, names))
    found = verify(model, "cpu", {"x": X}).divergence
    assert found is not None
    np.testing.assert_equal(found.found.value, "y")
    np.testing.assert_equal([found.vanished, found.fusion_changed], [True, True])
    assert found.outputs_moved > 0.01


@pytest.mark.parametrize("limit", [10**9, 0])
def test_external_data_survive_the_tapping(
    limit: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Embedded where protobuf can hold them; else onnxruntime is told where they lie."""
    ort = pytest.importorskip("onnxruntime")
    if not limit and not hasattr(ort.InferenceSession, "get_provider_graph_assignment_info"):
        pytest.skip(f"onnxruntime {ort.__version__} cannot be told where external data lie")
    monkeypatch.setattr("onnxwright.runtime.ort.taps.PROTOBUF_LIMIT", limit)
    path = tmp_path / "m.onnx"
    onnx.save(mlp(), path, save_as_external_data=True, location="w.bin", size_threshold=0)
    result = verify(path, "cpu", {"x": X}, Tolerances(atol=0.0, rtol=0.0))
    np.testing.assert_equal([result.note, result.passed], ["", False])
    assert result.divergence is not None
    np.testing.assert_equal(result.divergence.found.value, "a")


def test_a_tapped_model_that_is_refused_is_noted(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("onnxruntime")

    def refuse(*_: Any) -> Any:
        raise runtime.ProviderError("no taps today", "come again")

    monkeypatch.setattr("onnxwright.runtime.ort.runner.tapped_session", refuse)
    result = verify(mlp(), "cpu", {"x": X}, Tolerances(atol=0.0, rtol=0.0))
    np.testing.assert_equal(result.divergence, None)
    np.testing.assert_equal(result.note, "the first divergent node was not found: no taps today")


def test_limits_override_the_defaults_one_by_one() -> None:
    tolerance = Tolerances(atol=1.0).tolerance(np.dtype("float16"))
    np.testing.assert_equal([tolerance.atol, tolerance.rtol], [1.0, 5e-3])


def test_a_borrowed_judge_is_told() -> None:
    np.testing.assert_equal(verify(mlp(), "numpy", {"x": X}).borrowed, ())
    text = """g (float[n, 4] x) => (float[n, b, c, d] y) {
        size = Constant <value_ints = [2, 2]> ()
        last = Constant <value_ints = [2]> ()
        u = Unsqueeze (x, last)
        y = Col2Im (u, size, size) }"""
    head = HEAD.replace("17", "18")
    result = verify(onnx.parser.parse_model(head + text), "numpy", {"x": X})
    np.testing.assert_equal([result.passed, result.borrowed], [True, ("Col2Im",)])
    assert any(line.startswith("fallback: the reference takes") for line in as_lines(result))
