"""The float64 reference: everything that the model calls a float is computed in float64."""

from typing import Any

import ml_dtypes
import numpy as np
import onnx
import onnx.parser
import pytest
from onnx import numpy_helper

from onnxwright.runtime.errors import FeedError
from onnxwright.runtime.interpreter import NumpyRunner

THIRD = np.array([1 / 3, 2 / 3], np.float32)


def judge(text: str, opset: int = 21, **initializers: Any) -> NumpyRunner:
    model = onnx.parser.parse_model(f'<ir_version: 10, opset_import: ["" : {opset}]>\n{text}')
    tensors = [numpy_helper.from_array(value, name) for name, value in initializers.items()]
    model.graph.initializer.extend(tensors)
    return NumpyRunner(model, dtype="float64")


def test_it_says_that_it_is_the_judge() -> None:
    model = judge("g (float16[n] x) => (float[n] y) { y = Cast<to = 1>(x) }")
    np.testing.assert_equal(model.on, "numpy:float64")
    np.testing.assert_equal([i.dtype.name for i in model.inputs], ["float16"])
    np.testing.assert_equal([o.dtype.name for o in model.outputs], ["float64"])


def test_feeds_are_widened_and_may_be_float64() -> None:
    model = judge("g (float[n] x) => (float[n] y) { y = Sqrt(x) }")
    for x in (THIRD, THIRD.astype(np.float64)):
        np.testing.assert_array_equal(model.run({"x": x})["y"], np.sqrt(THIRD.astype(np.float64)))
    exact = np.array([1 / 3])
    np.testing.assert_array_equal(model.run({"x": exact})["y"], np.sqrt(exact))
    with pytest.raises(FeedError, match="dtype is int64"):
        model.run({"x": np.array([1])})


@pytest.mark.parametrize("kind", [np.float16, ml_dtypes.bfloat16, np.float32, np.float64])
def test_initializers_keep_the_value_that_the_file_holds(kind: Any) -> None:
    weights = np.array([0.1, 0.2]).astype(kind)
    y = judge("g () => (float[2] y) { y = Identity(w) }", w=weights).run({})["y"]
    np.testing.assert_array_equal(y, weights.astype(np.float64), strict=True)


# Text of one node, and what float64 makes of x = THIRD (as float64). Every result is float64.
X = THIRD.astype(np.float64)
NODES: dict[str, tuple[str, Any]] = {
    "Cast to float16 rounds nothing": ("y = Cast<to = 10>(x)", X),
    "Cast to bfloat16 rounds nothing": ("y = Cast<to = 16>(x)", X),
    "Cast to int and back drops the fraction": ("i = Cast<to = 7>(x) y = Cast<to = 1>(i)", [0, 0]),
    "CastLike": ("h = Constant<value = float16[1] {1}>() y = CastLike(x, h)", X),
    "Constant": ("c = Constant<value_float = 0.1>() y = Add(x, c)", X + np.float32(0.1)),
    "ConstantOfShape": ("s = Shape(x) y = ConstantOfShape(s)", [0, 0]),
    "ConstantOfShape with a value": (
        "s = Shape(x) y = ConstantOfShape<value = float[1] {3}>(s)",
        [3, 3],
    ),
    "EyeLike": (
        "z = Constant<value_ints = [0]>() m = Unsqueeze(x, z) y = EyeLike<dtype = 1>(m)",
        [[1, 0]],
    ),
    "Range": (
        """a = Constant<value_float = 0.0>() b = Constant<value_float = 0.3>()
        c = Constant<value_float = 0.1>() y = Range(a, b, c)""",
        np.arange(4) * np.float64(np.float32(0.1)),
    ),
    "Erf": ("y = Erf(x)", [0.36264812, 0.65422143]),
    "LayerNormalization with a float32 stash": (
        "o = Constant<value_floats = [1.0, 1.0]>() y = LayerNormalization<epsilon = 0.0>(x, o)",
        [-1, 1],
    ),
    "QuantizeLinear still rounds to integers": (
        """s = Constant<value_float = 0.5>() z = Constant<value = uint8[1] {1}>()
        q = QuantizeLinear(x, s, z) y = DequantizeLinear(q, s, z)""",
        [0.5, 0.5],
    ),
    "float8 still rounds": ("f = Cast<to = 17>(x) y = Cast<to = 1>(f)", [0.34375, 0.6875]),
    "a fallback is widened": ("y = HannWindow<output_datatype = 1>(n)", [0, 1]),
}


@pytest.mark.parametrize("name", NODES)
def test_every_result_is_float64(name: str) -> None:
    text, expected = NODES[name]
    model = judge(f"g (float[k] x) => (float[m] y) {{ {text} }}", n=np.array(2))
    y = model.run({"x": THIRD})["y"]
    np.testing.assert_equal(y.dtype, np.dtype("float64"))
    np.testing.assert_allclose(y, expected, rtol=1e-7)


def test_a_scan_body_is_judged_too() -> None:
    model = judge("""g (float16[2] s, float16[t, 2] x) => (float16[2] y, float16[t, 2] z) {
        y, z = Scan <num_scan_inputs = 1, body = b (float16[2] a, float16[2] u) =>
            (float16[2] r, float16[2] v) {
            c = Constant<value_float = 0.1>()  h = Cast<to = 10>(c)
            m = Mul(u, h)  r = Add(a, m)  v = Identity(r) }> (s, x) }""")
    x = np.ones((3, 2), np.float16)
    got = model.run({"s": np.zeros(2, np.float16), "x": x})
    tenth = np.float64(np.float32(0.1))
    np.testing.assert_allclose(got["z"], np.outer([1, 2, 3], [tenth, tenth]), rtol=1e-15)
    np.testing.assert_equal(got["y"].dtype, np.dtype("float64"))


def test_a_scan_that_never_runs_gives_float64() -> None:
    model = judge("""g (float[2] s, float[t, 2] x) => (float[2] y, float[t, 2] z) {
        y, z = Scan <num_scan_inputs = 1, body = b (float[2] a, float[2] u) =>
            (float[2] r, float[2] v) { r = Add(a, u)  v = Neg(r) }> (s, x) }""")
    got = model.run({"s": np.zeros(2, np.float32), "x": np.zeros((0, 2), np.float32)})
    np.testing.assert_equal(got["z"].dtype, np.dtype("float64"))


def test_bitcast_sees_the_bits_of_the_narrow_type() -> None:
    text = "g (float[2] x) => (int32[2] y) { y = BitCast<to = 6>(x) }"
    got = judge(text, opset=26).run({"x": THIRD})["y"]
    np.testing.assert_array_equal(got, THIRD.view(np.int32))
