"""Models and the trees that are made of them, for the tests of bundles."""

from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import onnx
from numpy.typing import NDArray

from onnxwright.graphs import DenseWeights, GRUWeights, LSTMWeights, Network
from onnxwright.graphs.bundles import Options, bundle


def random(*shape: int, seed: int = 0) -> NDArray[np.float32]:
    return np.random.default_rng(seed).normal(size=shape, scale=0.5).astype(np.float32)


def tagger(opset: int = 17) -> Network:
    """An LSTM with lengths, and a dense head."""
    net = Network("tagger", opset=opset)
    x, lengths = net.input("x", "batch time 3"), net.input("lengths", "batch", dtype="int32")
    h = net.lstm(x, LSTMWeights(random(1, 16, 3), random(1, 16, 4)), lengths=lengths, name="lstm")
    net.output("y", h.sequence)
    net.output("label", net.dense(h.last, DenseWeights(random(2, 4)), name="head"))
    return net


def stream() -> Network:
    """Two streamed layers, three states in all."""
    net = Network("stream", streaming=True)
    h = net.lstm(
        net.input("x", "batch time 3"),
        LSTMWeights(random(1, 16, 3), random(1, 16, 4, seed=1), random(1, 32, seed=2)),
        name="ear",
    ).sequence
    weights = GRUWeights(random(1, 15, 4, seed=3), random(1, 15, 5, seed=4), reset="after")
    net.output("y", net.gru(h, weights, name="mind").sequence)
    return net


def native() -> onnx.ModelProto:
    """Return a GRU whose state is as ONNX's operator has it: ``[1, batch, units]``."""
    make, real = onnx.helper, onnx.TensorProto.FLOAT
    nodes = [
        make.make_node("Transpose", ["x"], ["xt"], perm=[1, 0, 2]),
        make.make_node("GRU", ["xt", "W", "R", "", "", "h0"], ["yt", "hn"], hidden_size=5),
        make.make_node("Squeeze", ["yt", "axis"], ["ys"]),
        make.make_node("Transpose", ["ys"], ["y"], perm=[1, 0, 2]),
    ]
    arrays = {"W": random(1, 15, 3), "R": random(1, 15, 5, seed=1), "axis": np.array([1])}
    graph = make.make_graph(
        nodes,
        "native",
        [
            make.make_tensor_value_info("x", real, ["batch", "time", 3]),
            make.make_tensor_value_info("h0", real, [1, "batch", 5]),
        ],
        [
            make.make_tensor_value_info("y", real, ["batch", "time", 5]),
            make.make_tensor_value_info("hn", real, [1, "batch", 5]),
        ],
        [onnx.numpy_helper.from_array(array, name) for name, array in arrays.items()],
    )
    return make.make_model(graph, opset_imports=[make.make_opsetid("", 17)], ir_version=8)


MODELS: Mapping[str, Callable[[], onnx.ModelProto]] = {
    "tagger": lambda: tagger().build(),
    "stream": lambda: stream().build(),
    "native": native,
}


def tree(folder: Path, name: str, target: str = "triton", options: Options | None = None) -> Path:
    """Bundle a model of the table; return the bundle's folder."""
    source = folder / f"{name}.onnx"
    onnx.save(MODELS[name](), source)
    return bundle(source, target, folder / f"{target}-{name}", options).folder
