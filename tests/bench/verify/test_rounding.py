"""Models that round to 8 bits: a flip of one step is no fault, a wrong product is one."""

from typing import Any

import numpy as np
import onnx
import onnx.parser
import pytest
from onnx import numpy_helper

from onnxwright import runtime
from onnxwright.bench.verify.rounding import LocalRuns, Rounding
from onnxwright.bench.verify.verification import verify

HEAD = '<ir_version: 8, opset_import: ["" : 17]>'
QDQ = """g (float[n, 8] x) => (float[n, 3] y) {
    q = QuantizeLinear (x, scale, zero)
    d = DequantizeLinear (q, scale, zero)
    y = MatMul (d, w)
}"""
STEP = 0.1


def qdq(zero: int = 128, step: float = STEP) -> onnx.ModelProto:
    model = onnx.parser.parse_model(HEAD + QDQ)
    weights = np.random.default_rng(1).standard_normal((8, 3)).astype(np.float32)
    for name, array in (("scale", np.float32(step)), ("zero", np.uint8(zero)), ("w", weights)):
        model.graph.initializer.append(numpy_helper.from_array(np.asarray(array), name))
    return model


@pytest.fixture
def between() -> np.ndarray:
    """Inputs of which one lies nearly between two steps."""
    x = np.random.default_rng(2).uniform(-0.4, 0.4, (4, 8)) * STEP
    x[1, 2] = 2.5 * STEP * (1 + 1e-7)
    return x.astype(np.float32)


class Other:
    """A runtime that computes another model than the one it is given."""

    def __init__(self, model: onnx.ModelProto, on: str = "numpy") -> None:
        self.model, self.on = model, on

    def load(self, model: onnx.ModelProto, on: str, **options: Any) -> runtime.Runner:
        return runtime.load(self.model if on == self.on else model, on, **options)


def test_a_flip_of_one_step_agrees_and_is_told(
    between: np.ndarray, monkeypatch: pytest.MonkeyPatch
) -> None:
    a_little_less = qdq(step=STEP * (1 + 1e-6))
    monkeypatch.setattr("onnxwright.bench.verify.verification.load", Other(a_little_less).load)
    (row,) = verify(qdq(), "numpy", {"x": between}).outputs
    np.testing.assert_equal([row.passed, row.rounded, row.mismatched], [True, 3, 0])


@pytest.mark.parametrize("wrong", [qdq(zero=120, step=STEP), qdq(step=0.11)], ids=["zero", "scale"])
def test_what_is_more_than_a_flip_differs(
    wrong: onnx.ModelProto, monkeypatch: pytest.MonkeyPatch
) -> None:
    x = np.random.default_rng(2).uniform(-14, 14, (4, 8)).astype(np.float32)
    monkeypatch.setattr("onnxwright.bench.verify.verification.load", Other(wrong).load)
    (row,) = verify(qdq(), "numpy", {"x": x}, search=False).outputs
    np.testing.assert_equal(row.passed, False)


def test_a_model_that_does_not_round_is_allowed_nothing() -> None:
    model = onnx.parser.parse_model(HEAD + "g (float[n] x) => (float[n] y) { y = Exp (x) }")
    judge = runtime.load(model, on="numpy:float64")
    feeds = {"x": np.ones(3, np.float32)}
    rounding = Rounding(model, feeds, LocalRuns(model, judge, {}))
    np.testing.assert_equal(rounding.allowances(judge.run(feeds)), {"y": 0.0})


def test_integers_alone_are_rounded_otherwise_by_float32() -> None:
    model = onnx.parser.parse_model(
        HEAD + "g (int64[n] i) => (float[n] y) {"
        "third = Constant <value_float = 3.0> () f = Cast <to = 1> (i) x = Div (f, third)"
        "q, s, z = DynamicQuantizeLinear (x) y = DequantizeLinear (q, s, z) }"
    )
    feeds = {"i": np.arange(7)}
    judge = runtime.load(model, on="numpy:float64")
    wanted = judge.run(feeds)
    allowed = Rounding(model, feeds, LocalRuns(model, judge, {})).allowances(wanted)["y"]
    other = runtime.load(model, on="numpy").run(feeds)["y"]
    np.testing.assert_allclose(allowed, 2 * np.abs(other - wanted["y"]).max(), rtol=1e-6)


def test_ranges_that_depend_on_threads_are_told_from_saturation(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    pytest.importorskip("onnxruntime")
    from onnxwright import graphs
    from onnxwright.graphs.quantization.run import quantize

    random, hidden = np.random.default_rng(0), 16
    net = graphs.Network("net")
    shapes = ((1, 4 * hidden, 8), (1, 4 * hidden, hidden), (1, 8 * hidden))
    weights = [random.uniform(-0.5, 0.5, shape).astype(np.float32) for shape in shapes]
    layer = net.lstm(net.input("x", "batch time 8"), graphs.LSTMWeights.from_onnx(*weights))
    net.output("y", layer.sequence)
    model = quantize(net.build(), reduce_range=True).model
    feeds = {"x": random.standard_normal((6, 12, 8)).astype(np.float32)}
    for threads in (1, 2):
        result = verify(model, "cpu", feeds, threads=threads)
        np.testing.assert_equal(result.passed, True)
    saturating = onnx.ModelProto()
    saturating.CopyFrom(model)
    for tensor in saturating.graph.initializer:
        if tensor.name.endswith("R_quantized"):
            halved = numpy_helper.to_array(tensor) // 2
            tensor.CopyFrom(numpy_helper.from_array(halved, tensor.name))
    monkeypatch.setattr("onnxwright.bench.verify.verification.load", Other(saturating, "cpu").load)
    np.testing.assert_equal(verify(model, "cpu", feeds, search=False).passed, False)
