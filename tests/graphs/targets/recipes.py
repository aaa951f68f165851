"""How an example of each operator is put together: feeds, weights, inputs and outputs."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import ml_dtypes
import numpy as np
from numpy.typing import NDArray
from onnx import NodeProto, TensorProto, helper

T, B, F, H = 4, 2, 3, 5
"""Time, batch, features and hidden size: small, and no two alike."""
GATES = {"RNN": 1, "GRU": 3, "LSTM": 4}
Spec = Mapping[str, Any]
Dims = list[int | str | None]


@dataclass
class Piece:
    """The parts of an example's graph."""

    inputs: list[str]
    outputs: list[str]
    output_shapes: list[Dims]
    element: int
    feeds: dict[str, NDArray[Any]] = field(default_factory=dict)
    weights: dict[str, NDArray[Any]] = field(default_factory=dict)
    attributes: dict[str, Any] = field(default_factory=dict)
    before: list[NodeProto] = field(default_factory=list)
    open_dims: dict[str, dict[int, str]] = field(default_factory=dict)
    output_types: dict[str, int] = field(default_factory=dict)


def _dtype(spec: Spec) -> np.dtype[Any]:
    name = {"float": "float32", "double": "float64"}.get(
        spec.get("dtype", "float"), spec.get("dtype", "float")
    )
    return np.dtype(ml_dtypes.bfloat16 if name == "bfloat16" else name)


def _random(seed: int, shape: tuple[int, ...], spec: Spec) -> NDArray[Any]:
    drawn = np.random.default_rng(seed).standard_normal(shape)
    return (0.5 * drawn).astype(_dtype(spec))


def _element(spec: Spec) -> int:
    return int(helper.np_dtype_to_tensor_dtype(_dtype(spec)))


def _recurrent(op: str) -> Callable[[Spec], Piece]:
    def recipe(spec: Spec) -> Piece:
        directions = 2 if spec.get("attributes", {}).get("direction") == "bidirectional" else 1
        batch_first = spec.get("attributes", {}).get("layout") == 1
        rows = GATES[op] * H
        wanted = spec.get("inputs", [])
        weights = {
            "W": _random(1, (directions, rows, F), spec),
            "R": _random(2, (directions, rows, H), spec),
            "B": _random(3, (directions, 2 * rows), spec),
            "P": _random(4, (directions, 3 * H), spec),
        }
        state_shape = (B, directions, H) if batch_first else (directions, B, H)
        optional = {name: _random(5, state_shape, spec) for name in ("initial_h", "initial_c")}
        optional["sequence_lens"] = np.array([T, T - 1], np.int32)
        formals = ["X", "W", "R", "B", "sequence_lens", "initial_h"]
        formals += ["initial_c", "P"] if op == "LSTM" else []
        given = [n if n in ("X", "W", "R", "B", *wanted) else "" for n in formals]
        while not given[-1]:
            given.pop()
        x = _random(0, (B, T, F) if batch_first else (T, B, F), spec)
        y: Dims = [B, T, directions, H] if batch_first else [T, directions, B, H]
        y = ["time", directions, "batch", H] if spec.get("open") else y
        outputs, shapes = ["Y"], [y]
        if "Y_h" in spec.get("outputs", ()):
            outputs, shapes = ["", "Y_h"], [[], [y[1], y[2], y[3]]]
        return Piece(
            given,
            outputs,
            shapes,
            _element(spec),
            feeds={"X": x} | {n: a for n, a in optional.items() if n in wanted},
            weights={n: a for n, a in weights.items() if n in given},
            attributes={"hidden_size": H},
            open_dims={
                "X": {0: "time", 1: "batch"},
                "sequence_lens": {0: "batch"},
                "initial_h": {1: "batch"},
                "initial_c": {1: "batch"},
            },
        )

    return recipe


def _unary(spec: Spec) -> Piece:
    x = _random(0, (B, H), spec)
    shape: Dims = ["batch", H] if spec.get("open") else [B, H]
    return Piece(
        ["x"], ["y"], [shape], _element(spec), feeds={"x": x}, open_dims={"x": {0: "batch"}}
    )


def _gemm(spec: Spec) -> Piece:
    piece = _unary(spec)
    piece.inputs, piece.output_shapes = ["x", "w", "c"], [[B, F]]
    piece.weights = {"w": _random(1, (H, F), spec), "c": _random(2, (F,), spec)}
    if "computed w" in spec.get("inputs", ()):
        piece.feeds["w"] = piece.weights.pop("w")
    return piece


def _image(spec: Spec) -> tuple[NDArray[Any], int]:
    spatial = spec.get("spatial", 2)
    return _random(0, (B, spec.get("channels", [F])[0], *[6] * spatial), spec), spatial


