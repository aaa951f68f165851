"""Containers come back from a model bit for bit, and so do the arrays in their source's order."""

from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from onnxwright import graphs
from onnxwright.bench.digits import data, nets
from onnxwright.graphs.errors import GraphError, WeightError
from onnxwright.graphs.read import read
from onnxwright.graphs.weights.arrays import Array
from onnxwright.graphs.weights.base import Weights


def random(*shape: int, seed: int = 0) -> Array:
    return np.random.default_rng([seed, *shape]).standard_normal(shape).astype(np.float32)


LAYERS: list[tuple[str, str, Any]] = [
    ("dense", "batch 3", graphs.DenseWeights(random(5, 3), random(5))),
    ("dense", "batch 3", graphs.DenseWeights(random(5, 3))),
    ("dense", "batch time 3", graphs.DenseWeights(random(5, 3), random(5))),
    ("dense", "batch time 3", graphs.DenseWeights(random(5, 3))),
    ("conv", "batch 3 9", graphs.ConvWeights(random(5, 3, 2), random(5))),
    ("conv", "batch 3 9 9 9", graphs.ConvWeights(random(5, 3, 2, 1, 3))),
    (
        "batch_norm",
        "batch 4 9",
        graphs.BatchNormWeights(
            random(4, seed=1), random(4, seed=2), random(4, seed=3), random(4) ** 2, epsilon=1e-3
        ),
    ),
    ("rnn", "batch time 3", graphs.RNNWeights(random(2, 4, 3), random(2, 4, 4), random(2, 8))),
    ("lstm", "batch time 3", graphs.LSTMWeights(random(1, 16, 3), random(1, 16, 4))),
    (
        "lstm",
        "batch time 3",
        graphs.LSTMWeights(random(2, 16, 3), random(2, 16, 4), random(2, 32), random(2, 12)),
    ),
    (
        "gru",
        "batch time 3",
        graphs.GRUWeights(random(1, 12, 3), random(1, 12, 4), random(1, 24), reset="before"),
    ),
    (
        "gru",
        "batch time 3",
        graphs.GRUWeights(random(1, 12, 3), random(1, 12, 4), random(1, 24), reset="after"),
    ),
]


def build(kind: str, dims: str, weights: Any, **options: Any) -> onnx.ModelProto:
    net = graphs.Network("net")
    y: Any = getattr(net, kind)(net.input("x", dims), weights, name="layer", **options)
    net.output("y", getattr(y, "sequence", y))
    return net.build()


def assert_same(found: Weights, expected: Weights) -> None:
    np.testing.assert_equal(type(found), type(expected))
    np.testing.assert_equal(list(found.arrays()), list(expected.arrays()))
    for name, array in expected.arrays().items():
        np.testing.assert_array_equal(found.arrays()[name], array, strict=True)
    for field in ("reset", "peephole", "epsilon"):
        np.testing.assert_equal(getattr(found, field, None), getattr(expected, field, None))


@pytest.mark.parametrize(("kind", "dims", "weights"), LAYERS)
def test_every_container_comes_back(kind: str, dims: str, weights: Any) -> None:
    found = read(build(kind, dims, weights))
    np.testing.assert_equal(list(found), ["layer"])
    assert_same(found["layer"], weights)


def test_a_file_with_external_data(tmp_path: Path) -> None:
    net = graphs.Network("net")
    weights = graphs.DenseWeights(random(64, 64), random(64))
    net.output("y", net.dense(net.input("x", "batch 64"), weights, name="layer"))
    net.save(tmp_path / "net.onnx", external_threshold=0)
    assert_same(read(tmp_path / "net.onnx")["layer"], weights)
    bare = onnx.load(tmp_path / "net.onnx", load_external_data=False)
    with pytest.raises(GraphError, match=r"tensor 'layer.W': its bytes stand in another file"):
        read(bare)


