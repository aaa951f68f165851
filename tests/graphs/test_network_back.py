"""A model gives the network back that it was made from: every layer, with its arguments."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest

from onnxwright import graphs, runtime
from onnxwright.bench.digits import nets as digits
from onnxwright.graphs import Network
from onnxwright.graphs.builder.recorder import UntoldError
from onnxwright.graphs.errors import GraphError
from onnxwright.graphs.spec import read_network
from onnxwright.graphs.weights.arrays import Array

from .nets import NETS
from .test_every_layer_back import network
from .test_layers_page import ROWS

KERAS = Path(__file__).parents[1] / "data/checkpoints/keras"
RANDOM = np.random.default_rng(0)


def random(*shape: int) -> Array:
    return RANDOM.standard_normal(shape).astype(np.float32)


def from_file(model: onnx.ModelProto, tmp_path: Path) -> Network:
    """Return the network of the network file that a model gives."""
    text, arrays = graphs.read(model).network_file()
    (tmp_path / "again.toml").write_text(text, encoding="utf-8")
    return read_network(tmp_path / "again.toml", arrays)


def assert_same_graph(model: onnx.ModelProto, tmp_path: Path) -> None:
    assert graphs.read(model).network().build().graph == model.graph
    assert from_file(model, tmp_path).build().graph == model.graph


@pytest.mark.parametrize("name", digits.NAMES)
def test_the_demos_nets(name: str, tmp_path: Path) -> None:
    assert_same_graph(digits.build(name).build(), tmp_path)


@pytest.mark.parametrize("name", NETS)
def test_small_nets(name: str, tmp_path: Path) -> None:
    assert_same_graph(NETS[name]().build(), tmp_path)


@pytest.mark.parametrize("kind", [kind for kind in ROWS if kind != "conv_as_dense"])
def test_every_layer(kind: str, tmp_path: Path) -> None:
    assert_same_graph(network(kind, tmp_path).build(), tmp_path)


def feeds_of(model: onnx.ModelProto) -> dict[str, Any]:
    sizes = {"batch": 2}
    feeds = {}
    for info in runtime.load(model).inputs:
        shape = [d if isinstance(d, int) else sizes.get(str(d), 3) for d in info.shape or ()]
        whole = np.dtype(info.dtype).kind in "iub"
        feeds[info.name] = (np.ones(shape) if whole else random(*shape)).astype(info.dtype)
    return feeds


def assert_same_numbers(model: onnx.ModelProto, again: onnx.ModelProto) -> None:
    feeds = feeds_of(model)
    wanted, got = (runtime.load(one, on="numpy:float64").run(feeds) for one in (model, again))
    np.testing.assert_equal(list(got), list(wanted))
    for name, array in wanted.items():
        np.testing.assert_array_equal(got[name], array)


@pytest.mark.parametrize("path", sorted(KERAS.glob("*.keras")), ids=lambda path: path.stem)
def test_kerass_models_give_equal_numbers(path: Path, tmp_path: Path) -> None:
    model = graphs.from_keras_file(path).build()
    assert_same_numbers(model, graphs.read(model).network().build())
    assert_same_numbers(model, from_file(model, tmp_path).build())


def test_a_layer_that_keeps_no_arguments_comes_back_as_operators(tmp_path: Path) -> None:
    model = network("conv_as_dense", tmp_path).build()
    assert_same_numbers(model, graphs.read(model).network().build())
    assert_same_numbers(model, from_file(model, tmp_path).build())


def arrays_everywhere() -> Network:
    net = Network("arrays", doc="of everything")
    net.metadata["licence"] = 'a "free" one'
    x = net.input("x", "batch 4 time")
    h = net.group_norm(x, random(4), random(4), groups=2, name="groups")
    h = net.op("PRelu", h, random(4, 1), name="slopes")
    h = net.layer_norm(h, random(4), random(4), axes=1, name="norm")
    pads: Any = np.array([1, 2])
    quarter: Any = np.float32(0.25)
    h = net.pad(net.subtract(h, 0.5), pads, axes=range(2, 3), value=quarter)
    h = net.maximum(net.pad(h, [0] * 6, value=-np.inf), h)
    h = net.multiply(random(4, 1), h)
    start = (random(6), random(2, 6)[:1])
    layer = graphs.LSTMWeights(random(2, 12, 4), random(2, 12, 3))
    merge = graphs.DenseWeights(random(5, 6), random(5))
    h = net.transpose(h, (0, 2, 1))
    h = net.lstm(h, layer, initial_state=start, merge=merge, lowering="scan", name="scan").sequence
    zero = net.op(
        "ConstantOfShape", net.op("Shape", h), value=np.array([2.5], np.float32), dims=h.dims
    )
    h = net.add(h, zero)
    net.dense(h, graphs.DenseWeights(random(2, 5)), name="unused")
    best, place = net.op_many("TopK", h, [2], outputs=2, dims=["batch time 2"] * 2, axis=-1)
    net.output("best", best, "rows steps 2")
    net.output("place", place)
    net.output("x_again", x)
    return net


def test_arrays_come_back_wherever_they_were_given(tmp_path: Path) -> None:
    net = arrays_everywhere()
    model = net.build()
    assert_same_graph(model, tmp_path)
    again = graphs.read(model).network()
    np.testing.assert_equal((again.doc, again.metadata), (net.doc, net.metadata))
    found = graphs.read(model)["groups"]
    np.testing.assert_equal(list(found.arrays()), ["scale", "bias"])
    np.testing.assert_array_equal(found.arrays()["scale"], net.initializers["groups.scale"].ravel())


def test_the_network_is_built_for_something_else() -> None:
    model = NETS["lecture"]().build()
    again = graphs.read(model).network(opset=17, dtype="float64", streaming=True).build()
    np.testing.assert_equal(again.opset_import[0].version, 17)
    np.testing.assert_equal([i.name for i in again.graph.input], ["x", "cell.h_in", "cell.c_in"])
    np.testing.assert_equal(
        {i.type.tensor_type.elem_type for i in again.graph.input}, {onnx.TensorProto.DOUBLE}
    )


def twins() -> Iterator[tuple[str, Any]]:
    """Yield two layers each of several kinds that have equal arrays of their own."""
    table = random(40, 40)
    lstm = [random(2, 160, 40), random(2, 160, 40), random(2, 320)]
    gru = [random(1, 120, 40), random(1, 120, 40), random(1, 240)]
    for each in (np.copy, np.copy):
        yield "dense", lambda net, h, each=each: net.dense(h, graphs.DenseWeights(each(table)))
        for lowering in ("op", "scan"):
            yield (
                f"lstm {lowering}",
                lambda net, h, each=each, lowering=lowering: (
                    net.lstm(
                        h,
                        graphs.LSTMWeights(*map(each, lstm)),
                        merge="sum",
                        lowering=lowering,
                    ).sequence
                ),
            )
            yield (
                f"gru {lowering}",
                lambda net, h, each=each, lowering=lowering: (
                    net.gru(
                        h, graphs.GRUWeights(*map(each, gru), reset="before"), lowering=lowering
                    ).sequence
                ),
            )
        yield "add", lambda net, h, each=each: net.add(h, each(table[0]))


def test_equal_arrays_stand_in_the_model_once(tmp_path: Path) -> None:
    net = Network("twins")
    h = net.input("x", "batch time 40")
    for _, layer in twins():
        h = layer(net, h)
    net.output("y", h)
    model = net.build()
    large = [one.name for one in model.graph.initializer if len(one.raw_data) > 1024]
    held = {bytes(one.raw_data) for one in model.graph.initializer if len(one.raw_data) > 1024}
    np.testing.assert_equal(len(large), len(held))
    assert_same_graph(model, tmp_path)
    found = graphs.read(model)
    net.share_above = 1 << 40
    apart = net.build()
    assert len(apart.SerializeToString()) > 1.4 * len(model.SerializeToString())
    assert_same_numbers(model, apart)
    for name, weights in graphs.read(apart).items():
        for role, array in weights.arrays().items():
            np.testing.assert_array_equal(found[name].arrays()[role], array)


def changed(kind: str) -> onnx.ModelProto:
    """Return a model that was changed after it was written."""
    model = NETS["perceptron"]().build()
    entry = next(one for one in model.metadata_props if one.key == "onnxwright.network")
    if kind == "none":
        model.metadata_props.remove(entry)
    elif kind == "nodes":
        model.graph.node[0].op_type = "Tanh"
    elif kind == "attributes":
        model.graph.node[-1].attribute[0].i = 0
    elif kind == "arrays":
        del model.graph.initializer[:]
    else:
        entry.value = kind.replace("NODES", entry.value[-18:-2])
    return model


NONE = "model 'perceptron' does not tell the network that it was made from\nonly models that"
NODES = (
    "model 'perceptron': its nodes are not those that onnxwright wrote\nread the model as it was"
)
DAMAGED = "model 'perceptron': its metadata 'onnxwright.network' is damaged\nread the model as"
DEEP = '{"a":' * 5_000 + "1" + "}" * 5_000
BAD: list[tuple[str, str]] = [
    ("none", NONE),
    ("nodes", NODES),
    ("attributes", NODES),
    ("arrays", "layer 'dense': its weights are not found in the model\nread the model as"),
    ("{}", NODES),
    ("[]", DAMAGED),
    ("3", DAMAGED),
    ("{", DAMAGED),
    (DEEP, DAMAGED),
    ('{"nodes":"NODES"}', DAMAGED),
    ('{"nodes":"NODES","network":3}', DAMAGED),
    ('{"nodes":"NODES","network":{},"inputs":["y"],"outputs":{},"layer":[]}', DAMAGED),
    ('{"nodes":"NODES","network":{},"inputs":["x"],"outputs":[],"layer":[]}', DAMAGED),
    ('{"nodes":"NODES","network":{},"inputs":["x"],"outputs":{},"layer":[3]}', DAMAGED),
    ('{"nodes":"NODES","network":{},"inputs":["x"],"outputs":{},"layer":3}', DAMAGED),
    (
        '{"nodes":"NODES","network":{"name":3},"inputs":["x"],"outputs":{},"layer":[]}',
        r"perceptron:1: network, key 'name': is 3, needs text",
    ),
    (
        '{"nodes":"NODES","network":{},"inputs":["x"],"outputs":{},"layer":[{"name":"h","kind":"b"}]}',
        "perceptron:1: layer 'h', key 'kind': is 'b', not a kind of layer",
    ),
    (
        '{"nodes":"NODES","network":{},"inputs":["x"],"outputs":{},'
        '"layer":[{"name":"h","kind":"add","b":{"array":"no"}}]}',
        DAMAGED,
    ),
]


PARTS: list[tuple[str, str]] = [
    ('["h"]', DAMAGED),
    ('["h","Relu",[[]],{},"batch"]', DAMAGED),
    ('{"kind":"group_norm","name":["h"],"scale":0}', "needs text"),
    ('{"kind":"group_norm","name":"h","scale":{"array":["h"]}}', DAMAGED),
]
BAD += [
    (f'{{"nodes":"NODES","network":{{}},"inputs":["x"],"outputs":{{}},"layer":[{part}]}}', text)
    for part, text in PARTS
]


@pytest.mark.parametrize(("kind", "text"), BAD)
def test_a_model_that_tells_none_says_so(kind: str, text: str) -> None:
    found = graphs.read(changed(kind))
    with pytest.raises(GraphError) as raised:
        found.network()
    assert text in str(raised.value), str(raised.value)


def test_what_cannot_be_told_is_named() -> None:
    net = Network("hand-made")
    x = net.input("x", "batch 3")
    with net.body() as nodes:
        y = net.emit("Relu", x, layer="inside", dims=x.dims)
    net.nodes += nodes
    net.output("y", y)
    assert graphs.read(net.build()).network().build().graph.node[0].op_type == "Relu"
    body = onnx.helper.make_graph([], "body", [], [])
    y = net.activation(net.emit("If", y, layer="branch", dims=x.dims, then_branch=body), "relu")
    recorder = net.recorder
    np.testing.assert_equal([entry.table["kind"] for entry in recorder.entries.values()], ["op"])
    with pytest.raises(UntoldError, match=r"^a node whose 'then_branch' is neither numbers nor"):
        recorder.ref(y)
