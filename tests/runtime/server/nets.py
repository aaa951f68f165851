"""Nets that the tests of the server serve."""

from functools import partial
from typing import Any

import numpy as np
import onnx
import onnx.parser
from numpy.typing import NDArray

from onnxwright import graphs, runtime
from onnxwright.runtime.server.model import Spec

NET = """<ir_version: 8, opset_import: ["" : 17]>
    net (float[batch, 3] x, int64[batch] shift) => (float[batch, 3] y, int64[batch] sums)
    <float[3] w = {1, 2, 3}, int64[1] two = {2}>
    {
        y = Mul(x, w)
        sums = Mul(shift, two)
    }"""


def net() -> onnx.ModelProto:
    return onnx.parser.parse_model(NET)


def identity(dtype: str) -> onnx.ModelProto:
    """Return a net that gives what it takes, of one of ONNX's element types."""
    kind = onnx.TensorProto.DataType.Value(dtype)
    value = onnx.helper.make_tensor_value_info
    node = onnx.helper.make_node("Identity", ["x"], ["y"])
    graph = onnx.helper.make_graph(
        [node], "g", [value("x", kind, ["n", None])], [value("y", kind, ["n", None])]
    )
    return onnx.helper.make_model(graph, opset_imports=[onnx.helper.make_opsetid("", 17)])


def random(*size: int) -> NDArray[np.float32]:
    generator = np.random.default_rng(sum(size))
    return generator.normal(size=size, scale=0.3).astype(np.float32)


def recurrent(kind: str, *, streaming: bool = False) -> onnx.ModelProto:
    """Return a net with one recurrent layer: ``lstm``, ``gru`` or ``rnn``."""
    gates = {"lstm": 4, "gru": 3, "rnn": 1}[kind]
    weights: Any = {
        "lstm": graphs.LSTMWeights,
        "gru": partial(graphs.GRUWeights, reset="after"),
        "rnn": graphs.RNNWeights,
    }[kind]
    made = graphs.Network(kind, streaming=streaming)
    x = made.input("x", "batch time 4")
    layer = getattr(made, kind)(x, weights(random(1, 8 * gates, 4), random(1, 8 * gates, 8)))
    made.output("y", made.dense(layer.sequence, graphs.DenseWeights(random(5, 8))))
    return made.build()


def spec(model: onnx.ModelProto, name: str = "net", on: str = "numpy", **settings: Any) -> Spec:
    return Spec(name, "1", (runtime.load(model, on=on),), **settings)
