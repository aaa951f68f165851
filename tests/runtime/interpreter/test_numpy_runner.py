"""The runner: outputs, taps, defaults, memory, errors that say where, profiles."""

from typing import Any

import numpy as np
import onnx
import onnx.parser
import pytest
from onnx import numpy_helper

from onnxwright.runtime.errors import FeedError, NodeError, RunnerError
from onnxwright.runtime.interpreter import NumpyRunner


def runner(text: str, dtype: Any = None) -> NumpyRunner:
    head = '<ir_version: 8, opset_import: ["" : 17, "own" : 1]>'
    return NumpyRunner(onnx.parser.parse_model(f"{head}\n{text}"), dtype=dtype)


CHAIN = """g (float[n, 3] x) => (float[n, 4] y, float[n, 4] z)
    <float[3, 4] w = {1,0,0,1, 0,1,0,1, 0,0,1,1}>
    { a = MatMul(x, w)  b = Relu(a)  y = Tanh(b)  z = Neg(a) }"""
X = np.array([[-1, 2, 3], [4, -5, 6]], np.float32)


def test_it_describes_itself() -> None:
    chain = runner(CHAIN)
    np.testing.assert_equal(chain.on, "numpy")
    np.testing.assert_equal(
        [(i.name, i.dtype.name, i.shape) for i in chain.inputs], [("x", "float32", ("n", 3))]
    )
    np.testing.assert_equal([o.name for o in chain.outputs], ["y", "z"])
    np.testing.assert_equal(sorted(chain.values), ["a", "b", "w", "x", "y", "z"])


def test_all_outputs_in_the_models_order() -> None:
    got = runner(CHAIN).run({"x": X})
    np.testing.assert_equal(list(got), ["y", "z"])
    a = X @ np.array([[1, 0, 0, 1], [0, 1, 0, 1], [0, 0, 1, 1]], np.float32)
    np.testing.assert_allclose(got["y"], np.tanh(np.maximum(a, 0)), rtol=1e-6)
    np.testing.assert_array_equal(got["z"], -a)


@pytest.mark.parametrize("names", [["a"], ["b", "z"], ["x"], ["w"], ["y", "y"], []])
def test_any_value_can_be_tapped(names: list[str]) -> None:
    chain = runner(CHAIN)
    everything = chain.run({"x": X}, ["a", "b", "w", "x", "y", "z"])
    got = chain.run({"x": X}, names)
    np.testing.assert_equal(got, {name: everything[name] for name in names})


def test_an_unknown_value_is_an_error() -> None:
    with pytest.raises(
        RunnerError, match=r"^the model has no value 'q'\nask for an output \(y, z\)"
    ):
        runner(CHAIN).run({"x": X}, ["q"])


def test_only_what_is_asked_for_runs() -> None:
    failing = runner(
        "g (float[2] x, int64[k] s) => (float[2] y, float[m] z) { y = Neg(x)  z = Reshape(x, s) }"
    )
    feeds = {"x": np.ones(2, "f4"), "s": np.array([7])}
    np.testing.assert_array_equal(failing.run(feeds, ["y"])["y"], [-1, -1])
    with pytest.raises(NodeError, match="Reshape"):
        failing.run(feeds)


def test_a_failing_node_says_what_and_where() -> None:
    model = runner(
        "g (float[n, 3] x, float[k, 4] w) => (float[n, 4] y) { a = Neg(x)  y = MatMul(a, w) }"
    )
    with pytest.raises(
        NodeError,
        match=r"^node 'y' \(MatMul, opset 17\) in graph 'g': ValueError: .*; "
        r"its inputs: float32 \[2, 3\], float32 \[5, 4\]\ncheck the feeds' shapes against",
    ) as caught:
        model.run({"x": X, "w": np.ones((5, 4), "f4")})
    assert isinstance(caught.value.__cause__, ValueError)


def test_a_node_that_fails_in_a_body_says_in_which() -> None:
    model = runner("""g (float[3] s, float[t, 2] x) => (float[3] y) {
        y = Scan <num_scan_inputs = 1, body = step (float[3] a, float[2] b) => (float[3] c) {
            c = Add(a, b) }> (s, x) }""")
    with pytest.raises(
        NodeError, match=r"^node 'c' \(Add, opset 17\) in graph 'g' / body of Scan 'y': ValueError"
    ):
        model.run({"s": np.ones(3, "f4"), "x": np.ones((4, 2), "f4")})


