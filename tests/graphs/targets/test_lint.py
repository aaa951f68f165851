from typing import Any

import numpy as np
import onnx
import pytest
from onnx import ModelProto, TensorProto, helper

from onnxwright.graphs.targets import TARGETS, Finding, Severity, TargetError, lint, would_run
from tests.graphs.targets.examples import example

FLOAT = TensorProto.FLOAT


def seen(findings: list[Finding]) -> list[tuple[str, str, str, str]]:
    return [(f.node, f.op, f.where, f.rule) for f in findings]


def info(name: str, shape: Any = None, element: int = FLOAT) -> onnx.ValueInfoProto:
    return helper.make_tensor_value_info(name, element, shape)


def model(graph: onnx.GraphProto, opset: int = 22, **more: Any) -> ModelProto:
    opsets = [helper.make_opsetid("", opset), helper.make_opsetid("own", 1)]
    return helper.make_model(graph, opset_imports=opsets, ir_version=10, **more)


def test_a_node_in_a_body_is_found_where_it_stands() -> None:
    inner = helper.make_graph([helper.make_node("Elu", ["a"], ["e"])], "yes", [], [info("e", [2])])
    other = helper.make_graph([helper.make_node("Abs", ["a"], ["b"])], "no", [], [info("b", [2])])
    choice = helper.make_node(
        "If", ["go"], ["y"], name="choice", then_branch=inner, else_branch=other
    )
    step = helper.make_graph(
        [choice, helper.make_node("Identity", ["s"], ["t"])],
        "step",
        [info("s", [2]), info("a", [2])],
        [info("t", [2]), info("y", [2])],
    )
    scan = helper.make_node(
        "Scan", ["s0", "xs"], ["", "ys"], name="steps", body=step, num_scan_inputs=1
    )
    edge = [info("s0", [2]), info("xs", [3, 2]), info("go", [], TensorProto.BOOL)]
    found = lint(model(helper.make_graph([scan], "g", edge, [info("ys", [3, 2])])), "cuda")
    expected = [
        ("steps", "Scan", "main graph", "cuda-control-flow"),
        ("e", "Elu", "body of If 'choice' in body of Scan 'steps'", "cuda-newer-opset"),
    ]
    np.testing.assert_equal(seen(found), expected)


def test_a_function_is_judged_once_and_its_call_is_not() -> None:
    body = helper.make_function(
        "own",
        "Curve",
        ["x"],
        ["y"],
        [helper.make_node("Selu", ["x"], ["y"])],
        [helper.make_opsetid("", 22)],
    )
    calls = [
        helper.make_node("Curve", ["x"], ["y"], domain="own"),
        helper.make_node("Curve", ["y"], ["z"], domain="own"),
    ]
    graph = helper.make_graph(calls, "g", [info("x", [2])], [info("z", [2])])
    found = lint(model(graph, functions=[body]), "cuda")
    np.testing.assert_equal(seen(found), [("y", "Selu", "function 'Curve'", "cuda-newer-opset")])


def test_what_is_not_known_is_said() -> None:
    body = helper.make_function(
        "own",
        "Layer",
        ["x", "w", "r"],
        ["y"],
        [helper.make_node("GRU", ["x", "w", "r"], ["y"], name="g", hidden_size=2)],
        [helper.make_opsetid("", 22)],
    )
    call = helper.make_node("Layer", ["x", "w", "r"], ["y"], domain="own")
    graph = helper.make_graph([call], "g", [info(n) for n in "xwr"], [info("y")])
    (finding,) = lint(model(graph, functions=[body]), "cpu")
    np.testing.assert_equal(finding.severity, Severity.UNKNOWN)
    assert "rules were not held against it: recurrent-float64" in finding.reason


def test_a_node_that_falls_back_is_judged_by_the_cpu_rules_too() -> None:
    rnn = example({"op": "RNN", "dtype": "double"})
    rules = [finding.rule for finding in lint(rnn, "webgpu")]
    np.testing.assert_equal(rules, ["webgpu-rnn", "recurrent-float64"])


def test_an_operator_that_onnxruntime_expands_is_no_miss() -> None:
    node = helper.make_node("HardSwish", ["x"], ["y"])
    shape = [info("x", [2])]
    graph = helper.make_graph([node], "g", shape, [info("y", [2])])
    np.testing.assert_equal(lint(model(graph, 17), "cpu"), [])


def test_an_operator_without_a_kernel_is_unsupported_on_the_cpu() -> None:
    node = helper.make_node("Bernoulli", ["x"], ["y"], domain="nobody")
    graph = helper.make_graph([node], "g", [info("x", [2])], [info("y", [2])])
    (finding,) = lint(model(graph, 17), "cpu")
    np.testing.assert_equal(
        (finding.rule, finding.severity), ("kernel-table", Severity.UNSUPPORTED)
    )


