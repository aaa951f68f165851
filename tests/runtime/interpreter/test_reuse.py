"""Writing over dead values: only memory that nobody else sees, and never a changed result."""

import numpy as np
import onnx
import onnx.parser
import pytest

from onnxwright.runtime.interpreter import NumpyRunner, reuse

HEAD = '<ir_version: 8, opset_import: ["" : 20]>'
LARGE = (4, 16, 32, 32)
RANDOM = np.random.default_rng(5)


def runner(body: str, head: str = "g (float[a, b, c, d] x) => (float[m] y)") -> NumpyRunner:
    return NumpyRunner(onnx.parser.parse_model(f"{HEAD}\n{head} {{ {body} }}"))


def kernels_of(model: NumpyRunner) -> list[str]:
    rows = model._schedule(tuple(info.name for info in model.outputs)).rows
    return [row[-1].node.op_type for row in rows if row[0] is not row[-1].function]


X = RANDOM.standard_normal(LARGE).astype(np.float32)
CHAINS: dict[str, tuple[str, list[str]]] = {
    "a dead value": ("a = Neg(x) y = Relu(a)", ["Relu"]),
    "a chain": ("a = Neg(x) b = Tanh(a) c = Exp(b) y = Sqrt(c)", ["Tanh", "Exp", "Sqrt"]),
    "the first of two": ("a = Neg(x) y = Add(a, x)", ["Add"]),
    "the second of two": ("a = Neg(x) y = Sub(x, a)", ["Sub"]),
    "a feed is kept": ("y = Relu(x)", []),
    "an output is kept": ("y = Neg(x) z = Relu(y) w = Neg(z)", []),
    "read again later": ("a = Neg(x) b = Relu(a) y = Add(b, a)", ["Add"]),
    "both sides at once": ("a = Neg(x) y = Add(a, a)", []),
    "a view is still read": (
        "a = Neg(x) v = Transpose(a) b = Relu(a) s = Transpose(v) y = Mul(b, s)",
        ["Mul"],
    ),
    "made by a view": ("a = Transpose(x) y = Relu(a)", []),
}


@pytest.mark.parametrize("name", CHAINS)
def test_what_is_written_over(name: str) -> None:
    body, expected = CHAINS[name]
    np.testing.assert_equal(kernels_of(runner(body)), expected)


@pytest.mark.parametrize("name", CHAINS)
def test_the_results_are_the_same(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    model, before = runner(CHAINS[name][0]), X.copy()
    actual = model.run({"x": X})["y"]
    np.testing.assert_array_equal(X, before)
    monkeypatch.setattr(reuse, "SMALLEST", 1 << 60)
    np.testing.assert_array_equal(runner(CHAINS[name][0]).run({"x": X})["y"], actual)


def test_a_result_larger_than_its_input_gets_memory_of_its_own() -> None:
    head = "g (float[a, b, c, d] x, float[e, a, b, c, d] w) => (float[m] y)"
    model = runner("a = Neg(x) y = Add(a, w)", head)
    w = RANDOM.standard_normal((2, *LARGE)).astype(np.float32)
    np.testing.assert_array_equal(model.run({"x": X, "w": w})["y"], w - X)


def test_a_tapped_value_is_not_written_over() -> None:
    got = runner("a = Neg(x) b = Relu(a) y = Tanh(b)").run({"x": X}, ["a", "b", "y"])
    np.testing.assert_array_equal(got["a"], -X)
    np.testing.assert_array_equal(got["b"], np.maximum(-X, 0))


def test_what_a_body_captures_is_not_written_over() -> None:
    model = runner("""a = Neg(x)  n = Constant <value_int = 2> ()
        y = Loop <body = b (int64 i, bool c, float[a, b, c, d] v) =>
            (bool c2, float[a, b, c, d] r) {
            t = Relu(a)  r = Add(v, t)  c2 = Identity(c) }> (n, , x)""")
    np.testing.assert_allclose(model.run({"x": X})["y"], X + 2 * np.maximum(-X, 0), rtol=1e-6)
