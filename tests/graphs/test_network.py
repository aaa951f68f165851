"""What a network's model looks like: names, what is pruned, outputs, versions, the same bytes."""

import json
import os
import subprocess
import sys
from hashlib import sha256
from typing import Any

import numpy as np
import onnx
import pytest

from onnxwright import __version__, runtime
from onnxwright.graphs import DenseWeights, GraphError, GRUWeights, LSTMWeights, Network

from .forms.form import random
from .nets import NETS, perceptron, ramp, tagger

DENSE = DenseWeights(ramp(3, 3), ramp(3))
LSTM = LSTMWeights(ramp(1, 16, 3), ramp(1, 16, 4), ramp(1, 32), p=ramp(1, 12))
GRU = GRUWeights(ramp(1, 12, 3), ramp(1, 12, 4), reset="after")


def one_input(dims: str = "batch time 3", **options: Any) -> tuple[Network, Any]:
    net = Network("net", **options)
    return net, net.input("x", dims)


def weights_of(model: onnx.ModelProto) -> dict[str, list[int]]:
    """Return the shapes of the float initializers by name."""
    floats = [t for t in model.graph.initializer if t.data_type != onnx.TensorProto.INT64]
    return {tensor.name: list(tensor.dims) for tensor in floats}


def nodes_of(model: onnx.ModelProto) -> list[str]:
    return [node.name for node in model.graph.node]


def dims_of(info: onnx.ValueInfoProto) -> list[int | str]:
    return [dim.dim_param or dim.dim_value for dim in info.type.tensor_type.shape.dim]


def test_weights_and_nodes_are_named_after_their_layer() -> None:
    net, x = one_input()
    net.output("y", net.lstm(x, LSTM, name="encoder").last)
    model = net.build()
    np.testing.assert_equal(
        weights_of(model),
        {
            "encoder.W": [1, 16, 3],
            "encoder.R": [1, 16, 4],
            "encoder.B": [1, 32],
            "encoder.P": [1, 12],
        },
    )
    np.testing.assert_equal(
        nodes_of(model), ["encoder/Transpose", "encoder/LSTM", "encoder/Squeeze_1"]
    )
    stored = {t.name: onnx.numpy_helper.to_array(t) for t in model.graph.initializer}
    for role, array in LSTM.to_onnx().items():
        np.testing.assert_array_equal(stored[f"encoder.{role}"], array)


def test_unnamed_layers_are_numbered_by_kind() -> None:
    net, x = one_input("batch 3")
    for _ in range(3):
        x = net.dense(x, DENSE)
    net.output("y", x)
    names = [f"dense{number}.{role}" for number in ("", "_1", "_2") for role in "Wb"]
    np.testing.assert_equal(sorted(weights_of(net.build())), sorted(names))


def test_a_name_taken_by_an_input_is_not_given_to_a_weight() -> None:
    net = Network("net")
    x, y = net.input("x", "batch 3"), net.input("head.W", "batch 3")
    net.output("y", net.add(net.dense(x, DENSE, name="head"), y))
    np.testing.assert_equal(sorted(weights_of(net.build())), ["head.W_1", "head.b"])


def test_what_no_output_needs_is_left_out() -> None:
    net, x = one_input()
    net.input("unused", "batch")
    net.gru(x, GRU, name="idle")
    net.output("y", net.dense(x, DENSE, name="head"))
    model = net.build()
    np.testing.assert_equal(nodes_of(model), ["head/MatMul", "head/Add"])
    np.testing.assert_equal(sorted(weights_of(model)), ["head.W", "head.b"])
    np.testing.assert_equal([info.name for info in model.graph.input], ["x", "unused"])


@pytest.mark.parametrize(
    ("part", "outputs"),
    [
        ("sequence", ["encoder/LSTM.Y"]),
        ("last", ["", "encoder/LSTM.Y_h"]),
        ("c", ["", "", "encoder/LSTM.Y_c"]),
    ],
)
def test_an_operator_gives_only_what_is_read(part: str, outputs: list[str]) -> None:
    net, x = one_input()
    h = net.lstm(x, LSTM, name="encoder")
    net.output("y", h.state[1] if part == "c" else getattr(h, part))
    (node,) = (node for node in net.build().graph.node if node.op_type == "LSTM")
    np.testing.assert_equal(list(node.output), outputs)


def test_an_output_takes_its_name_without_a_copy() -> None:
    model = perceptron().build()
    np.testing.assert_equal([node.op_type for node in model.graph.node].count("Identity"), 0)
    np.testing.assert_equal(model.graph.node[-1].output[0], "probs")


def test_one_value_may_have_two_names_and_an_input_may_be_an_output() -> None:
    net, x = one_input("batch 3")
    y = net.dense(x, DENSE)
    net.output("a", y)
    net.output("b", y)
    net.output("same", x)
    net.output("c", net.activation(y, "relu"))
    feed = random(2, 3, seed=1)
    out = runtime.load(net.build()).run({"x": feed})
    np.testing.assert_equal(sorted(out), ["a", "b", "c", "same"])
    np.testing.assert_array_equal(out["a"], out["b"])
    np.testing.assert_array_equal(out["c"], np.maximum(out["a"], 0))
    np.testing.assert_array_equal(out["same"], feed)


def test_output_dims_may_be_named() -> None:
    net, x = one_input("batch 3 length")
    net.output("y", net.flatten(x, axis=2), "rows length")
    np.testing.assert_equal(dims_of(net.build().graph.output[0]), ["rows", "length"])