def test_a_node_that_fails_in_a_function_says_in_which() -> None:
    model = runner("""g (float[3] x, float[m] b) => (float[3] y) { y = own.f(x, b) }
        <domain: "own", opset_import: ["" : 17]> f (p, q) => (r) { s = Neg(p)  r = Add(s, q) }""")
    with pytest.raises(NodeError, match=r"in graph 'g' / function 'f' of node 'y': ValueError"):
        model.run({"x": np.ones(3, "f4"), "b": np.ones(2, "f4")})
    got = model.run({"x": np.ones(3, "f4"), "b": np.ones(3, "f4")}, ["y/s"])
    np.testing.assert_array_equal(got["y/s"], [-1, -1, -1])


def test_feeds_are_checked_first() -> None:
    with pytest.raises(FeedError, match="dim 1 is 4, but the model fixes it at 3"):
        runner(CHAIN).run({"x": np.ones((2, 4), "f4")})


@pytest.mark.parametrize("operator", ["Identity(x)", "Reshape(x, s)", "Neg(x)", "Transpose(x)"])
def test_what_is_returned_is_the_callers_own(operator: str) -> None:
    text = "g (float[2, 2] x) => (float[2, 2] y) <int64[2] s = {2, 2}> { y = " + operator + " }"
    model, x = runner(text), np.ones((2, 2), "f4")
    y = model.run({"x": x})["y"]
    y[:] = 7
    np.testing.assert_array_equal(x, np.ones((2, 2)))


def test_a_constant_output_is_a_copy() -> None:
    model = runner("g () => (float[2] w) <float[2] w = {1, 2}> { }")
    model.run({})["w"][:] = 7
    np.testing.assert_array_equal(model.run({})["w"], [1, 2])


def test_a_scalar_result_is_an_array() -> None:
    y = runner("g (float[n] x) => (float y) { y = ReduceSum<keepdims = 0>(x) }").run({"x": X[0]})[
        "y"
    ]
    np.testing.assert_equal((type(y), y.shape, y.dtype), (np.ndarray, (), np.dtype("float32")))


def with_default(ir_version: int) -> NumpyRunner:
    model = onnx.parser.parse_model("""<ir_version: 8, opset_import: ["" : 17]>
        g (float[2] x, float[2] w) => (float[2] y) { y = Mul(x, w) }""")
    model.graph.initializer.append(numpy_helper.from_array(np.array([2, 3], "f4"), "w"))
    model.ir_version = ir_version
    return NumpyRunner(model)


def test_an_initializer_that_is_an_input_is_its_default() -> None:
    model, x = with_default(8), np.ones(2, "f4")
    np.testing.assert_equal([info.name for info in model.inputs], ["x"])
    np.testing.assert_array_equal(model.run({"x": x})["y"], [2, 3])
    np.testing.assert_array_equal(model.run({"x": x, "w": x})["y"], [1, 1])
    np.testing.assert_array_equal(model.run({"x": x})["y"], [2, 3])


def test_before_ir_version_4_it_is_a_constant() -> None:
    x = np.ones(2, "f4")
    np.testing.assert_array_equal(with_default(3).run({"x": x})["y"], [2, 3])
    with pytest.raises(FeedError, match="the model has no input 'w'"):
        with_default(3).run({"x": x, "w": x})


def test_a_profile_lists_every_node_that_ran() -> None:
    model = runner(CHAIN)
    profile = model.profile({"x": X})
    np.testing.assert_equal([n.op_type for n in profile.nodes], ["MatMul", "Relu", "Tanh", "Neg"])
    np.testing.assert_equal([n.output_bytes for n in profile.nodes], [32, 32, 32, 32])
    assert all(node.seconds > 0 for node in profile.nodes)
    np.testing.assert_allclose(profile.seconds, sum(node.seconds for node in profile.nodes))
    np.testing.assert_equal(sorted(profile.by_operator()), ["MatMul", "Neg", "Relu", "Tanh"])
    np.testing.assert_equal(profile.constant_bytes, 48)
    np.testing.assert_equal(
        [n.op_type for n in model.profile({"x": X}, ["b"]).nodes], ["MatMul", "Relu"]
    )


def test_the_peak_counts_what_lives_at_once_and_views_once() -> None:
    chain = "g (float[n] x) => (float[n] y) { a = Neg(x)  b = Abs(a)  c = Identity(b)  y = Neg(c) }"
    profile = runner(chain).profile({"x": np.ones(1000, "f4")})
    # Node by node: x a | a b (x is freed) | b and its view c | c and y.
    np.testing.assert_equal(profile.peak_bytes, 8000)


def test_two_runs_of_one_runner_do_not_meet() -> None:
    model = runner(CHAIN)
    first = model.run({"x": X})
    copies = {name: value.copy() for name, value in first.items()}
    model.run({"x": 2 * X})
    np.testing.assert_equal(first, copies)