def _conv(spec: Spec) -> Piece:
    x, spatial = _image(spec)
    filters = spec.get("channels", [F, H])[1]
    shaped = (filters, x.shape[1], *[3] * spatial)
    weights = {"w": _random(1, shaped, spec), "b": _random(2, (filters,), spec)}
    shape: Dims = [B, filters, *[4] * spatial]
    feeds = {"x": x}
    if "computed w" in spec.get("inputs", ()):
        feeds["w"] = weights.pop("w")
    return Piece(["x", "w", "b"], ["y"], [shape], _element(spec), feeds=feeds, weights=weights)


def _pool(spec: Spec) -> Piece:
    x, spatial = _image(spec)
    shape: Dims = [B, F, *[2] * spatial]
    attributes = {"kernel_shape": [3] * spatial, "strides": [3] * spatial}
    piece = Piece(["x"], ["y"], [shape], _element(spec), feeds={"x": x}, attributes=attributes)
    if "Indices" in spec.get("outputs", ()):
        piece.outputs, piece.output_shapes = ["y", "indices"], [shape, shape]
        piece.output_types = {"indices": TensorProto.INT64}
    return piece


def _norm(spec: Spec) -> Piece:
    x, spatial = _image(spec)
    weights = {"scale": _random(1, (F,), spec), "bias": _random(2, (F,), spec)}
    shape: Dims = [B, F, *[6] * spatial]
    inputs = ["x", "scale", "bias"]
    return Piece(inputs, ["y"], [shape], _element(spec), feeds={"x": x}, weights=weights)


def _scan(spec: Spec) -> Piece:
    element = _element(spec)
    step = helper.make_graph(
        [helper.make_node("Add", ["s", "x"], ["n"]), helper.make_node("Tanh", ["n"], ["y"])],
        "step",
        [helper.make_tensor_value_info(name, element, [H]) for name in ("s", "x")],
        [helper.make_tensor_value_info(name, element, [H]) for name in ("n", "y")],
    )
    feeds = {"s0": _random(1, (H,), spec), "xs": _random(0, (T, H), spec)}
    attributes = {"body": step, "num_scan_inputs": 1}
    shapes: list[Dims] = [[H], [T, H]]
    return Piece(["s0", "xs"], ["sT", "ys"], shapes, element, feeds=feeds, attributes=attributes)


def _loop(spec: Spec) -> Piece:
    element = _element(spec)
    step = helper.make_graph(
        [helper.make_node("Identity", ["c"], ["d"]), helper.make_node("Tanh", ["s"], ["n"])],
        "step",
        [
            helper.make_tensor_value_info("i", TensorProto.INT64, []),
            helper.make_tensor_value_info("c", TensorProto.BOOL, []),
            helper.make_tensor_value_info("s", element, [H]),
        ],
        [
            helper.make_tensor_value_info("d", TensorProto.BOOL, []),
            helper.make_tensor_value_info("n", element, [H]),
        ],
    )
    weights: dict[str, NDArray[Any]] = {"count": np.array(T), "go": np.array(True)}
    feeds = {"s0": _random(1, (H,), spec)}
    inputs = ["count", "go", "s0"]
    attributes = {"body": step}
    return Piece(inputs, ["sT"], [[H]], element, feeds, weights, attributes)


def _if(spec: Spec) -> Piece:
    element = _element(spec)
    branches = {
        f"{name}_branch": helper.make_graph(
            [helper.make_node(op, ["x"], [f"{name}_y"])],
            name,
            [],
            [helper.make_tensor_value_info(f"{name}_y", element, [B, H])],
        )
        for name, op in (("then", "Tanh"), ("else", "Relu"))
    }
    feeds = {"go": np.array(True), "x": _random(0, (B, H), spec)}
    return Piece(["go"], ["y"], [[B, H]], element, feeds=feeds, attributes=dict(branches))


def _quantize(spec: Spec) -> Piece:
    piece = _unary(spec)
    piece.outputs, piece.output_shapes = ["y", "scale", "zero"], [[B, H], [], []]
    piece.output_types = {"y": TensorProto.UINT8, "zero": TensorProto.UINT8}
    return piece


def _constant_of_shape(spec: Spec) -> Piece:
    piece = _unary(spec)
    piece.before = [helper.make_node("Shape", ["x"], ["shape"], name="the-Shape")]
    piece.inputs, piece.element = ["shape"], TensorProto.FLOAT
    return piece


RECIPES: dict[str, Callable[[Spec], Piece]] = {
    **{op: _recurrent(op) for op in GATES},
    **dict.fromkeys(("Relu", "Elu", "Selu", "ThresholdedRelu", "Tanh", "Softmax"), _unary),
    **dict.fromkeys(("MaxPool", "AveragePool"), _pool),
    "ConstantOfShape": _constant_of_shape,
    "Conv": _conv,
    "DynamicQuantizeLinear": _quantize,
    "Gemm": _gemm,
    "If": _if,
    "InstanceNormalization": _norm,
    "Loop": _loop,
    "Scan": _scan,
}