def test_float16_is_slow_on_the_cpu() -> None:
    (finding,) = lint(example({"op": "LSTM", "dtype": "float16"}), "cpu")
    np.testing.assert_equal((finding.rule, finding.severity), ("kernel-table", Severity.SLOW))
    assert "casts to float32 and back" in finding.reason


def test_a_finding_about_the_model_names_what_it_is_about() -> None:
    found = lint(example({"op": "Relu"}), "triton")
    np.testing.assert_equal(seen(found), [("x, y", "", "model", "triton-fixed-batch")])


def test_a_long_list_of_names_is_cut() -> None:
    names = [f"x{index}" for index in range(8)]
    graph = helper.make_graph([], "g", [info(n, [1]) for n in names], [])
    (finding,) = (f for f in lint(model(graph), "triton") if f.rule == "triton-fixed-batch")
    np.testing.assert_equal(finding.node, "x0, x1, x2, x3, x4 and 3 more")


def test_lint_leaves_the_model_as_it_was_and_reads_no_weight() -> None:
    given = example({"op": "LSTM", "open": True})
    big = TensorProto(name="W", data_type=FLOAT, dims=[1, 20, 3])
    big.data_location = TensorProto.EXTERNAL
    big.external_data.add(key="location", value="nowhere.bin")
    before = [tensor for tensor in given.graph.initializer if tensor.name != "W"]
    kept = [TensorProto.FromString(tensor.SerializeToString()) for tensor in before]
    del given.graph.initializer[:]
    given.graph.initializer.extend([*kept, big])
    written = given.SerializeToString(deterministic=True)
    np.testing.assert_equal([f.rule for f in lint(given, "tract")], ["tract-open-dims"])
    np.testing.assert_equal(given.SerializeToString(deterministic=True), written)


@pytest.mark.parametrize(
    "attributes",
    [{"clip": "much"}, {"activations": 3}, {"activations": [1, 2, 3]}, {"layout": 0.5}],
)
@pytest.mark.parametrize("target", TARGETS)
def test_attributes_of_another_type_are_no_accident(
    target: str, attributes: dict[str, Any]
) -> None:
    odd = example({"op": "LSTM", "attributes": attributes})
    for finding in lint(odd, target):
        assert finding.reason


def test_an_element_type_that_is_none_is_not_known() -> None:
    odd = example({"op": "LSTM"})
    odd.graph.input[0].type.tensor_type.elem_type = 99
    (finding,) = lint(odd, "cpu")
    np.testing.assert_equal(finding.severity, Severity.UNKNOWN)


@pytest.mark.parametrize(
    ("target", "op", "planned", "verdicts"),
    [
        ("cuda", "GRU", {}, ["falls back to CPU"]),
        ("cuda", "GRU", {"attributes": {"linear_before_reset": 1}}, []),
        ("cuda", "LSTM", {"inputs": ("X", "W", "R", "P")}, ["falls back to CPU"]),
        ("cuda", "LSTM", {"inputs": ("X", "W", "R")}, []),
        ("cuda", "MaxPool", {"opset": 22}, ["falls back to CPU"]),
        ("cuda", "MaxPool", {}, []),
        ("cpu", "LSTM", {"dtype": "double"}, ["unsupported"]),
        ("cpu", "LSTM", {"inputs": ("X", "W", "R", "sequence_lens")}, []),
        ("openvino", "LSTM", {"inputs": ("X", "P")}, ["silently wrong"]),
        ("tract", "LSTM", {}, []),
    ],
)
def test_would_run(target: str, op: str, planned: dict[str, Any], verdicts: list[str]) -> None:
    found = would_run(target, op, **planned)
    np.testing.assert_equal([str(finding.severity) for finding in found], verdicts)


@pytest.mark.parametrize("target", TARGETS)
def test_an_operator_of_another_domain_is_never_passed_over(target: str) -> None:
    node = helper.make_node("Novelty", ["x"], ["y"], domain="org.example")
    x, y = (helper.make_tensor_value_info(name, 1, ["n"]) for name in "xy")
    graph = helper.make_graph([node], "g", [x], [y])
    imports = [helper.make_opsetid("", 17), helper.make_opsetid("org.example", 1)]
    model = helper.make_model(graph, opset_imports=imports, ir_version=8)
    assert {finding.op for finding in lint(model, target)} == {"Novelty"}


@pytest.mark.parametrize("model", ["model.onnx", 3, None])
def test_lint_takes_models_alone(model: Any) -> None:
    with pytest.raises(
        TargetError, match=r"lint takes a ModelProto, not a \w+\nread the file first"
    ):
        lint(model, "cuda")