@pytest.mark.parametrize("name", ["lstm3", "bilstm2", "bigru2", "birnn_tanh", "lenet", "mlp"])
def test_a_state_dict_comes_back(name: str) -> None:
    state: dict[str, Array] = {}
    for layer, weights in read(nets.build(name).build()).items():
        stem = layer.rstrip("0123456789")
        if isinstance(weights, graphs.RNNWeights | graphs.LSTMWeights | graphs.GRUWeights):
            state |= weights.to_torch("rnn", int(layer.removeprefix(stem)))
        elif isinstance(weights, graphs.DenseWeights | graphs.ConvWeights):
            state |= weights.to_torch(layer[2:] if name == "mlp" else layer)
    given = data.weights(name)
    np.testing.assert_equal(sorted(state), sorted(given))
    for key, array in given.items():
        np.testing.assert_array_equal(state[key], array, strict=True)


@pytest.mark.parametrize("lowering", ["scan", "unrolled"])
@pytest.mark.parametrize(("kind", "dims", "weights"), [row for row in LAYERS if row[0] == "lstm"])
def test_a_lowered_layer_is_not_taken_for_another(
    kind: str, dims: str, weights: Any, lowering: str
) -> None:
    model = build(kind, "batch 5 3", weights, lowering=lowering)
    del model.metadata_props[:]  # which tell what the layer was: see lowering/test_recover.py
    np.testing.assert_equal(read(model), {})


SOURCES: list[tuple[str | None, str]] = [
    (None, "onnx"),
    ('{"torch": ["fc"]}', "torch"),
    ('{"torch": ["other"]}', "onnx"),
    ("{", "onnx"),
    ("3", "onnx"),
    ('{"torch": 3}', "onnx"),
]


@pytest.mark.parametrize(("metadata", "source"), SOURCES)
def test_the_source_layout_is_read_from_the_metadata(metadata: str | None, source: str) -> None:
    proto = model([node("Gemm", "x", "fc.weight")], **{"fc.weight": W})
    if metadata is not None:
        proto.metadata_props.add(key="onnxwright.sources", value=metadata)
    np.testing.assert_equal(read(proto)["fc"].source, source)


def test_a_network_tells_the_source_layouts() -> None:
    sources = {name: weights.source for name, weights in read(nets.build("lstm").build()).items()}
    np.testing.assert_equal(sources, {"lstm0": "torch", "fc": "torch"})


def model(nodes: list[onnx.NodeProto], **arrays: Array) -> onnx.ModelProto:
    tensors = [numpy_helper.from_array(array, name) for name, array in arrays.items()]
    value = [helper.make_tensor_value_info(name, TensorProto.FLOAT, None) for name in "xy"]
    return helper.make_model(helper.make_graph(nodes, "g", value[:1], value[1:], tensors))


def node(op_type: str, *inputs: str, **attributes: Any) -> onnx.NodeProto:
    outputs = attributes.pop("outputs", ["y"])
    return helper.make_node(op_type, inputs, outputs, **attributes)


W, B = random(3, 5), random(5)

