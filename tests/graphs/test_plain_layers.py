"""Layers of plain arithmetic and form: operands that are arrays, pad, layer_norm, pads "same"."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from onnxwright import runtime
from onnxwright.graphs import ConvWeights, GraphError, Network
from onnxwright.graphs.spec import read_network

X = np.random.default_rng(0).normal(size=(2, 3, 4)).astype(np.float32)
ROW = np.array([0.5, -1, 0, 2])


def run(net: Network, y: Any, on: str = "numpy") -> Any:
    net.output("y", y)
    return runtime.load(net.build(), on=on).run({"x": X})["y"]


@pytest.mark.parametrize("on", ["numpy", "cpu"])
@pytest.mark.parametrize(
    ("kind", "wanted"),
    [
        ("add", np.add),
        ("subtract", np.subtract),
        ("multiply", np.multiply),
        ("divide", lambda a, b: np.divide(a, np.where(b == 0, 1, b))),
        ("maximum", np.maximum),
        ("minimum", np.minimum),
    ],
)
def test_an_array_or_a_number_stands_where_a_value_does(kind: str, wanted: Any, on: str) -> None:
    row = np.where(ROW == 0, 1, ROW) if kind == "divide" else ROW
    for left, right in ((None, row), (row, None), (None, 2), (2.5, None)):
        net = Network("n")
        x = net.input("x", "batch 3 4")
        operands = [x if one is None else one for one in (left, right)]
        if kind == "divide" and right is None:
            continue
        got = run(net, getattr(net, kind)(*operands), on)
        expected = wanted(*(X if one is None else np.float32(one) for one in (left, right)))
        np.testing.assert_allclose(got, expected, rtol=1e-6)
        np.testing.assert_equal(got.dtype, np.float32)


def test_arrays_of_the_weights_file_and_numbers_are_operands_in_a_file(tmp_path: Path) -> None:
    (tmp_path / "n.toml").write_text(
        'inputs.x = "batch 3 4"\noutputs.y = "out"\n'
        '[[layer]]\nkind = "subtract"\nb = "mean"\n'
        '[[layer]]\nkind = "multiply"\nname = "out"\nb = 0.5\n'
    )
    net = read_network(tmp_path / "n.toml", {"mean": ROW.astype(np.float32)})
    got = runtime.load(net.build()).run({"x": X})["y"]
    np.testing.assert_allclose(got, (X - ROW) * 0.5, rtol=1e-6)


@pytest.mark.parametrize("opset", [13, 18])
@pytest.mark.parametrize("mode", ["constant", "reflect", "edge"])
@pytest.mark.parametrize("on", ["numpy", "cpu"])
def test_pad_is_numpys(mode: Any, opset: int, on: str) -> None:
    net = Network("n", opset=opset)
    y = net.pad(net.input("x", "batch 3 4"), [1, 3, 2, 0], axes=[1, -1], mode=mode, value=0.0)
    np.testing.assert_equal(y.dims, ("batch", 6, 7))
    np.testing.assert_array_equal(run(net, y, on), np.pad(X, [(0, 0), (1, 2), (3, 0)], mode))


def test_pad_holds_a_value_over_every_dim() -> None:
    net = Network("n")
    got = run(net, net.pad(net.input("x", "batch 3 4"), [0, 0, 1, 1, 0, 0], value=7.0))
    np.testing.assert_array_equal(got, np.pad(X, [(0, 1), (0, 0), (1, 0)], constant_values=7))


def normalised(axes: tuple[int, ...], scale: Any, bias: Any, epsilon: float, given: Any = X) -> Any:
    x = given.astype(np.float64)
    mean = x.mean(axes, keepdims=True)
    root = np.sqrt(((x - mean) ** 2).mean(axes, keepdims=True) + epsilon)
    return (x - mean) / root * scale + bias


@pytest.mark.parametrize("opset", [13, 17, 18])
@pytest.mark.parametrize("on", ["numpy:float64", "cpu"])
@pytest.mark.parametrize(
    ("axes", "scale", "bias"),
    [
        (-1, ROW, ROW + 1),
        ((1, 2), np.arange(12.0).reshape(3, 4), None),
        (1, np.array([1.0, 2, 3]), np.array([0.5, 0, 1])),
        (-1, None, None),
    ],
)
def test_layer_norm_is_its_equation(axes: Any, scale: Any, bias: Any, opset: int, on: str) -> None:
    net = Network("n", opset=opset)
    y = net.layer_norm(net.input("x", "batch 3 4"), scale, bias, axes=axes, epsilon=1e-3)
    over, one = tuple(np.atleast_1d(axes)), axes == 1
    scale = 1 if scale is None else scale[:, None] if one else scale
    bias = 0 if bias is None else bias[:, None] if one else bias
    wanted = normalised(over, scale, bias, 1e-3)
    np.testing.assert_allclose(run(net, y, on), wanted, atol=2e-5)


@pytest.mark.parametrize("groups", [1, 3])
@pytest.mark.parametrize("dims", ["batch 3 time", "batch 3 4", "2 3 time"])
@pytest.mark.parametrize("on", ["numpy:float64", "cpu"])
def test_group_norm_is_its_equation(groups: int, dims: str, on: str) -> None:
    net = Network("n")
    scale, bias = np.array([1.0, 2, 3]), np.array([0.5, 0, 1])
    y = net.group_norm(net.input("x", dims), scale, bias, groups=groups, epsilon=1e-3)
    apart = normalised((2,), 1, 0, 1e-3, X.reshape(2, groups, -1)).reshape(X.shape)
    wanted = apart * scale[:, None] + bias[:, None]
    np.testing.assert_allclose(run(net, y, on), wanted, atol=2e-5)


@pytest.mark.parametrize(
    ("dims", "groups", "nodes"),
    [
        ("batch 4 time", 4, ["InstanceNormalization"]),
        ("batch 4 time", 2, ["Reshape", "InstanceNormalization", "Reshape"]),
        ("batch 4 w h", 2, ["Reshape", "InstanceNormalization", "Shape", "Reshape"]),
        ("batch 4", 2, ["Reshape", "InstanceNormalization", "Reshape"]),
    ],
)
def test_group_norm_is_one_operator(dims: str, groups: int, nodes: list[str]) -> None:
    net = Network("n")
    net.output("y", net.group_norm(net.input("x", dims), groups=groups))
    np.testing.assert_equal([node.op_type for node in net.build().graph.node], nodes)


def test_group_norm_of_float64_is_its_equation() -> None:
    net = Network("n", dtype="float64")
    net.output("y", net.group_norm(net.input("x", "batch 4 time"), groups=4))
    np.testing.assert_equal("Sqrt" in {node.op_type for node in net.build().graph.node}, True)


@pytest.mark.parametrize("keyword", ["pads", "padding"])
@pytest.mark.parametrize(
    ("stride", "size", "pads"), [(1, 5, [1, 1]), (2, 6, [0, 1]), (3, 7, [1, 1])]
)
def test_same_pads_for_an_output_a_stride(
    keyword: str, stride: int, size: int, pads: list[int]
) -> None:
    net = Network("n")
    x = net.input("x", f"batch 2 {size}")
    weights = ConvWeights(np.ones((1, 2, 3), np.float32))
    words: dict[str, Any] = {keyword: "same"}
    same = net.conv(x, weights, strides=stride, **words)
    numbers = net.conv(x, weights, strides=stride, pads=pads)
    np.testing.assert_equal(same.dims, ("batch", 1, -(-size // stride)))
    np.testing.assert_equal(numbers.dims, same.dims)
    found = [list(a.ints) for node in net.nodes for a in node.attribute if a.name == "pads"]
    np.testing.assert_equal(found, [pads, pads])
    pooled = net.average_pool(x, 3, strides=stride, **words)
    np.testing.assert_equal(pooled.dims, ("batch", 2, -(-size // stride)))


def wrong(call: str) -> Any:
    net: Any = Network("n")
    x = net.input("x", "batch 3 time")
    ids = net.input("ids", "batch", dtype="int64")
    weights = ConvWeights(np.ones((1, 3, 3), np.float32))
    calls: dict[str, Any] = {
        "two arrays": lambda: net.add(ROW, 1.0),
        "text": lambda: net.add(x, "y"),
        "half an id": lambda: net.add(ids, 0.5),
        "pads": lambda: net.pad(x, [1, 2]),
        "negative": lambda: net.pad(x, [-1, 0], axes=1),
        "long": lambda: net.pad(x, [3, 0], axes=1, mode="reflect"),
        "mode": lambda: net.pad(x, [1, 0], axes=1, mode="wrap"),
        "scale": lambda: net.layer_norm(x, ROW, axes=1),
        "open": lambda: net.layer_norm(x, ROW),
        "epsilon": lambda: net.layer_norm(x, epsilon=0),
        "groups": lambda: net.group_norm(x, groups=2),
        "no groups": lambda: net.group_norm(x, groups=0),
        "channels": lambda: net.group_norm(x, ROW, groups=1),
        "same": lambda: net.conv(x, weights, strides=2, pads="same"),
        "word": lambda: net.conv(x, weights, pads="full"),
    }
    return calls[call]()


@pytest.mark.parametrize(
    ("call", "told"),
    [
        ("two arrays", r"takes a value, got ndarray"),
        ("text", r"takes values, arrays or numbers, got str\ngive what an input"),
        ("half an id", r"is of integers, and the array beside it is not\nround"),
        ("pads", r"pads are \[1, 2\], needs 6 whole numbers"),
        ("negative", r"pads \[-1, 0\] of dim 1"),
        ("long", r"do not fit mode 'reflect'\na pad is 0 or more; a reflection is shorter"),
        ("mode", r"mode is 'wrap', which is not known\nuse one of constant, reflect, edge"),
        ("scale", r"scale has shape \[4\], needs \[3\]"),
        ("open", r"scale has shape \[4\], needs \[time\]: the fixed dims"),
        ("epsilon", r"epsilon is 0 over 1 dims"),
        (
            "groups",
            r"takes channels \(dim 1\) of 2 whole groups, got .*\ndata with the channels last",
        ),
        ("no groups", r"takes channels \(dim 1\) of 0 whole groups"),
        ("channels", r"scale has shape \[4\], needs \[3\]"),
        ("same", r"pads 'same' with a stride of 2 depend on dim 2 .* not fixed\ngive that dim"),
        ("word", r"pads is 'full', needs numbers or 'same'"),
    ],
)
def test_mistakes_are_told(call: str, told: str) -> None:
    with pytest.raises(GraphError, match=told):
        wrong(call)
