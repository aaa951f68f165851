import numpy as np
import onnx.parser
import pytest

from onnxwright import runtime

COL2IM = onnx.parser.parse_model("""<ir_version: 8, opset_import: ["" : 20]>
    g (float[1, 1, n] x, int64[2] size, int64[2] block) => (float[a, b, c, d] y) {
        y = Col2Im (x, size, block)
    }""")
X = np.zeros((1, 1, 4, 4), np.float32)


def test_a_sane_size_runs() -> None:
    feeds = {"x": X[:, 0, :1], "size": np.array([2, 2]), "block": np.array([1, 1])}
    np.testing.assert_equal(runtime.load(COL2IM).run(feeds)["y"].shape, (1, 1, 2, 2))


@pytest.mark.parametrize("on", ["numpy", "numpy:float64"])
def test_an_absurd_size_is_refused_at_once(on: str) -> None:
    feeds = {"x": X[:, 0, :1], "size": np.array([4210696, 16777224]), "block": np.array([1, 1])}
    with pytest.raises(runtime.NodeError, match=r"Col2Im.*: float32 \[1, 1, 4210696, 167.*257 TiB"):
        runtime.load(COL2IM, on).run(feeds)


def test_elements_count_as_steps_of_the_run() -> None:
    feeds = {
        "x": np.zeros((1, 1, 6400), np.float32),
        "size": np.array([80, 80]),
        "block": np.array([1, 1]),
    }
    found = runtime.load(COL2IM, max_steps=800).run(feeds)["y"]
    np.testing.assert_equal(found.shape[2:], (80, 80))
    problem = r"Col2Im.*more than 799 steps of Loop, Scan, SequenceMap and the reference kernels"
    with pytest.raises(runtime.NodeError, match=problem):
        runtime.load(COL2IM, max_steps=799).run(feeds)


def test_a_shape_is_refused_even_where_another_attribute_is_wrong() -> None:
    model = onnx.parser.parse_model("""<ir_version: 8, opset_import: ["" : 17]>
        g (float[1] x) => (float[n] y) { y = RandomUniform <shape = [1099511627776], dtype = 2> () }
    """)
    with pytest.raises(
        runtime.NodeError, match=r"RandomUniform.*takes 8 TiB, but the memory limit"
    ):
        runtime.load(model).run({"x": np.zeros(1, np.float32)})


ROI = """<ir_version: 8, opset_import: ["" : 17]>
    g (float[1, 1, 4, 4] x, float[n, 4] r, int64[n] b) => (float[n, 1, 1, 1] y) {
        y = RoiAlign <sampling_ratio = RATIO> (x, r, b)
    }"""


@pytest.mark.parametrize(("ratio", "corner"), [(1 << 30, 3.0), (0, 1e20), (0, np.inf)])
def test_regions_are_not_sampled_without_end(ratio: int, corner: float) -> None:
    runner = runtime.load(onnx.parser.parse_model(ROI.replace("RATIO", str(ratio))))
    regions = np.array([[0, 0, corner, corner]], np.float32)
    with pytest.raises(runtime.NodeError, match=r"RoiAlign.*more than 10000000 steps"):
        runner.run({"x": X, "r": regions, "b": np.array([0])})


@pytest.mark.parametrize("ratio", [0, 2])
def test_sane_regions_are_sampled(ratio: int) -> None:
    runner = runtime.load(onnx.parser.parse_model(ROI.replace("RATIO", str(ratio))))
    regions = np.array([[0, 0, 3, 3]], np.float32)
    y = runner.run({"x": X + 2, "r": regions, "b": np.array([0])})["y"]
    np.testing.assert_allclose(y, np.full((1, 1, 1, 1), 2), rtol=1e-6)


def test_features_that_are_not_there_are_refused() -> None:
    model = onnx.parser.parse_model("""<ir_version: 8, opset_import: ["ai.onnx.ml" : 1, "" : 17]>
        g (float[1, 3] x) => (float[1, n] y) {
            y = ai.onnx.ml.FeatureVectorizer <inputdimensions = [1099511627776]> (x)
        }""")
    with pytest.raises(runtime.NodeError, match=r"FeatureVectorizer.*takes 8 TiB, but the memory"):
        runtime.load(model).run({"x": np.zeros((1, 3), np.float32)})
