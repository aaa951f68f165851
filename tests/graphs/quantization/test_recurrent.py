"""Recurrent layers whose recurrent weights become bytes: in every form that the operators have."""

from itertools import product
from typing import Any

import numpy as np
import onnx
import pytest
from onnx import helper, numpy_helper

from onnxwright import graphs
from onnxwright.graphs.quantization import recurrent
from onnxwright.graphs.quantization.recurrent import quantize_recurrent
from onnxwright.graphs.quantization.run import quantize
from onnxwright.runtime import load

GATES = {"RNN": 1, "GRU": 3, "LSTM": 4}
UNITS, FEATURES, BATCH, TIME = 64, 5, 3, 6
LENGTHS = np.array([6, 2, 0], np.int32)


def drawn(*shape: int) -> Any:
    return np.random.default_rng(list(shape)).uniform(-0.1, 0.1, shape).astype(np.float32)


def layer(
    op: str, directions: int = 1, extras: tuple[str, ...] = (), **attributes: Any
) -> onnx.ModelProto:
    """Return one operator with all its outputs, and inputs beside x as `extras` says."""
    rows = GATES[op] * UNITS
    arrays = {
        "W": drawn(directions, rows, FEATURES),
        "R": drawn(directions, rows, UNITS),
        "B": drawn(directions, 2 * rows),
    }
    if "P" in extras:
        arrays["P"] = drawn(directions, 3 * UNITS)
    names = ["x", "W", "R", "B", "lengths", "h", "c", "P"]
    given = [name if name in ("x", *arrays, *extras) else "" for name in names]
    while not given[-1]:
        given.pop()
    outputs = ["Y", "Y_h", "Y_c"][: 3 if op == "LSTM" else 2]
    if directions == 2:
        attributes["direction"] = "bidirectional"
    node = helper.make_node(op, given, outputs, "it", hidden_size=UNITS, **attributes)
    dims: dict[str, Any] = {"x": ["t", "b", FEATURES], "lengths": ["b"]}
    inputs = [
        helper.make_tensor_value_info(
            name, 6 if name == "lengths" else 1, dims.get(name, [directions, "b", UNITS])
        )
        for name in given
        if name and name not in arrays
    ]
    tensors = [numpy_helper.from_array(array, name) for name, array in arrays.items()]
    state: list[str | int | None] = [directions, "b", UNITS]
    shapes: dict[str, list[str | int | None]] = {"Y": ["t", *state]}
    results = [helper.make_tensor_value_info(n, 1, shapes.get(n, state)) for n in outputs]
    graph = helper.make_graph([node], "net", inputs, results, tensors)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)


def feeds(model: onnx.ModelProto) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for info in model.graph.input:
        first = info.type.tensor_type.shape.dim[0].dim_value
        shapes = {"x": (TIME, BATCH, FEATURES), "lengths": (BATCH,)}
        shape = shapes.get(info.name, (first, BATCH, UNITS))
        found[info.name] = LENGTHS if info.name == "lengths" else 5 * drawn(*shape)
    return found


CASES: list[tuple[str, int, tuple[str, ...], dict[str, Any]]] = [
    (op, directions, extras, attributes)
    for op, directions in product(GATES, (1, 2))
    for extras, attributes in (
        ((), dict[str, Any]()),
        (("lengths",), {}),
        (("h", "c")[: 2 if op == "LSTM" else 1], {"clip": 0.3}),
    )
]
CASES += [
    ("LSTM", 1, ("P",), {}),
    ("LSTM", 1, (), {"input_forget": 1}),
    ("GRU", 2, ("lengths", "h"), {"linear_before_reset": 1}),
    ("RNN", 1, (), {"activations": ["Relu"]}),
    ("GRU", 1, (), {"direction": "reverse"}),
]


@pytest.mark.parametrize(("op", "directions", "extras", "attributes"), CASES)
def test_a_layer_computes_what_it_did(
    op: str,
    directions: int,
    extras: tuple[str, ...],
    attributes: dict[str, Any],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(recurrent, "LEAST_BYTES", 0)
    net = layer(op, directions, extras, **attributes)
    made = onnx.ModelProto()
    made.CopyFrom(net)
    np.testing.assert_equal(quantize_recurrent(made, [op]), {"it": ""})
    onnx.checker.check_model(made, full_check=True)
    operators = {node.op_type for node in made.graph.node}
    np.testing.assert_equal([op in operators, "Scan" in operators], [False, True])
    given = feeds(net)
    wanted = load(net, on="numpy:float64").run(given)
    got = load(made, on="numpy").run(given)
    for name, want in wanted.items():
        error = np.linalg.norm(got[name] - want) / np.linalg.norm(want)
        np.testing.assert_array_less([1e-7, error], [error, 0.01], err_msg=name)


@pytest.mark.parametrize(
    ("net", "reason"),
    [
        (layer("GRU"), "its recurrent weights are below 2 MiB: float32 is as fast"),
        (layer("LSTM", extras=("h",)), "it is given one of its two states"),
        (layer("RNN", activations=["Elu"], activation_alpha=[0.5]), "its activations have param"),
        (
            layer("GRU", 2, activations=["Sigmoid", "Tanh", "Sigmoid", "Relu"]),
            "its two directions have other activations",
        ),
    ],
    ids=["small", "one state", "parameters", "unlike directions"],
)
def test_what_is_left_has_its_reason(
    net: onnx.ModelProto, reason: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if "below" not in reason:
        monkeypatch.setattr(recurrent, "LEAST_BYTES", 0)
    before = net.SerializeToString(deterministic=True)
    (told,) = quantize_recurrent(net, list(GATES)).values()
    assert told.startswith(reason)
    np.testing.assert_equal(net.SerializeToString(deterministic=True), before)


def large(weights: Any, **options: Any) -> onnx.ModelProto:
    net = graphs.Network("large")
    net.output("y", net.gru(net.input("x", "batch time 5"), weights, name="g", **options).last)
    return net.build()


@pytest.mark.parametrize("mode", ["dynamic", "weight-only"])
def test_a_large_gru_is_quantized_where_onnxruntime_has_no_form_of_it(mode: Any) -> None:
    pytest.importorskip("onnxruntime")
    units = 448
    arrays = (drawn(1, 3 * units, 5), drawn(1, 3 * units, units), drawn(1, 6 * units))
    net = large(graphs.GRUWeights.from_onnx(*arrays))
    made = quantize(net, mode)
    (report,) = made.nodes
    np.testing.assert_equal([report.form, report.quantized], ["Scan", True])
    np.testing.assert_array_less(report.bytes_after, 0.32 * report.bytes_before)
    x = {"x": np.ones((2, 4, 5), np.float32)}
    wanted = load(net, on="numpy:float64").run(x)["y"]
    for on in ("numpy", "cpu"):
        got = load(made.model, on=on).run(x)["y"]
        np.testing.assert_array_less(np.linalg.norm(got - wanted) / np.linalg.norm(wanted), 5e-3)


def test_names_of_the_model_are_not_met_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recurrent, "LEAST_BYTES", 0)
    net = layer("GRU")
    net.graph.node.append(helper.make_node("Identity", ["Y"], ["it/layer/Scan.sequence"], "it/x"))
    quantize_recurrent(net, ["GRU"])
    onnx.checker.check_model(net, full_check=True)
    names = [name for node in net.graph.node for name in node.output if name]
    np.testing.assert_equal(len(set(names)), len(names))
