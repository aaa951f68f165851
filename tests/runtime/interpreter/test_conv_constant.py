"""Convolution by constant weights, which has kernels of its own, against slow float64 loops."""

from dataclasses import replace
from typing import Any

import numpy as np
import onnx
import pytest
from onnx import helper, numpy_helper

from onnxwright import runtime
from onnxwright.runtime.interpreter import NumpyRunner
from onnxwright.runtime.interpreter.kernels.convolution import channels_last, depthwise, gathered
from onnxwright.runtime.interpreter.run_limits import RunLimits

from .node_case import Array, Case
from .windows_cases import windowing
from .windows_oracle import conv_oracle

CASES = 40
"""Cases per block."""
TOLERANCE = {"float16": 5e-3, "float32": 2e-6, "float64": 1e-12}
GROUPS = ("one", "some", "depthwise", "twice depthwise")


def case(rng: np.random.Generator, groups: str) -> Case:
    """Return a random Conv with enough channels for each kind of kernel."""
    rank = int(rng.integers(1, 4))
    options, kernel, spatial = windowing(rng, rank, ceil=False, dilated=True)
    batch, channels, features = (int(n) for n in rng.integers(1, [4, 20, 20]))
    group = {"one": 1, "some": 3}.get(groups, channels)
    channels = -(-channels // group) * group
    features = group * {"one": features, "some": features, "depthwise": 1}.get(groups, 2)
    inputs: list[Array | None] = [
        rng.standard_normal((batch, channels, *spatial)),
        rng.standard_normal((features, channels // group, *kernel)),
    ]
    if rng.random() < 0.7:
        inputs.append(rng.standard_normal(features))
    return Case("Conv", 11, options | {"group": group}, inputs)


def constant_model(case: Case, *, last: bool) -> tuple[onnx.ModelProto, dict[str, Array]]:
    """Return the node with constant weights, and x; `last`: x is [batch, *spatial, channels]."""
    model, feeds = case.model(), case.feeds()
    x = feeds.pop("X")
    graph = model.graph
    graph.initializer.extend(numpy_helper.from_array(a, n) for n, a in feeds.items())
    del graph.input[1:]
    if last:
        graph.node[0].input[0] = "first"
        turn = [0, x.ndim - 1, *range(1, x.ndim - 1)]
        graph.node.insert(0, helper.make_node("Transpose", ["X"], ["first"], perm=turn))
        x = np.ascontiguousarray(np.moveaxis(x, 1, -1))
        graph.input[0].type.tensor_type.ClearField("shape")
    return model, {"X": x}


def check(case: Case, dtype: str, *, last: bool) -> None:
    narrow = case.astype(dtype)
    model, feeds = constant_model(narrow, last=last)
    (got,) = runtime.load(model).run(feeds).values()
    X, W, B = [*narrow.astype("float64").inputs, None][:3]
    assert X is not None
    assert W is not None
    wanted = conv_oracle(X, W, B, narrow.attributes)
    assert got.dtype == np.dtype(dtype)
    assert got.flags.c_contiguous
    scale = max(1.0, float(np.abs(wanted).max()))
    np.testing.assert_allclose(
        got, wanted, rtol=0, atol=TOLERANCE[dtype] * scale, err_msg=str(case)
    )


@pytest.mark.parametrize("dtype", TOLERANCE)
@pytest.mark.parametrize("groups", GROUPS)
@pytest.mark.parametrize("last", [False, True], ids=["planes", "channels last"])
def test_agrees_with_a_slow_loop(groups: str, dtype: str, last: bool) -> None:
    rng = np.random.default_rng(7)
    for _ in range(CASES):
        check(case(rng, groups), dtype, last=last)


@pytest.mark.parametrize("size", [1, 24, 200])
@pytest.mark.parametrize("groups", ["one", "depthwise"])
def test_agrees_in_pieces(groups: str, size: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Little room cuts the batch and the lines, short runs the windows of a line."""
    monkeypatch.setattr(gathered, "ROOM", 8 * size)
    monkeypatch.setattr(depthwise, "RUN", size)
    rng = np.random.default_rng(size)
    for _ in range(CASES):
        check(case(rng, groups), "float32", last=bool(rng.random() < 0.5))


@pytest.mark.parametrize("features", [8, 24, 64])
def test_a_bias_is_added_to_every_window(features: int) -> None:
    rng = np.random.default_rng(0)
    inputs: list[Array | None] = [
        rng.standard_normal((2, 3, 36, 30)),
        rng.standard_normal((features, 3, 1, 1)),
        rng.standard_normal(features),
    ]
    check(Case("Conv", 11, {}, inputs), "float32", last=False)


@pytest.mark.parametrize("group", [1, 9], ids=["dense", "depthwise"])
def test_a_bias_that_is_fed_is_added(group: int) -> None:
    """Only the weights are constant; a Relu behind must wait for the bias."""
    rng = np.random.default_rng(4)
    W, B = rng.standard_normal((9, 9 // group, 3, 3)), rng.standard_normal(9)
    model = onnx.parser.parse_model(f"""<ir_version: 8, opset_import: ["" : 13]>
        g (float[n, 9, h, w] x, float[9] b) => (float[n, 9, i, j] y) {{
            z = Conv <group = {group}> (x, W, b)
            y = Relu(z)
        }}""")
    model.graph.initializer.append(numpy_helper.from_array(W.astype("float32"), "W"))
    x = rng.standard_normal((2, 9, 5, 6))
    feeds = {"x": x.astype("float32"), "b": B.astype("float32")}
    wanted = np.maximum(conv_oracle(x, W, B, {"group": group}), 0)
    np.testing.assert_allclose(runtime.load(model).run(feeds)["y"], wanted, rtol=1e-5, atol=1e-4)


def test_any_order_in_memory_is_read() -> None:
    """X may be any view: every second row, backwards, the axes turned."""
    rng = np.random.default_rng(1)
    W = rng.standard_normal((9, 10, 3, 3)).astype("float32")
    model = onnx.parser.parse_model(
        """<ir_version: 8, opset_import: ["" : 13]>
        g (float[h, n, c, w] x) => (float[n, m, h, w] y)
        <int64[1] start = {-1}, int64[1] end = {-100}, int64[1] axis = {3}, int64[1] step = {-2}> {
            turned = Transpose <perm = [1, 2, 0, 3]> (x)
            cut = Slice(turned, start, end, axis, step)
            y = Conv(cut, W)
        }"""
    )
    model.graph.initializer.append(numpy_helper.from_array(W, "W"))
    x = rng.standard_normal((6, 2, 10, 12)).astype("float32")
    wanted = conv_oracle(x.transpose(1, 2, 0, 3)[..., ::-2].astype("f8"), W.astype("f8"), None, {})
    got = runtime.load(model).run({"x": x})["y"]
    np.testing.assert_allclose(got, wanted, rtol=1e-5, atol=1e-4)


def test_shapes_may_change_from_run_to_run() -> None:
    rng = np.random.default_rng(2)
    one = case(rng, "one")
    model, _ = constant_model(one, last=False)
    model.graph.input[0].type.tensor_type.ClearField("shape")
    runner = runtime.load(model)
    X, *others = one.inputs
    assert X is not None
    for n in range(1, 40):
        x = rng.standard_normal((n, *X.shape[1:]))
        W, B = [*others, None][:2]
        assert W is not None
        got = runner.run({"X": x})["Y"]
        np.testing.assert_allclose(got, conv_oracle(x, W, B, one.attributes), rtol=1e-9, atol=1e-9)


def test_weights_stay_what_they_are() -> None:
    """They are laid out otherwise, but anybody who asks for them gets the same values."""
    W = np.arange(8 * 2 * 3 * 3, dtype="float32").reshape(8, 2, 3, 3)
    inputs: list[Array | None] = [np.ones((1, 2, 4, 4), "float32"), W]
    model, feeds = constant_model(Case("Conv", 11, {}, inputs), last=False)
    found = runtime.load(model).run(feeds, outputs=["W"])["W"]
    np.testing.assert_array_equal(found, W)
    assert found.flags.c_contiguous


@pytest.mark.parametrize(
    ("shape", "text"),
    [((1, 3, 8, 8), "with group 1, X"), ((1, 9, 2, 2), "a window of"), ((9, 9), "the same number")],
)
@pytest.mark.parametrize("group", [1, 9])
def test_a_wrong_shape_is_told(shape: tuple[int, ...], text: str, group: int) -> None:
    W = np.ones((9, 9 // group, 3, 3), "float32")
    inputs: list[Array | None] = [np.ones(shape, "float32"), W]
    built = Case("Conv", 11, {"group": group}, inputs)
    model, feeds = constant_model(built, last=False)
    model.graph.input[0].type.tensor_type.ClearField("shape")
    text = text.replace("group 1", f"group {group}")
    with pytest.raises(runtime.NodeError, match=text):
        runtime.load(model).run(feeds)


@pytest.mark.parametrize("group", [1, 16])
@pytest.mark.parametrize("pads", [0, 600])
def test_the_memory_limit_holds(group: int, pads: int) -> None:
    """For the result, and for what is padded."""
    W = np.ones((16 if group > 1 else 64, 16 // group, 1, 1), "float32")
    x = np.ones((1, 16, 200, 200), "float32") if not pads else np.ones((1, 16, 1, 1), "float32")
    strides = [1, 1] if not pads else [600, 600]
    options: dict[str, Any] = {"group": group, "pads": [pads] * 4, "strides": strides}
    model, feeds = constant_model(Case("Conv", 11, options, [x, W]), last=False)
    runner = NumpyRunner(model, limits=RunLimits(memory=2**21, steps=9))
    with pytest.raises(runtime.NodeError, match="but the memory limit is 2 MiB for one array"):
        runner.run(feeds)


def test_float64_is_computed_as_before() -> None:
    """The reference's mode has one path, whatever the weights are."""
    rng = np.random.default_rng(3)
    one = replace(case(rng, "one"), opset=11).astype("float32")
    model, feeds = constant_model(one, last=False)
    fixed = runtime.load(model, on="numpy:float64").run(feeds)["Y"]
    given = runtime.load(one.model(), on="numpy:float64").run(one.feeds())["Y"]
    np.testing.assert_array_equal(fixed, given)


def test_channels_stay_last_from_node_to_node() -> None:
    x = np.zeros((2, 8, 3, 4), "float32")
    assert not channels_last.in_runs(x)
    turned = channels_last.first(np.zeros((2, 3, 4, 8), "float32"))
    assert channels_last.in_runs(turned)
    assert channels_last.in_runs(np.maximum(turned, 0))
    assert channels_last.in_runs(turned + turned)
