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
    with pytest.raises(
        runtime.NodeError, match=r"Resize.*would have the shape \[1, 526337, 8, 167"
    ):
        runner.run({"x": X, "size": np.array([1, 526337, 8, 16777224])})
