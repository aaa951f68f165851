import contextlib
import re
from pathlib import Path
from typing import Any

import ml_dtypes
import numpy as np
import onnx
import onnx.parser
import pytest

from onnxwright import runtime
from onnxwright.runtime.ort.empty_feeds import aborts, check_not_empty

pytest.importorskip("onnxruntime")

SCAN = """<ir_version: 8, opset_import: ["" : 17]>
g (float[n, 3] x, float[t, 1, 3] s) => (float[n, 3] z, float[t, 1, 3] o) {
    a = Relu (x)
    y = Add (a, x)
    z = Sigmoid (y)
    i = Constant <value = float[1, 3] {0.0, 0.0, 0.0}> ()
    f, o = Scan <num_scan_inputs = 1,
        body = step (float[1, 3] u, float[1, 3] e) => (float[1, 3] v, float[1, 3] w) {
            v = Add (u, e)
            w = Tanh (v)
        }> (i, s)
}"""
FEEDS = {"x": np.ones((2, 3), np.float32), "s": np.ones((4, 1, 3), np.float32)}


def load(text: str = SCAN, **options: Any) -> Any:
    return runtime.load(onnx.parser.parse_model(text), on="cpu", **options)


def test_placement_counts_bodies_once_and_times_every_step() -> None:
    placement = load(threads=1).placement(FEEDS)
    if placement.assigned is None:
        pytest.skip("this onnxruntime does not record which provider takes a node")
    counts = {row.op_type: row.nodes for row in placement.assigned}
    np.testing.assert_equal(counts, {"Add": 2, "Relu": 1, "Scan": 1, "Sigmoid": 1, "Tanh": 1})
    np.testing.assert_equal(placement.describe(), "6 of 6 nodes on cpu")
    calls = {row.op_type: row.calls for row in placement.ran}
    np.testing.assert_equal([calls["Tanh"], calls["Scan"]], [4.0, 1.0])
    np.testing.assert_equal(placement.share("cpu"), 1.0)
    np.testing.assert_equal(placement.fell_back, ())


def test_bound_inputs_give_the_same_outputs() -> None:
    runner = load()
    bound = runner.bind(FEEDS)
    bound()
    for name, want in runner.run(FEEDS).items():
        np.testing.assert_equal(bound.outputs()[name], want)


def test_only_the_outputs_asked_for_are_computed() -> None:
    np.testing.assert_equal(list(load().run(FEEDS, ["o"])), ["o"])
    with pytest.raises(runtime.FeedError, match="no output 'a'\nits outputs are z, o"):
        load().run(FEEDS, ["a"])


def test_tapping_gives_values_between_the_nodes() -> None:
    tapped = load().tapped(["a", "y"])
    out = tapped.run({**FEEDS, "x": -FEEDS["x"]})
    np.testing.assert_equal(out["a"], np.zeros((2, 3), np.float32))
    np.testing.assert_equal(out["y"], -FEEDS["x"])
    np.testing.assert_equal(set(out), {"z", "o", "a", "y"})


@pytest.mark.parametrize("bind", [False, True])
def test_bfloat16_goes_in_and_out(bind: bool) -> None:
    runner = load("""<ir_version: 8, opset_import: ["" : 17]>
        g (bfloat16[n, 3] x, float[n] q) => (bfloat16[n, 3] y, float[n] r) {
            y = Identity (x)
            r = Abs (q)
        }""")
    x = np.arange(6).reshape(2, 3).astype(ml_dtypes.bfloat16)
    feeds = {"x": x, "q": np.array([-1, 2], np.float32)}
    if bind:
        bound = runner.bind(feeds)
        bound()
        out = bound.outputs()
    else:
        out = runner.run(feeds)
    np.testing.assert_equal(out["y"].dtype, x.dtype)
    np.testing.assert_equal(out["y"].astype(float), x.astype(float))
    np.testing.assert_equal(out["r"], np.array([1, 2], np.float32))


def test_feeds_are_checked_before_onnxruntime_sees_them() -> None:
    runner = load()
    with pytest.raises(runtime.FeedError, match="input 's' is missing"):
        runner.run({"x": FEEDS["x"]})
    with pytest.raises(runtime.FeedError, match="dtype is float64, but the model takes float32"):
        runner.run({**FEEDS, "x": FEEDS["x"].astype(float)})


def recurrent(op: str, gates: int) -> Any:
    weights = np.ones((1, gates, 1), np.float32)
    runner = load(f"""<ir_version: 8, opset_import: ["" : 17]>
        g (float[n, t, 1] x, float[1, {gates}, 1] W, float[1, {gates}, 1] R)
            => (float[t, 1, n, 1] y) {{
            s = Transpose <perm = [1, 0, 2]> (x)
            y = {op} <hidden_size = 1> (s, W, R)
        }}""")
    return runner, {"W": weights, "R": weights}


@pytest.mark.parametrize(
    ("op", "gates", "shape"), [("LSTM", 4, (0, 2, 1)), ("GRU", 3, (0, 2, 1)), ("GRU", 3, (2, 0, 1))]
)
def test_an_empty_feed_is_refused_where_onnxruntime_would_end_the_process(
    op: str, gates: int, shape: tuple[int, ...]
) -> None:
    runner, weights = recurrent(op, gates)
    for run in (runner.run, runner.bind):
        with pytest.raises(runtime.FeedError, match=re.escape(f"'x' is empty, shape {[*shape]}")):
            run({"x": np.ones(shape, np.float32), **weights})


