import numpy as np
import onnx.parser
import pytest

from onnxwright import runtime

RESIZE = onnx.parser.parse_model("""<ir_version: 8, opset_import: ["" : 17]>
    g (float[1, 1, 4, 4] x, int64[4] size) => (float[a, b, c, d] y) {
        y = Resize <mode = "linear"> (x, , , size)
    }""")
X = np.zeros((1, 1, 4, 4), np.float32)


def test_a_sane_size_runs() -> None:
    out = runtime.load(RESIZE).run({"x": X, "size": np.array([1, 1, 8, 6])})
    np.testing.assert_equal(out["y"].shape, (1, 1, 8, 6))


@pytest.mark.parametrize("on", ["numpy", "numpy:float64"])
def test_an_absurd_size_is_refused_at_once(on: str) -> None:
    runner = runtime.load(RESIZE, on)
    with pytest.raises(runtime.NodeError, match=r"Resize.*: float32 \[1, 526337, 8, 167.*257 TiB"):
        runner.run({"x": X, "size": np.array([1, 526337, 8, 16777224])})


def test_elements_count_as_steps_of_the_run() -> None:
    feeds = {"x": X, "size": np.array([1, 1, 80, 80])}
    np.testing.assert_equal(runtime.load(RESIZE, max_steps=800).run(feeds)["y"].shape[2:], (80, 80))
    problem = r"Resize.*more than 799 steps of Loop, Scan, SequenceMap and the reference kernels"
    with pytest.raises(runtime.NodeError, match=problem):
        runtime.load(RESIZE, max_steps=799).run(feeds)


def test_a_shape_is_refused_even_where_another_attribute_is_wrong() -> None:
    model = onnx.parser.parse_model("""<ir_version: 8, opset_import: ["" : 17]>
        g (float[1] x) => (float[n] y) { y = RandomUniform <shape = [1099511627776], dtype = 2> () }
    """)
    with pytest.raises(
        runtime.NodeError, match=r"RandomUniform.*takes 8 TiB, but the memory limit"
    ):
        runtime.load(model).run({"x": np.zeros(1, np.float32)})
