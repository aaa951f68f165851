"""Damaged models are told in two lines: attributes of another kind, missing inputs, circles."""

from typing import Any

import numpy as np
import pytest
from onnx import ModelProto, NodeProto, TensorProto, helper, numpy_helper

from onnxwright.graphs import read
from onnxwright.graphs.errors import WeightError

ARRAYS = {"w": (2, 3), "b": (2,), "scalar": (), "rows": (1, 6, 3), "units": (1, 6, 2)}


def model(*nodes: NodeProto) -> ModelProto:
    tensors = [
        numpy_helper.from_array(np.ones(shape, np.float32), name) for name, shape in ARRAYS.items()
    ]
    x = helper.make_tensor_value_info("x", TensorProto.FLOAT, ["batch", 3])
    return helper.make_model(helper.make_graph(nodes, "g", [x], [], tensors))


def turned(**attributes: Any) -> ModelProto:
    turn = helper.make_node("Transpose", ["w"], ["t"], name="turn", **attributes)
    return model(turn, helper.make_node("MatMul", ["x", "t"], ["y"]))


def constant(value: Any) -> ModelProto:
    node = NodeProto(op_type="Constant", name="fixed", output=["t"])
    node.attribute.append(helper.make_attribute("value", value))
    return model(node, helper.make_node("MatMul", ["x", "t"], ["y"]))


def one(op: str, *inputs: str, **attributes: Any) -> ModelProto:
    return model(helper.make_node(op, inputs, ["y"], name="only", **attributes))


@pytest.mark.parametrize(
    ("damaged", "text"),
    [
        (turned(perm=[0, 5]), r"a Transpose of a constant of shape \[2, 3\] has perm \[0, 5\]"),
        (turned(perm=[0]), r"has perm \[0\]"),
        (turned(perm=[0, 0]), r"has perm \[0, 0\]"),
        (turned(perm=1), "Transpose 'turn': attribute 'perm' is not whole numbers"),
        (turned(perm=[1.5]), "Transpose 'turn': attribute 'perm' is not whole numbers"),
        (constant(3), "Constant 'fixed': attribute 'value' is not a tensor"),
        (constant("w"), "Constant 'fixed': attribute 'value' is not a tensor"),
        (one("Gemm", "x", "w", alpha="a"), "Gemm 'only': attribute 'alpha' is not a float"),
        (one("Gemm", "x", "w", transB=1.5), "attribute 'transB' is not a whole number"),
        (one("Gemm", "x", "scalar", "b"), "w has shape"),
        (
            one("GRU", "x", "rows", "units", linear_before_reset="a"),
            "GRU 'only': attribute 'linear_before_reset' is not a whole number",
        ),
    ],
)
def test_is_refused(damaged: ModelProto, text: str) -> None:
    with pytest.raises(WeightError, match=text) as caught:
        read(damaged)
    np.testing.assert_equal(caught.value.remedy != "", True)


@pytest.mark.parametrize("op", ["Gemm", "MatMul", "Transpose", "Identity", "LSTM", "Constant"])
def test_a_node_without_inputs_or_outputs_holds_no_layer(op: str) -> None:
    product = helper.make_node("MatMul", ["x", "t"], ["y"])
    np.testing.assert_equal(read(model(helper.make_node(op, [], ["t"]), product)), {})
    np.testing.assert_equal(read(model(helper.make_node(op, ["t"], []), product)), {})


def test_a_circle_of_identities_ends() -> None:
    nodes = [helper.make_node("Identity", [a], [b]) for a, b in ("pq", "qp")]
    np.testing.assert_equal(read(model(*nodes, helper.make_node("MatMul", ["x", "p"], ["y"]))), {})
