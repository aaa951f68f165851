"""Single layers and plain nets."""

import itertools
from collections.abc import Callable
from typing import Any

import numpy as np
from onnx import TensorProto, helper, numpy_helper

from tests.runtime.interpreter.light_models import light_feeds, light_model

from .case import Array, Case

GATES = {"RNN": 1, "GRU": 3, "LSTM": 4}
rng = np.random.default_rng(0)


def noise(*shape: int) -> Array:
    """Return small random weights."""
    return (0.1 * rng.standard_normal(shape)).astype(np.float32)


def network(name: str, x: Array, nodes: list[Any], weights: dict[str, Array]) -> Case:
    """Return a graph from "x" to the last node's first output."""
    tensors = [numpy_helper.from_array(value, key) for key, value in weights.items()]
    inputs = [helper.make_tensor_value_info("x", TensorProto.FLOAT, x.shape)]
    outputs = [helper.make_tensor_value_info(nodes[-1].output[0], TensorProto.FLOAT, None)]
    graph = helper.make_graph(nodes, "g", inputs, outputs, tensors)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    return Case(name, model, {"x": x})


def recurrent(op: str, batch: int, *, bidirectional: bool = False) -> Case:
    """Return 100 steps of 128 inputs into 128 units."""
    steps, size, directions, rows = 100, 128, 1 + bidirectional, GATES[op] * 128
    weights = {
        "W": noise(directions, rows, size),
        "R": noise(directions, rows, 128),
        "B": noise(directions, 2 * rows),
    }
    direction = "bidirectional" if bidirectional else "forward"
    node = helper.make_node(
        op, ["x", *weights], ["y"], hidden_size=128, direction=direction, name=op
    )
    name = f"{'Bi' if bidirectional else ''}{op} T100 H128 b{batch}"
    return network(name, noise(steps, batch, size), [node], weights)


def conv() -> Case:
    """Return one 3x3 convolution."""
    weights = {"W": noise(64, 32, 3, 3), "B": noise(64)}
    node = helper.make_node("Conv", ["x", "W", "B"], ["y"], pads=[1, 1, 1, 1])
    return network("Conv 3x3 32-64 56x56", noise(1, 32, 56, 56), [node], weights)


def pool(op: str) -> Case:
    """Return one pooling."""
    node = helper.make_node(op, ["x"], ["y"], kernel_shape=[3, 3], strides=[2, 2])
    return network(f"{op} 3x3 s2 64x56x56", noise(1, 64, 56, 56), [node], {})


def mlp() -> Case:
    """Return three dense layers."""
    sizes, nodes = [784, 512, 512, 10], []
    weights: dict[str, Array] = {}
    value = "x"
    for layer, (inner, outer) in enumerate(itertools.pairwise(sizes)):
        weights |= {f"W{layer}": noise(outer, inner), f"B{layer}": noise(outer)}
        given = [value, f"W{layer}", f"B{layer}"]
        nodes.append(helper.make_node("Gemm", given, [f"a{layer}"], transB=1))
        nodes.append(helper.make_node("Relu", [f"a{layer}"], [f"h{layer}"]))
        value = f"h{layer}"
    nodes[-1] = helper.make_node("Softmax", ["a2"], ["y"])
    return network("MLP 784-512-512-10 b32", noise(32, 784), nodes, weights)


def lenet() -> Case:
    """Return LeNet-5 on 28x28 pictures: 6 and 16 filters of 5x5, then 120-84-10."""
    weights = {
        "W1": noise(6, 1, 5, 5),
        "B1": noise(6),
        "W2": noise(16, 6, 5, 5),
        "B2": noise(16),
    }
    nodes = [
        helper.make_node("Conv", ["x", "W1", "B1"], ["c1"], pads=[2, 2, 2, 2]),
        helper.make_node("Relu", ["c1"], ["r1"]),
        helper.make_node("MaxPool", ["r1"], ["p1"], kernel_shape=[2, 2], strides=[2, 2]),
        helper.make_node("Conv", ["p1", "W2", "B2"], ["c2"]),
        helper.make_node("Relu", ["c2"], ["r2"]),
        helper.make_node("MaxPool", ["r2"], ["p2"], kernel_shape=[2, 2], strides=[2, 2]),
        helper.make_node("Flatten", ["p2"], ["f"]),
    ]
    value = "f"
    for inner, outer in ((400, 120), (120, 84), (84, 10)):
        weights |= {f"W{outer}": noise(outer, inner), f"B{outer}": noise(outer)}
        given = [value, f"W{outer}", f"B{outer}"]
        nodes.append(helper.make_node("Gemm", given, [f"a{outer}"], transB=1))
        nodes.append(helper.make_node("Relu", [f"a{outer}"], [f"h{outer}"]))
        value = f"h{outer}"
    return network("LeNet-5 b64", noise(64, 1, 28, 28), nodes, weights)


def adds(count: int) -> Case:
    """Return a chain of Adds of two numbers: what a node costs beyond its work."""
    names = ["x", *(f"y{i}" for i in range(count))]
    nodes = [helper.make_node("Add", [a, "one"], [b]) for a, b in itertools.pairwise(names)]
    return network(f"{count} chained Adds", noise(2), nodes, {"one": noise(2)})


def squeezenet() -> Case:
    """Return SqueezeNet 1.0 on one picture of 224x224, with random weights."""
    model = light_model("squeezenet")
    return Case("SqueezeNet b1", model, light_feeds(model))


CASES: list[Callable[[], Case]] = [
    mlp,
    conv,
    lambda: pool("MaxPool"),
    lambda: pool("AveragePool"),
    lambda: recurrent("LSTM", 1),
    lambda: recurrent("LSTM", 32),
    lambda: recurrent("GRU", 1),
    lambda: recurrent("GRU", 32),
    lambda: recurrent("RNN", 1),
    lambda: recurrent("RNN", 32),
    lambda: recurrent("LSTM", 1, bidirectional=True),
    lambda: recurrent("LSTM", 32, bidirectional=True),
    lenet,
    squeezenet,
    lambda: adds(1000),
]
