"""Operators by name, and constants: dims and dtypes are inferred, and the numbers are right."""

from typing import Any

import numpy as np
import onnx
import pytest

from onnxwright import runtime
from onnxwright.graphs import Network
from onnxwright.graphs.errors import GraphError

X = np.arange(24, dtype=np.float32).reshape(2, 3, 4)


def run(net: Network, **feeds: Any) -> Any:
    return runtime.load(net.build()).run(feeds)


@pytest.mark.parametrize(
    ("op_type", "constants", "attributes", "text", "wanted"),
    [
        ("ReduceSum", [[1]], {"keepdims": 0}, "batch 4, float32", X.sum(1)),
        ("ReduceMax", [], {"axes": [2], "keepdims": 1}, "batch 3 1, float32", X.max(2)[..., None]),
        ("Reshape", [[0, 12]], {}, "batch 12, float32", X.reshape(2, 12)),
        ("Cast", [], {"to": onnx.TensorProto.INT64}, "batch 3 4, int64", X.astype(int)),
        ("Shape", [], {}, "3, int64", np.array([2, 3, 4])),
        ("ArgMax", [], {"axis": 2}, "batch 3 1, int64", X.argmax(2)[..., None]),
        ("Greater", [11.5], {}, "batch 3 4, bool", X > 11.5),
        ("Slice", [[1], [3], [2]], {}, "batch 3 2, float32", X[:, :, 1:3]),
        ("Gather", [[2, 0]], {"axis": 1}, "batch 2 4, float32", X[:, [2, 0]]),
    ],
)
def test_dims_and_dtype_are_inferred(
    op_type: str, constants: list[Any], attributes: dict[str, Any], text: str, wanted: Any
) -> None:
    net = Network("net")
    inputs = [net.input("x", "batch 3 4"), *map(net.constant, map(typed, constants))]
    y = net.op(op_type, *inputs, name="it", **attributes)
    np.testing.assert_equal(str(y), f"'it/{op_type}' ({text})")
    net.output("y", y)
    got = run(net, x=X)["y"]
    np.testing.assert_equal(got.dtype, y.dtype)
    np.testing.assert_array_equal(got, wanted)


def typed(numbers: Any) -> Any:
    return np.array(numbers, np.float32 if isinstance(numbers, float) else np.int64)


def test_numbers_among_the_inputs_become_constants() -> None:
    net = Network("net")
    x = net.input("x", "batch 3 4")
    last = net.op("Gather", x, -1, axis=1, name="last")
    total = net.op("ReduceSum", last, [1], keepdims=0, name="total")
    scaled = net.op("Mul", total, np.float64(0.5), name="scaled")
    joined = net.op("Max", scaled, np.zeros(1), np.ones(1, "f4"), name="joined")
    net.output("y", joined)
    np.testing.assert_equal(
        {name: array.dtype.name for name, array in net.initializers.items()},
        {"last.indices": "int64", "total.axes": "int64", "scaled.B": "float32"}
        | {"joined.data_0": "float32", "joined.data_0_2": "float32"},
    )
    wanted = np.maximum(X[:, -1].sum(1) / 2, 1)
    np.testing.assert_allclose(run(net, x=X)["y"], wanted, rtol=1e-6)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("text", "takes a value, got str"),
        ([[1], [1, 2]], "give lists of one length"),
        (["a"], "not of numbers or bools"),
        (np.array([None]), "not of numbers or bools"),
    ],
)
def test_other_things_among_the_inputs_are_refused(given: Any, said: str) -> None:
    net = Network("net")
    with pytest.raises(GraphError, match=said):
        net.op("Add", net.input("x", "batch 3"), given)


def test_several_outputs() -> None:
    net = Network("net")
    x = net.input("x", "batch 3 4")
    values, indices = net.op_many("TopK", x, net.constant(np.array([2])), outputs=2, name="best")
    np.testing.assert_equal(str(indices), "'best/TopK.1' (batch 3 2, int64)")
    net.output("values", values)
    net.output("indices", indices)
    out = run(net, x=X)
    np.testing.assert_array_equal(out["values"], X[..., :1:-1])
    np.testing.assert_array_equal(out["indices"], np.broadcast_to([3, 2], (2, 3, 2)))


@pytest.mark.parametrize(
    ("array", "text"),
    [
        (np.ones(3, np.float64), "3, float16"),
        (1.5, "scalar, float16"),
        (np.ones((2, 2), np.int32), "2 2, int32"),
        ([1, 2], "2, int64"),
        (True, "scalar, bool"),
        (np.ones(1, np.uint8), "1, uint8"),
    ],
)
def test_constants_of_floats_take_the_networks_dtype(array: Any, text: str) -> None:
    net = Network("net", dtype="float16")
    value = net.constant(array, name="c")
    np.testing.assert_equal(str(value), f"'c.value' ({text})")
    net.output("y", value)
    np.testing.assert_array_equal(run(net)["y"], np.asarray(array))


def test_an_optional_input_may_be_left_out() -> None:
    net = Network("net")
    x = net.input("x", "batch 3 4")
    net.output("y", net.op("Clip", x, None, net.constant(5.0)))
    np.testing.assert_array_equal(run(net, x=X)["y"], np.minimum(X, 5))


def test_dims_that_cannot_be_inferred_are_given() -> None:
    net = Network("net")
    x, sizes = net.input("x", "batch 4"), net.input("sizes", "2", dtype="int64")
    text = (
        "op 'op': the dims of its output cannot be told before the model runs\n"
        r"give them: op\(..., dims='batch 8'\)"
    )
    with pytest.raises(GraphError, match=text):
        net.op("Reshape", x, net.input("shape", "n", dtype="int64"))
    y = net.op("Expand", x, sizes, dims="batch wide", name="wide")
    np.testing.assert_equal(str(y), "'wide/Expand' (batch wide, float32)")
    net.output("y", y)
    given = {"x": X[0, :1], "sizes": np.array([2, 4]), "shape": np.array([4])}
    np.testing.assert_array_equal(run(net, **given)["y"], X[[0, 0], 0])


@pytest.mark.parametrize(
    ("dims", "said"),
    [
        (["batch"], "dims are given for 1 outputs of 2\ngive them for each output, in a list"),
        (
            ["batch 3 3", "batch 3 3"],
            "dims batch 3 3 contradict those of the operator's output, batch 3 2\nleave the dims",
        ),
        (["batch 3", "batch 3"], "dims batch 3 contradict those of the operator's output"),
        (["batch 3 -1"] * 2, "dims 'batch 3 -1': '-1' is not a dim"),
    ],
)
def test_dims_that_are_others_are_refused(dims: Any, said: str) -> None:
    net = Network("net")
    with pytest.raises(GraphError, match=said):
        net.op_many("TopK", net.input("x", "batch 3 4"), [2], outputs=2, dims=dims)
