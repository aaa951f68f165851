"""Random graphs: writing over values, freeing and folding them never changes a result."""

from typing import Any

import numpy as np
import onnx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from onnx import helper, numpy_helper

from onnxwright.runtime.interpreter import NumpyRunner, reuse

SHAPE = (3, 3)
UNARY = ("Neg", "Relu", "Tanh", "Identity", "Transpose", "Flatten", "Softmax")
BINARY = ("Add", "Sub", "Mul", "MatMul")
BRANCHED = ("If",)


@st.composite
def graphs(draw: st.DrawFn) -> onnx.ModelProto:
    """Up to twelve nodes over square matrices, so that any value fits anywhere."""
    names, nodes = ["x", "w"], []
    for number in range(draw(st.integers(3, 12))):
        operator = draw(st.sampled_from(UNARY + BINARY + BRANCHED))
        read = [draw(st.sampled_from(names[-4:])) for _ in range(2)]
        name = f"v{number}"
        if operator == "If":
            nodes.append(branch(read, name, draw(st.booleans())))
        else:
            inputs = read if operator in BINARY else read[:1]
            nodes.append(helper.make_node(operator, inputs, [name]))
        names.append(name)
    return model(nodes, names[-draw(st.integers(1, 2)) :])


def branch(read: list[str], name: str, negate: bool) -> onnx.NodeProto:
    """A subgraph that captures two values."""
    then = [helper.make_node("Sub" if negate else "Add", read, [f"{name}_then"])]
    other = [helper.make_node("Relu", read[:1], [f"{name}_else"])]
    return helper.make_node(
        "If",
        ["c"],
        [name],
        then_branch=helper.make_graph(then, "then", [], [value(f"{name}_then")]),
        else_branch=helper.make_graph(other, "else", [], [value(f"{name}_else")]),
    )


def value(name: str) -> onnx.ValueInfoProto:
    return helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, SHAPE)


def model(nodes: list[onnx.NodeProto], outputs: list[str]) -> onnx.ModelProto:
    graph = helper.make_graph(
        nodes,
        "random",
        [value("x"), helper.make_tensor_value_info("c", onnx.TensorProto.BOOL, [])],
        [value(name) for name in outputs],
        [numpy_helper.from_array(np.linspace(-1, 1, 9, dtype="f4").reshape(SHAPE), "w")],
    )
    imports = [helper.make_opsetid("", 17)]
    return helper.make_model(graph, opset_imports=imports, ir_version=8)


@pytest.fixture(autouse=True)
def _everything_is_large(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reuse, "SMALLEST", 0)


@settings(max_examples=300, deadline=None)
@given(graphs(), st.booleans(), st.integers(0, 99))
def test_outputs_are_the_same_however_much_is_kept(
    proto: onnx.ModelProto, chosen: bool, seed: int
) -> None:
    runner = NumpyRunner(proto)
    x = np.random.default_rng(seed).standard_normal(SHAPE).astype(np.float32)
    x.setflags(write=False)
    feeds: dict[str, Any] = {"x": x, "c": np.array(chosen)}
    lean = runner.run(feeds)
    kept = runner.run(feeds, runner.values)  # Every value is an output: none is written over.
    for name, array in lean.items():
        np.testing.assert_array_equal(array, kept[name])
    again = runner.run(feeds)
    for name, array in lean.items():
        np.testing.assert_array_equal(array, again[name])
