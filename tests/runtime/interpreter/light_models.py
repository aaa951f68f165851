"""The nine CNNs that onnx ships for its backend tests, with weights that tell something.

As shipped, every weight of them is 0.02: whatever is computed, all classes come out alike, or the
differences between them are rounding noise blown up.
"""

from pathlib import Path
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import NodeProto, numpy_helper

FOLDER = Path(onnx.__file__).parent / "backend" / "test" / "data" / "light"
NAMES = sorted(path.stem.removeprefix("light_") for path in FOLDER.glob("light_*.onnx"))
BATCH_NORMALIZATION = ("data", "scale", "shift", "shift", "scale")
"""The roles of its inputs: X, scale, B, mean, variance."""
PERIOD = 1_000_003
"""Random numbers drawn; a prime, so that longer weights do not repeat in step with their rows."""


def light_model(name: str) -> onnx.ModelProto:
    """Return the network with random weights that keep the activations' size (He et al. 2015)."""
    model = onnx.load(FOLDER / f"light_{name}.onnx")
    noise = np.random.default_rng(0).standard_normal(PERIOD).astype(np.float32)
    shapes = {tensor.name: numpy_helper.to_array(tensor) for tensor in model.graph.initializer}
    filled = [node for node in model.graph.node if node.op_type == "ConstantOfShape"]
    for number, node in enumerate(filled):
        shape = tuple(int(n) for n in shapes[node.input[0]])
        user, position = _user(model.graph, node.output[0])
        values = np.resize(np.roll(noise, 7919 * number), shape)
        weights = _scaled(values, user, position)
        model.graph.initializer.append(numpy_helper.from_array(weights, node.output[0]))
        model.graph.node.remove(node)
    return model


def light_feeds(model: onnx.ModelProto) -> dict[str, NDArray[np.float32]]:
    """Return one random picture for the model's only input that is no initializer."""
    initial = {tensor.name for tensor in model.graph.initializer}
    (value,) = (v for v in model.graph.input if v.name not in initial)
    shape = [dim.dim_value for dim in value.type.tensor_type.shape.dim]
    rng = np.random.default_rng(1)
    return {value.name: rng.standard_normal(shape).astype(np.float32)}


def _user(graph: onnx.GraphProto, name: str) -> tuple[NodeProto, int]:
    """Return the first node that computes with a weight, and the weight's position there."""
    user = next(node for node in graph.node if name in node.input)
    if user.op_type in ("Unsqueeze", "Reshape"):
        return _user(graph, user.output[0])
    return user, list(user.input).index(name)


def _scaled(noise: NDArray[np.float32], user: NodeProto, position: int) -> NDArray[np.float32]:
    role = _role(user, position)
    if role == "weight":
        transposed = any(a.name == "transB" and a.i for a in user.attribute)
        rows_first = user.op_type == "Conv" or transposed
        terms = noise[0].size if rows_first else len(noise)
        return noise * np.float32(np.sqrt(2 / terms))
    return np.float32(role == "scale") + np.float32(0.1) * np.tanh(noise)


def _role(user: NodeProto, position: int) -> Any:
    if user.op_type == "BatchNormalization":
        return BATCH_NORMALIZATION[position]
    if user.op_type in ("Conv", "Gemm") and position == 1:
        return "weight"
    return "scale" if user.op_type == "Mul" else "shift"