def test_a_stack_stays_time_major_between_its_layers() -> None:
    net, x = one_input()
    h = net.lstm(x, LSTM).sequence
    h = net.gru(h, GRUWeights(ramp(1, 12, 4), ramp(1, 12, 4), reset="after")).sequence
    net.output("y", h)
    kinds = [node.op_type for node in net.build().graph.node]
    np.testing.assert_equal(kinds, ["Transpose", "LSTM", "Squeeze", "GRU", "Squeeze", "Transpose"])


@pytest.mark.parametrize(
    ("opset", "ir"), [(13, 7), (14, 7), (15, 8), (17, 8), (18, 8), (19, 9), (20, 9), (21, 10)]
)
def test_the_ir_version_is_the_lowest_for_the_opset(opset: int, ir: int) -> None:
    # The pairs are those of the ONNX project's table of released versions (docs/Versioning.md).
    net, x = one_input("batch 3", opset=opset)
    net.output("y", net.dense(x, DENSE))
    model = net.build()
    np.testing.assert_equal(model.ir_version, ir)
    np.testing.assert_equal([(o.domain, o.version) for o in model.opset_import], [("", opset)])


def test_the_default_is_opset_17_and_ir_8() -> None:
    model = perceptron().build()
    np.testing.assert_equal((model.ir_version, model.opset_import[0].version), (8, 17))


def test_the_model_says_who_made_it_and_what_it_is_told() -> None:
    net = perceptron()
    net.metadata["source"] = "a test"
    model = net.build()
    properties = {entry.key: entry.value for entry in model.metadata_props}
    np.testing.assert_equal(model.producer_name, "onnxwright")
    np.testing.assert_equal(model.producer_version, __version__)
    np.testing.assert_equal(properties["source"], "a test")
    np.testing.assert_equal(model.graph.name, "perceptron")


def test_the_model_says_which_layout_its_weights_came_in() -> None:
    net, x = one_input("batch 3")
    state = {"head.weight": ramp(3, 3)}
    h = net.dense(x, DenseWeights.from_torch(state, "head"), name="torch_head")
    net.output("y", net.dense(h, DenseWeights(ramp(3, 3)), name="head"))
    entries = {entry.key: entry.value for entry in net.build().metadata_props}
    said = {"torch": ["torch_head"], "arrays": ["head"]}
    np.testing.assert_equal(json.loads(entries["onnxwright.sources"]), said)


def test_the_model_carries_its_doc() -> None:
    net = Network("told", doc="what it is for")
    net.output("y", net.activation(net.input("x", "batch"), "relu"))
    np.testing.assert_equal(net.build().doc_string, "what it is for")


def test_the_digest_follows_the_weights() -> None:
    def digest(scale: float) -> str:
        net, x = one_input("batch 3")
        weights = DenseWeights(np.float32(scale) * ramp(3, 3), ramp(3))
        net.output("y", net.dense(x, weights, name="head"))
        entries = {entry.key: entry.value for entry in net.build().metadata_props}
        return str(entries["onnxwright.weights_sha256"])

    lines = "".join(
        f"head.{role} float32 {list(array.shape)} {sha256(array.tobytes()).hexdigest()}\n"
        for role, array in (("W", ramp(3, 3)), ("b", ramp(3)))
    )
    np.testing.assert_equal(digest(1), sha256(lines.encode()).hexdigest())
    np.testing.assert_equal(digest(1) == digest(2), False)


def test_building_twice_gives_the_same_and_changes_nothing() -> None:
    net = tagger()
    first = net.build().SerializeToString(deterministic=True)
    net.build().graph.node[0].op_type = "Spoilt"
    np.testing.assert_equal(net.build().SerializeToString(deterministic=True) == first, True)


def test_weights_are_converted_to_the_networks_dtype() -> None:
    net, x = one_input("batch 3", dtype="float64")
    net.output("y", net.dense(x, DENSE))
    model = net.build()
    np.testing.assert_equal(
        {t.name: t.data_type for t in model.graph.initializer},
        {"dense.W": onnx.TensorProto.DOUBLE, "dense.b": onnx.TensorProto.DOUBLE},
    )


def test_bytes_are_the_same_in_every_process_and_under_every_hash_seed() -> None:
    code = (
        "import sys; sys.path.insert(0, '.')\n"
        "from hashlib import sha256\n"
        "from tests.graphs.nets import NETS\n"
        "for net in NETS.values():\n"
        "    data = net().build().SerializeToString(deterministic=True)\n"
        "    print(sha256(data).hexdigest())\n"
    )
    here = [
        sha256(net().build().SerializeToString(deterministic=True)).hexdigest()
        for net in NETS.values()
    ]
    root = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
    for seed in ("0", "1", "4711"):
        done = subprocess.run(
            [sys.executable, "-c", code],
            env={**os.environ, "PYTHONHASHSEED": seed},
            cwd=root,
            check=True,
            capture_output=True,
            text=True,
        )
        np.testing.assert_equal(done.stdout.split(), here)


@pytest.mark.parametrize("opset", ["17", 17.0, True])
def test_an_opset_is_a_whole_number(opset: Any) -> None:
    with pytest.raises(GraphError, match=f"opset {opset!r} is not one of 13 to "):
        Network("net", opset=opset)
