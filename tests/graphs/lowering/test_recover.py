"""Recurrent layers that were written as standard operators come back as the same containers."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest

from onnxwright import graphs, runtime
from onnxwright.graphs.builder.provenance import LOWERED_KEY
from onnxwright.graphs.read import read
from onnxwright.graphs.weights.arrays import Array


def random(*shape: int, seed: int = 0) -> Array:
    return np.random.default_rng([seed, *shape]).standard_normal(shape).astype(np.float32)


def bias(directions: int, rows: int, *, halves: int = 1) -> Array:
    """Return biases of which the second half is zero, unless `halves` is 2."""
    b = random(directions, 2 * rows)
    b[:, rows * halves :] = 0
    return b


def of_product(b: Array) -> Array:
    """Return the part of a GRU's biases that is in the candidate's recurrent product."""
    return np.where(np.arange(24) < 20, 0, b).astype(np.float32)


LAYERS: dict[str, Any] = {
    "rnn": graphs.RNNWeights(random(1, 4, 3), random(1, 4, 4), bias(1, 4)),
    "rnn both": graphs.RNNWeights(random(2, 4, 3), random(2, 4, 4)),
    "lstm": graphs.LSTMWeights(random(1, 16, 3), random(1, 16, 4), bias(1, 16)),
    "lstm both": graphs.LSTMWeights(random(2, 16, 3), random(2, 16, 4), bias(2, 16)),
    "lstm bias in one direction": graphs.LSTMWeights(
        random(2, 16, 3), random(2, 16, 4), bias(2, 16) * np.array([[1], [0]], np.float32)
    ),
    "lstm onnx peepholes": graphs.LSTMWeights(
        random(2, 16, 3), random(2, 16, 4), bias(2, 16), random(2, 12)
    ),
    "lstm lecture peepholes": graphs.LSTMWeights(
        random(2, 16, 3), random(2, 16, 4), bias(2, 16), random(2, 16), "lecture"
    ),
    "lstm projection": graphs.LSTMWeights(
        random(1, 16, 3), random(1, 16, 2), bias(1, 16), projection=random(1, 2, 4)
    ),
    "gru before": graphs.GRUWeights(
        random(2, 12, 3), random(2, 12, 4), bias(2, 12), reset="before"
    ),
    "gru after": graphs.GRUWeights(random(1, 12, 3), random(1, 12, 4), bias(1, 12), reset="after"),
    "gru after, a bias in the product alone": graphs.GRUWeights(
        random(1, 12, 3), random(1, 12, 4), of_product(random(1, 24)), reset="after"
    ),
    "gru after without bias": graphs.GRUWeights(random(1, 12, 3), random(1, 12, 4), reset="after"),
}


def build(weights: Any, lowering: str) -> onnx.ModelProto:
    net = graphs.Network("net")
    x = net.input("x", "batch 5 3")
    kind = type(weights).__name__.removesuffix("Weights").lower()
    h = getattr(net, kind)(x, weights, name="encoder", lowering=lowering)
    head = graphs.DenseWeights(random(2, weights.output_size * weights.directions))
    net.output("y", net.dense(h.sequence, head, name="head"))
    return net.build()


@pytest.mark.parametrize("lowering", ["scan", "unrolled"])
@pytest.mark.parametrize("name", LAYERS)
def test_the_container_comes_back_bit_for_bit(name: str, lowering: str) -> None:
    found = read(build(LAYERS[name], lowering))
    np.testing.assert_equal(list(found), ["encoder", "head"])
    expected, got = LAYERS[name], found["encoder"]
    np.testing.assert_equal(type(got), type(expected))
    np.testing.assert_equal(list(got.arrays()), list(expected.arrays()))
    for role, array in expected.arrays().items():
        np.testing.assert_array_equal(got.arrays()[role], array, strict=True, err_msg=role)
    for form in ("reset", "peephole"):
        np.testing.assert_equal(getattr(got, form, None), getattr(expected, form, None))


@pytest.mark.parametrize(
    "weights",
    [
        graphs.LSTMWeights(random(1, 16, 3), random(1, 16, 4), bias(1, 16, halves=2)),
        graphs.GRUWeights(random(1, 12, 3), random(1, 12, 4), bias(1, 12, halves=2), reset="after"),
        graphs.GRUWeights(
            random(2, 12, 3), random(2, 12, 4), bias(2, 12, halves=2), reset="before"
        ),
    ],
)
def test_two_biases_come_back_as_one_that_computes_the_same(weights: Any) -> None:
    model = build(weights, "scan")
    again = build(read(model)["encoder"], "op")
    feeds = {"x": random(2, 5, 3, seed=3)}
    y, same = (runtime.load(each, on="numpy:float64").run(feeds)["y"] for each in (model, again))
    np.testing.assert_allclose(same, y, rtol=0, atol=1e-6)  # a sum of biases is rounded once more


def test_a_file_with_its_weights_outside(tmp_path: Path) -> None:
    weights = LAYERS["lstm lecture peepholes"]
    net = graphs.Network("net")
    h = net.lstm(net.input("x", "batch time 3"), weights, name="encoder")
    net.output("y", h.last)
    net.save(tmp_path / "net.onnx", external_threshold=0)
    found = read(tmp_path / "net.onnx")["encoder"]
    np.testing.assert_array_equal(found.arrays()["p"], weights.p, strict=True)


@pytest.mark.parametrize(
    "told",
    [
        None,
        "[",
        "[]",
        "3",
        '{"encoder": 3}',
        '{"encoder": {"kind": "LSTM", "input_size": 3, "directions": 7}}',
        '{"encoder": {"kind": "LSTM", "input_size": 2, "directions": 1, "form": "onnx"}}',
        '{"encoder": {"kind": "LSTM", "input_size": true, "directions": 1, "form": "onnx"}}',
        '{"encoder": {"kind": "GRU", "input_size": 3, "directions": 1, "form": "after"}}',
        '{"encoder": {"kind": "os", "input_size": 3, "directions": 1, "form": "after"}}',
        '{"nobody": {"kind": "LSTM", "input_size": 3, "directions": 1, "form": "onnx"}}',
        '{"encoder": {"kind": "LSTM", "input_size": 3, "directions": 1, "form": 1}}',
        "[" * 100_000,
    ],
)
def test_metadata_that_do_not_fit_give_no_layer(told: str | None) -> None:
    model = build(LAYERS["lstm"], "scan")
    kept = [entry for entry in model.metadata_props if entry.key != LOWERED_KEY]
    del model.metadata_props[:]
    model.metadata_props.extend(kept)
    if told is not None:
        model.metadata_props.add(key=LOWERED_KEY, value=told)
    np.testing.assert_equal(list(read(model)), ["head"])


def test_a_weight_that_was_quantized_since_gives_no_layer() -> None:
    model = build(LAYERS["gru after"], "scan")
    for node in model.graph.node:
        for attribute in node.attribute:
            for tensor in attribute.g.initializer:
                if tensor.name == "encoder.Rh":
                    tensor.name = "encoder.Rh_quantized"
    np.testing.assert_equal(list(read(model)), ["head"])


def test_a_native_operator_needs_no_record() -> None:
    model = build(LAYERS["lstm"], "op")
    np.testing.assert_equal(LOWERED_KEY in {entry.key for entry in model.metadata_props}, False)


def test_the_record_says_what_the_arrays_do_not() -> None:
    told = {entry.key: entry.value for entry in build(LAYERS["gru after"], "scan").metadata_props}
    expected = {"kind": "GRU", "input_size": 3, "directions": 1, "form": "after"}
    np.testing.assert_equal(json.loads(told[LOWERED_KEY]), {"encoder": expected})


@pytest.mark.parametrize("role", ["R", "Rh", "Wh", "projection"])
def test_a_dense_layer_may_call_its_matrix_as_a_lowered_one_would(role: str) -> None:
    """Only W and R together are a recurrent layer's."""
    model = onnx.parser.parse_model("""<ir_version: 8, opset_import: ["" : 17]>
        g (float[2, 3] x) => (float[2, 2] y) { y = MatMul (x, w) }""")
    matrix = random(3, 2)
    model.graph.node[0].input[1] = f"head.{role}"
    model.graph.initializer.append(onnx.numpy_helper.from_array(matrix, f"head.{role}"))
    (found,) = read(model).values()
    assert isinstance(found, graphs.DenseWeights)
    np.testing.assert_array_equal(found.w, matrix.T)