@pytest.mark.parametrize("shape", [(2, 0), (0, 2)])
def test_einsum_takes_no_empty_feed(shape: tuple[int, ...]) -> None:
    runner = load("""<ir_version: 8, opset_import: ["" : 17]>
        g (float[n, k] x) => (float[n, n] y) { y = Einsum <equation = "ij,kj->ik"> (x, x) }""")
    problem = rf"'x' is empty, shape {re.escape(str([*shape]))}: onnxruntime's Einsum ends the"
    with pytest.raises(runtime.FeedError, match=problem):
        runner.run({"x": np.ones(shape, np.float32)})


SLICED = """<ir_version: 8, opset_import: ["" : 17]> g (float[n, k] x) => (float[m, l] y)
    <int64[1] one = {1}, int64[1] end = {9}> {
        part = Slice (x, one, end, one)
        y = Einsum <equation = "ij,kj->ik"> (part, part)
    }"""


def test_einsum_takes_nothing_that_becomes_empty_inside_the_model(tmp_path: Path) -> None:
    """Left to onnxruntime, the process of the tests would end here."""
    onnx.save(onnx.parser.parse_model(SLICED), tmp_path / "m.onnx")
    for model in (onnx.parser.parse_model(SLICED), tmp_path / "m.onnx"):
        runner = runtime.load(model, on="cpu")
        problem = r"with these feeds 'part' becomes empty inside the model: onnxruntime's Einsum"
        for run in (runner.run, runner.bind):  # type: ignore[attr-defined]
            with pytest.raises(runtime.FeedError, match=problem):
                run({"x": np.ones((2, 1), np.float32)})
        found = runner.run({"x": np.ones((1, 3), np.float32)})["y"]
        np.testing.assert_array_equal(found, [[2]])


@pytest.mark.parametrize(
    ("version", "count"), [("1.28.0", 1), ("1.30.1", 1), ("1.31.0", 0), ("2.0.0.dev1", 0)]
)
def test_topk_takes_no_empty_feed_before_it_was_mended(version: str, count: int) -> None:
    found = aborts({"TopK", "Add"}, version)
    np.testing.assert_equal(len(found), count)
    problem = r"'x' is empty, shape \[2, 0\]: onnxruntime's TopK ends the process"
    refused = pytest.raises(runtime.FeedError, match=problem) if count else contextlib.nullcontext()
    with refused:
        check_not_empty({"x": np.ones((2, 0))}, found)


def test_an_lstm_takes_no_step_at_all() -> None:
    runner, weights = recurrent("LSTM", 4)
    given = runner.run({"x": np.ones((2, 0, 1), np.float32), **weights})["y"]
    np.testing.assert_equal(given.shape, (0, 1, 2, 1))


def test_a_numpy_scalar_is_taken() -> None:
    runner = load("""<ir_version: 8, opset_import: ["" : 17]>
        g (float x) => (float y) { y = Neg (x) }""")
    np.testing.assert_equal(runner.run({"x": np.float32(2)})["y"], np.float32(-2))


def test_a_failure_inside_the_model_is_a_node_error() -> None:
    runner = load("""<ir_version: 8, opset_import: ["" : 17]>
        g (float[n] x, int64[m] shape) => (float[a, b] y) { y = Reshape (x, shape) }""")
    feeds = {"x": np.zeros(4, np.float32), "shape": np.array([3, 3])}
    with pytest.raises(runtime.NodeError, match=r"'cpu' failed while it ran the model: .*Reshape"):
        runner.run(feeds)


@pytest.mark.parametrize(
    ("text", "error", "problem"),
    [
        (
            "g (float[n] x) => (float[n] y) { y = Nope (x) }",
            runtime.ModelError,
            "cannot load .*Nope",
        ),
        ("g (bfloat16[n] x) => (bfloat16[n] y) { y = Relu (x) }", runtime.ProviderError, "refuses"),
    ],
)
def test_what_onnxruntime_cannot_load_is_told_in_two_lines(
    text: str, error: type[Exception], problem: str
) -> None:
    with pytest.raises(error, match=problem):
        load('<ir_version: 8, opset_import: ["" : 17]>' + text)


@pytest.mark.cuda
def test_cuda_runs_the_model_and_says_where() -> None:
    pytest.importorskip("onnxruntime")
    ready = {info.on: info for info in runtime.providers(absent=True)}["cuda"]
    if not ready.ready:
        pytest.skip(f"no CUDA: {ready.detail}")
    runner: Any = runtime.load(onnx.parser.parse_model(SCAN), on="cuda")
    want = load().run(FEEDS)
    bound = runner.bind(FEEDS)
    bound()
    for name in want:
        np.testing.assert_allclose(runner.run(FEEDS)[name], want[name], atol=1e-6)
        np.testing.assert_allclose(bound.outputs()[name], want[name], atol=1e-6)
    assert runner.placement(FEEDS).nodes["cuda"] > 0