FOREIGN: list[tuple[str, onnx.ModelProto, graphs.DenseWeights | None]] = [
    ("y", model([node("Gemm", "x", "w0", "b0")], w0=W, b0=B), graphs.DenseWeights(W.T, B)),
    (
        "rnn/fc",
        model([node("Gemm", "x", "onnx::7", name="/rnn/fc/Gemm", transB=1)], **{"onnx::7": W.T}),
        graphs.DenseWeights(W.T),
    ),
    (
        "fc",
        model(
            [
                node("Identity", "fc.weight", outputs=["i"]),
                node("Transpose", "i", perm=[1, 0], outputs=["t"]),
                node("MatMul", "x", "t", outputs=["m"]),
                node("Add", "fc.bias", "m"),
            ],
            **{"fc.weight": W.T, "fc.bias": B},
        ),
        graphs.DenseWeights(W.T, B),
    ),
    (
        "m",
        model(
            [
                node("Constant", value=numpy_helper.from_array(W), outputs=["c"]),
                node("MatMul", "x", "c", outputs=["m"]),
                node("Relu", "m", outputs=["r"]),
                node("Add", "m", "r"),
            ]
        ),
        graphs.DenseWeights(W.T),
    ),
    (
        "m",  # what is added to one use of the product is no bias of the layer
        model(
            [
                node("MatMul", "x", "w0", outputs=["m"]),
                node("Relu", "m", outputs=["r"]),
                node("Add", "m", "b0", outputs=["a"]),
                node("Mul", "a", "r"),
            ],
            w0=W,
            b0=B,
        ),
        graphs.DenseWeights(W.T),
    ),
    (
        "y",
        model([node("Gemm", "x", "w0", "b0", alpha=2.0, beta=0.5)], w0=W, b0=B[:1]),
        graphs.DenseWeights(2 * W.T, np.full(5, B[0] / 2)),
    ),
    ("", model([node("MatMul", "x", "x")]), None),
    ("", model([node("Gemm", "x", "w0", "x")], w0=W), None),
    ("", model([node("MatMul", "x", "w0")], w0=W.astype(np.int8)), None),
    ("", model([node("MatMul", "x", "w0")], w0=random(2, 3, 5)), None),
    ("", model([node("Gemm", "x", "w0", domain="com.other")], w0=W), None),
]


@pytest.mark.parametrize(("name", "proto", "expected"), FOREIGN)
def test_models_of_other_makers(
    name: str, proto: onnx.ModelProto, expected: graphs.DenseWeights | None
) -> None:
    found = read(proto)
    np.testing.assert_equal(list(found), [name] if expected else [])
    if expected is not None:
        assert_same(found[name], expected)


def test_layers_of_one_weight_get_numbers() -> None:
    nodes = [node("MatMul", "x", "fc.weight", outputs=["m"]), node("MatMul", "m", "fc.weight")]
    np.testing.assert_equal(list(read(model(nodes, **{"fc.weight": random(3, 3)}))), ["fc", "fc#2"])


def test_layers_inside_subgraphs_are_found() -> None:
    inner = helper.make_graph(
        [node("Gemm", "x", "fc.weight", outputs=["z"])],
        "then",
        [],
        [helper.make_tensor_value_info("z", TensorProto.FLOAT, None)],
    )
    condition = np.array(True)
    chosen = node("If", "condition", then_branch=inner, else_branch=inner)
    proto = model([chosen], condition=condition, **{"fc.weight": W})
    np.testing.assert_equal(list(read(proto)), ["fc", "fc#2"])


@pytest.mark.parametrize(
    ("proto", "problem"),
    [
        (
            model(
                [node("LSTM", "x", "e.W", "e.R")],
                **{"e.W": random(1, 16, 3), "e.R": random(1, 16, 5)},
            ),
            r"layer 'e': LSTMWeights: r has shape \[1, 16, 5\], needs \[D=1, 4H=16, H=4\]",
        ),
        (
            model([node("Gemm", "x", "fc.weight", "c")], **{"fc.weight": W, "c": random(7, 5)}),
            r"layer 'fc': the bias has shape \[7, 5\], needs \[out=5\]",
        ),
    ],
)
def test_arrays_that_do_not_fit(proto: onnx.ModelProto, problem: str) -> None:
    with pytest.raises(WeightError, match=problem):
        read(proto)


def test_data_that_do_not_fit_their_dims() -> None:
    proto = model([node("Gemm", "x", "fc.weight")], **{"fc.weight": W})
    proto.graph.initializer[0].dims[0] = 99
    with pytest.raises(
        GraphError, match=r"tensor 'fc.weight': its data do not fit its dims \[99, 5\]"
    ):
        read(proto)


def test_identities_in_a_circle_end() -> None:
    nodes = [node("Identity", "b", outputs=["a"]), node("Identity", "a", outputs=["b"])]
    np.testing.assert_equal(read(model([*nodes, node("Gemm", "x", "a")])), {})
