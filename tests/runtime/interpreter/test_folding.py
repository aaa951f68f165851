"""What is constant is computed once; what could grow without bound, or fails, waits for the run."""

import numpy as np
import onnx
import onnx.parser
import pytest

from onnxwright.runtime.errors import NodeError
from onnxwright.runtime.interpreter import NumpyRunner


def steps(body: str) -> list[str]:
    text = f'<ir_version: 8, opset_import: ["" : 17]> g (float[n] x) => (float[m] y) {{ {body} }}'
    return [row.op_type for row in model(text).profile({"x": np.ones(2, "f4")}).nodes]


def model(text: str) -> NumpyRunner:
    return NumpyRunner(onnx.parser.parse_model(text))


FOLDED = {
    "a constant": ("c = Constant<value_float = 2.0>()  y = Mul(x, c)", ["Mul"]),
    "a chain of constants": (
        """c = Constant<value_floats = [1.0, 2.0]>()  d = Exp(c)  e = Neg(d)  s = Shape(e)
        f = Gather(e, s)  g = Concat<axis = 0>(s, s)  y = Mul(x, e)""",
        ["Mul"],
    ),
    "dead nodes": ("a = Neg(x)  b = Exp(a)  y = Abs(x)", ["Abs"]),
    "a small shape": (
        "s = Constant<value_ints = [2]>()  z = ConstantOfShape(s)  y = Add(x, z)",
        ["Add"],
    ),
    "an absurd shape waits": (
        """s = Constant<value_ints = [1000000, 1000000]>()  z = ConstantOfShape(s)
        i = Constant<value_ints = [0]>()  t = Shape(x)  y = Reshape(x, t)""",
        ["Shape", "Reshape"],
    ),
    "random numbers wait": (
        "r = RandomNormal<shape = [2]>()  y = Add(x, r)",
        ["RandomNormal", "Add"],
    ),
    "a product of long vectors waits": (
        """k = Constant<value_ints = [100000, 1]>()  l = Constant<value_ints = [1, 100000]>()
        a = ConstantOfShape(k)  b = ConstantOfShape(l)  c = MatMul(a, b)  y = Neg(x)""",
        ["Neg"],
    ),
}


@pytest.mark.parametrize("name", FOLDED)
def test_what_is_left_to_run(name: str) -> None:
    body, expected = FOLDED[name]
    np.testing.assert_equal(steps(body), expected)


def test_a_constant_that_fails_fails_in_the_run_and_only_if_it_is_needed() -> None:
    runner = model("""<ir_version: 8, opset_import: ["" : 17]>
        g (float[n] x) => (float[n] y, float[m] z) {
        c = Constant<value_floats = [1.0, 2.0]>()  s = Constant<value_ints = [3]>()
        z = Reshape(c, s)  y = Neg(x) }""")
    feeds = {"x": np.ones(2, "f4")}
    np.testing.assert_array_equal(runner.run(feeds, ["y"])["y"], [-1, -1])
    with pytest.raises(NodeError, match=r"^node 'z' \(Reshape, opset 17\)"):
        runner.run(feeds)


def test_a_folded_value_can_be_tapped() -> None:
    runner = model("""<ir_version: 8, opset_import: ["" : 17]> g (float[2] x) => (float[2] y) {
        c = Constant<value_floats = [1.0, 2.0]>()  d = Neg(c)  y = Add(x, d) }""")
    got = runner.run({"x": np.ones(2, "f4")}, ["d", "y"])
    np.testing.assert_equal({k: v.tolist() for k, v in got.items()}, {"d": [-1, -2], "y": [0, -1]})


def test_a_constant_inside_a_body_is_folded_with_the_outer_ones() -> None:
    runner = model("""<ir_version: 8, opset_import: ["" : 17]>
        g (float[2] s, float[t, 2] x) => (float[2] y) <float[2] w = {1, 2}> {
        y = Scan <num_scan_inputs = 1, body = b (float[2] a, float[2] u) => (float[2] r) {
            e = Exp(w)  f = Mul(e, w)  g = Mul(u, f)  r = Add(a, g) }> (s, x) }""")
    x = np.ones((3, 2), "f4")
    y = runner.run({"s": np.zeros(2, "f4"), "x": x})["y"]
    np.testing.assert_allclose(y, 3 * np.exp([1, 2]) * [1, 2], rtol=1e-6)
