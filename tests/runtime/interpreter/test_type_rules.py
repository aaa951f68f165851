"""Models whose types the standard forbids are refused when they are loaded, as onnxruntime does."""

import importlib
from dataclasses import replace
from typing import Any

import numpy as np
import onnx.parser
import pytest
from onnx import AttributeProto

from onnxwright import runtime
from onnxwright.runtime.interpreter.plan import execute

HEAD = '<ir_version: 8, opset_import: ["" : 17, "own" : 1]> g '
ONE_TYPE = "and they must be of one type"
MIXED = {
    "float x double": (
        "(float[2] x, double[2] z) => (float[2] y) { y = Add (x, z) }",
        rf"node 'y' \(Add, opset 17\) in graph 'g': input 1 is tensor\(double\), but input 0 is "
        rf"tensor\(float\), {ONE_TYPE}\ncast one of them",
    ),
    "behind other nodes": (
        "(float[2] x, double[2] z) => (float[2] y) { a = Neg (x)  b = Relu (z)  y = Mul (a, b) }",
        ONE_TYPE,
    ),
    "behind a cast": (
        "(int64[2] x, double[2] z) => (double[2] y) { a = Relu (z)  y = Sub (a, x) }",
        ONE_TYPE,
    ),
    "an initializer": (
        "(float[2] x) => (float[2] y) <double[2] w = {1, 2}> { y = Add (x, w) }",
        ONE_TYPE,
    ),
    "any number of inputs": (
        "(float[2] x, double[2] z) => (float[n] y) { y = Concat <axis = 0> (x, x, z) }",
        r"input 2 is tensor\(double\), but input 0 is tensor\(float\)",
    ),
    "a fixed type": (
        "(float[2] x, int32[1] s) => (float[1, 2] y) { y = Reshape (x, s) }",
        r"input 1 is tensor\(int32\), but must be tensor\(int64\)\n",
    ),
    "a sequence for a tensor": (
        "(float[2] x, seq(float[2]) s) => (float[2] y) { y = Neg (s) }",
        r"Neg.*input 0 is seq\(tensor\(float\)\), but must be a tensor\n",
    ),
    "in a body": (
        """(bool c, float[2] x, double[2] z) => (float[2] y) {
            y = If (c) <then_branch = t () => (float[2] p) { p = Add (x, z) },
                        else_branch = e () => (float[2] q) { q = Neg (x) }> }""",
        r"then_branch of If .*: input 1 is tensor\(double\)",
    ),
    "in a function": (
        """(float[2] x, double[2] z) => (float[2] y) { y = own.f (x, z) }
        <domain: "own", opset_import: ["" : 17]> f (a, b) => (c) { c = Add (a, b) }""",
        r"function 'f' of node 'y': input 1 is tensor\(double\)",
    ),
}


def parsed(text: str) -> onnx.ModelProto:
    return onnx.parser.parse_model(HEAD + text)


def refused_by_onnxruntime(model: onnx.ModelProto) -> None:
    ort: Any = importlib.import_module("onnxruntime")
    options = ort.SessionOptions()
    options.log_severity_level = 4
    with pytest.raises(Exception, match=r"ONNXRuntimeError|Type Error|INVALID"):
        ort.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])


@pytest.mark.parametrize("name", MIXED)
@pytest.mark.parametrize("on", ["numpy", "numpy:float64"])
def test_types_that_differ_are_refused_at_load(name: str, on: str) -> None:
    text, problem = MIXED[name]
    model = parsed(text)
    with pytest.raises(runtime.ModelError, match=problem):
        runtime.load(model, on)
    refused_by_onnxruntime(model)


ALLOWED = {
    "several variables": """(float[2, 3] x, int32[2] i) => (float[2, 3] y) {
        a = Gather (x, i)  b = Cast <to = 11> (a)  c = Cast <to = 1> (b)  y = Add (a, c) }""",
    "an optional input left out": """(float[2, 3] x, float h) => (float[2, 3] y) {
        y = Clip (x, , h) }""",
    "carried values of several types": """(float[2, 3] x, int32[2] i, int64 m) => (float[2, 3] y) {
        y, j = Loop <body = step (int64 n, bool c, float[2, 3] a, int32[2] b)
            => (bool d, float[2, 3] e, int32[2] f)
            { d = Identity (c)  e = Neg (a)  f = Neg (b) }> (m, , x, i) }""",
}


@pytest.mark.parametrize("name", ALLOWED)
def test_types_that_may_differ_are_taken(name: str) -> None:
    feeds = {
        "x": np.ones((2, 3), np.float32),
        "i": np.array([1, 0], np.int32),
        "m": np.array(2),
        "h": np.array(3, np.float32),
    }
    runner = runtime.load(parsed(ALLOWED[name]))
    got = runner.run({info.name: feeds[info.name] for info in runner.inputs})
    np.testing.assert_array_equal(got["y"], feeds["x"] * (2 if name == "several variables" else 1))


def test_an_attribute_of_another_type_is_refused() -> None:
    model = parsed("(float[2] x) => (float[4] y) { y = Concat <axis = 0> (x, x) }")
    attribute = model.graph.node[0].attribute[0]
    attribute.type, attribute.s = AttributeProto.STRING, b"0"
    problem = r"Concat.*in graph 'g': its attribute 'axis' is STRING, but must be INT\nthe node is"
    with pytest.raises(runtime.ModelError, match=problem):
        runtime.load(model)
    refused_by_onnxruntime(model)


def test_an_input_that_is_needed_and_left_out_is_refused() -> None:
    model = parsed("(float[2] x) => (float[2] y) { y = Add (, x) }")
    problem = r"Add.*input 0 is left out, but it is needed\n"
    with pytest.raises(runtime.ModelError, match=problem):
        runtime.load(model)
    refused_by_onnxruntime(model)


def test_a_fault_of_a_kernel_shows_as_one() -> None:
    def broken(*_: Any) -> None:
        raise AttributeError("a fault")

    runner = runtime.load(parsed("(float[2] x) => (float[2] y) { y = Softmax (x) }"))
    ((row,),) = [plan.full.rows for plan in getattr(runner, "_schedules").values()]  # noqa: B009
    step = row.step
    for value, kind in ((np.ones(2, "f4"), AttributeError), ([1], runtime.NodeError)):
        with pytest.raises(kind, match="a fault"):
            execute(
                [(broken, lambda values: values, 0, (0,), (), replace(step, inputs=(0,)))], [value]
            )
