"""Broken and hostile models give one clear ModelError; good ones compile to what they say."""

import numpy as np
import onnx
import onnx.parser
import pytest
from onnx import TensorProto, helper

from onnxwright.runtime.errors import ModelError
from onnxwright.runtime.interpreter import NumpyRunner, scope

HEAD = '<ir_version: 8, opset_import: ["" : 17, "own" : 1]>'


def parsed(text: str) -> onnx.ModelProto:
    return onnx.parser.parse_model(f"{HEAD}\n{text}")


BROKEN = {
    "unknown name": (
        "g (float[2] x) => (float[2] y) { y = Add(x, z) }",
        r"^node '' \(Add\) in graph 'g' reads 'z', which no input, initializer or node gives\n"
        r"the graph is broken",
    ),
    "unknown output": (
        "g (float[2] x) => (float[2] z) { y = Neg(x) }",
        r"^output 'z' of graph 'g': no input, initializer or node gives it\n",
    ),
    "not in order": (
        "g (float[2] x) => (float[2] y) { y = Neg(a)  a = Neg(x) }",
        r"reads 'a', which only the later node '' gives\n"
        r"ONNX wants the nodes in the order in which they run",
    ),
    "cycle": (
        "g (float[2] x) => (float[2] y) { a = Add(x, b)  b = Neg(a)  y = Neg(b) }",
        r"reads 'b', which is made from what this node gives: the nodes form a cycle\n",
    ),
    "self": (
        "g (float[2] x) => (float[2] y) { y = Add(x, y) }",
        r"reads 'y', which is made from what this node gives: the nodes form a cycle\n",
    ),
    "defined twice": (
        "g (float[2] x) => (float[2] y) { y = Neg(x)  y = Abs(x) }",
        r"^value 'y' is defined twice in graph 'g'\n",
    ),
    "unknown attribute": (
        "g (float[2] x) => (float[2] y) { y = Softmax <axes = 1> (x) }",
        r"^node 'y' \(Softmax, opset 17\): unknown attribute 'axes'\nit takes axis: ",
    ),
    "attribute missing": (
        "g (float[2] x) => (float[4] y) { y = Concat(x, x) }",
        r"^node 'y' \(Concat, opset 17\): no attribute 'axis'\n",
    ),
    "too many inputs": (
        "g (float[2] x) => (float[2] y) { y = Neg(x, x) }",
        r"^node 'y' \(Neg, opset 17\): 2 inputs, but it takes 1 to 1\n",
    ),
    "too few inputs": (
        "g (float[2] x) => (float[2] y) { y = Add(x) }",
        r"^node 'y' \(Add, opset 17\): 1 inputs, but it takes 2 to 2\n",
    ),
    "no kernel": (
        "g (float[2] x) => (float[2] y) { y = own.Magic(x) }",
        r"^node 'y' \(own.Magic, opset 1\) in graph 'g': this runtime has no kernel for it\n"
        r"see runtime.coverage\(model\)",
    ),
    "no such operator": (
        "g (float[2] x) => (float[2] y) { y = Magic(x) }",
        r"^node 'y' \(Magic, opset 17\) in graph 'g': this runtime has no kernel for it\n",
    ),
    "function calls itself": (
        """g (float[2] x) => (float[2] y) { y = own.f(x) }
        <domain: "own", opset_import: ["" : 17, "own" : 1]>
        f (a) => (b) { c = Neg(a)  b = own.f(c) }""",
        r"^function 'f' calls itself, in graph 'g' / function 'f' of node 'y'\n"
        r"ONNX allows no recursion",
    ),
    "functions call one another": (
        """g (float[2] x) => (float[2] y) { y = own.f(x) }
        <domain: "own", opset_import: ["" : 17, "own" : 1]> f (a) => (b) { b = own.h(a) }
        <domain: "own", opset_import: ["" : 17, "own" : 1]> h (a) => (b) { b = own.f(a) }""",
        r"^function 'f' calls itself, in graph 'g' / function 'f' of node 'y' / function 'h'",
    ),
    "function with too many inputs": (
        """g (float[2] x) => (float[2] y) { y = own.f(x, x) }
        <domain: "own", opset_import: ["" : 17]> f (a) => (b) { b = Neg(a) }""",
        r"^node 'y' in graph 'g' gives function 'f' 2 inputs and takes 1 outputs, but it has 1 and",
    ),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_model_is_refused(name: str) -> None:
    text, message = BROKEN[name]
    with pytest.raises(ModelError, match=message):
        NumpyRunner(parsed(text))


def test_functions_that_double_at_every_level_are_stopped(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(scope, "MOST_NODES", 1000)
    start = '<domain: "own", opset_import: ["" : 17, "own" : 1]>'
    chain = "".join(
        f"{start} f{i} (a) => (b) {{ c = own.f{i + 1}(a)  b = own.f{i + 1}(c) }}\n"
        for i in range(30)
    )
    last = f"{start} f30 (a) => (b) {{ b = Neg(a) }}"
    text = f"g (float[2] x) => (float[2] y) {{ y = own.f0(x) }}\n{chain}{last}"
    with pytest.raises(ModelError, match=r"^more than 1000 nodes once functions are expanded"):
        NumpyRunner(parsed(text))


def test_deep_nesting_is_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scope, "MAX_DEPTH", 3)
    inner = "then () => (float[2] r) { r = Neg(x) }"
    for _ in range(4):
        inner = (
            "then () => (float[2] r) { r = If (c) <then_branch = " + inner + ", else_branch = "
            "other () => (float[2] r2) { r2 = Abs(x) }> }"
        )
    other = "o () => (float[2] q) { q = Abs(x) }"
    text = f"""g (bool c, float[2] x) => (float[2] y) {{
        y = If (c) <then_branch = {inner}, else_branch = {other}> }}"""
    with pytest.raises(ModelError, match=r"^subgraphs and functions are nested deeper than 3 at"):
        NumpyRunner(parsed(text))


def broken_tensor(**fields: object) -> onnx.ModelProto:
    model = parsed("g (float[2] x) => (float[2] y) <float[2] w = {1, 2}> { y = Add(x, w) }")
    tensor = model.graph.initializer[0]
    tensor.CopyFrom(TensorProto(name="w", data_type=1, **fields))  # type: ignore[arg-type]
    return model


TENSORS = {
    "too few data": (
        broken_tensor(dims=[2], raw_data=b"\0" * 4),
        r"^tensor 'w' with dims \[2\] cannot be read: .*\nthe file is broken",
    ),
    "negative dim": (
        broken_tensor(dims=[-2], raw_data=b"\0" * 8),
        r"^tensor 'w' with dims \[-2\] ",
    ),
    "absurd dims": (
        broken_tensor(dims=[2**40, 2**40], raw_data=b"\0" * 8),
        r"^tensor 'w' with dims \[1099511627776, 1099511627776\] cannot be read",
    ),
    "elsewhere": (
        broken_tensor(dims=[2], data_location=TensorProto.EXTERNAL),
        r"^tensor 'w' keeps its data in another file\nload the model from its path",
    ),
}


@pytest.mark.parametrize("name", TENSORS)
def test_a_broken_tensor_is_refused(name: str) -> None:
    model, message = TENSORS[name]
    with pytest.raises(ModelError, match=message):
        NumpyRunner(model)


def test_an_opset_import_is_needed() -> None:
    model = parsed("g (float[2] x) => (float[2] y) { y = Neg(x) }")
    del model.opset_import[:]
    with pytest.raises(ModelError, match=r"^graph 'g' imports no opset for the operators of ONNX"):
        NumpyRunner(model)


def test_the_domain_ai_onnx_is_onnxs_own() -> None:
    model = parsed("g (float[2] x) => (float[2] y) { y = Neg(x) }")
    model.opset_import[0].domain = "ai.onnx"
    model.graph.node[0].domain = "ai.onnx"
    got = NumpyRunner(model).run({"x": np.ones(2, "f4")})
    np.testing.assert_array_equal(got["y"], [-1, -1])


def test_a_sparse_initializer_is_made_dense() -> None:
    model = parsed("g (float[3] x) => (float[3] y) { y = Add(x, s) }")
    values = helper.make_tensor("s", TensorProto.FLOAT, [2], [5.0, 7.0])
    indices = helper.make_tensor("i", TensorProto.INT64, [2], [0, 2])
    model.graph.sparse_initializer.append(helper.make_sparse_tensor(values, indices, [3]))
    got = NumpyRunner(model).run({"x": np.zeros(3, "f4")})
    np.testing.assert_array_equal(got["y"], [5, 0, 7])


def test_an_operator_that_nothing_needs_may_lack_a_kernel() -> None:
    model = parsed("g (float[2] x) => (float[2] y) { y = Neg(x)  z = own.Magic(x) }")
    got = NumpyRunner(model).run({"x": np.ones(2, "f4")})
    np.testing.assert_array_equal(got["y"], [-1, -1])
