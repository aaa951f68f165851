"""How an example of each operator is put together: feeds, weights, inputs and outputs."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import ml_dtypes
import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import NodeProto, TensorProto, helper, numpy_helper

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
        if "lengths" in spec:
            weights["sequence_lens"] = np.array(spec["lengths"], np.int32)
            wanted = [*wanted, "sequence_lens"]
        formals = ["X", "W", "R", "B", "sequence_lens", "initial_h"]
        formals += ["initial_c", "P"] if op == "LSTM" else []
        given = [n if n in ("X", "W", "R", "B", *wanted) else "" for n in formals]
        while not given[-1]:
            given.pop()
        given += spec.get("ends", ())
        x = _random(0, (B, T, F) if batch_first else (T, B, F), spec)
        y: Dims = [B, T, directions, H] if batch_first else [T, directions, B, H]
        y = ["time", directions, "batch", H] if spec.get("open") else y
        outputs, shapes = ["Y"], [y]
        wanted_outputs = spec.get("outputs") or ["Y"]
        for name in ("Y_h", "Y_c"):
            if name in wanted_outputs:
                outputs, shapes = [*outputs, name], [*shapes, [y[1], y[2], y[3]]]
            else:
                outputs, shapes = [*outputs, ""], [*shapes, []]
        if "Y" not in wanted_outputs:
            outputs[0] = ""
        while not outputs[-1]:
            outputs, shapes = outputs[:-1], shapes[:-1]
        return Piece(
            given,
            outputs,
            shapes,
            _element(spec),
            feeds={"X": x}
            | {n: a for n, a in optional.items() if n in wanted and n not in weights},
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
    if "no c" in spec.get("inputs", ()):
        piece.inputs, piece.weights = ["x", "w"], {"w": piece.weights["w"]}
    if spec.get("zeros"):
        piece.before = _zeros_for("x", H)
        piece.inputs[0], piece.open_dims = "zeros", {"x": {0: "batch"}}
        piece.output_shapes = [["batch", F]]
    return piece


def _zeros_for(x: str, size: int) -> list[NodeProto]:
    """Return the nodes that make zeros of [batch, size] for the batch that `x` has."""
    return [
        helper.make_node("Shape", [x], ["batch-of-x"], start=0, end=1),
        helper.make_node("Constant", [], ["size"], value_ints=[size]),
        helper.make_node("Concat", ["batch-of-x", "size"], ["shape"], axis=0),
        helper.make_node("ConstantOfShape", ["shape"], ["zeros"]),
    ]


def _image(spec: Spec) -> tuple[NDArray[Any], int]:
    spatial = spec.get("spatial", 2)
    return _random(0, (B, spec.get("channels", [F])[0], *[6] * spatial), spec), spatial


def _conv(spec: Spec) -> Piece:
    x, spatial = _image(spec)
    filters = spec.get("channels", [F, H])[1]
    groups = spec.get("groups", 1)
    shaped = (filters, x.shape[1] // groups, *[3] * spatial)
    weights = {"w": _random(1, shaped, spec), "b": _random(2, (filters,), spec)}
    shape: Dims = [B, filters, *[None] * spatial]
    feeds = {"x": x}
    if "computed w" in spec.get("inputs", ()):
        feeds["w"] = weights.pop("w")
    attributes = {"group": groups} if groups > 1 else {}
    element = _element(spec)
    return Piece(["x", "w", "b"], ["y"], [shape], element, feeds, weights, attributes)


def _pool(spec: Spec) -> Piece:
    x, spatial = _image(spec)
    shape: Dims = [B, F, *[2] * spatial]
    attributes = {"kernel_shape": [3] * spatial, "strides": [3] * spatial}
    piece = Piece(["x"], ["y"], [shape], _element(spec), feeds={"x": x}, attributes=attributes)
    piece.open_dims = {"x": {0: "batch"} | {2 + axis: f"size_{axis}" for axis in range(spatial)}}
    shape[2:] = [None] * spatial
    if spec.get("outputs") == ["Y", ""]:
        piece.outputs, piece.output_shapes = ["y", ""], [shape, []]
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


def _node(
    shapes: Mapping[str, tuple[int, ...]],
    weights: Mapping[str, NDArray[Any]] | None = None,
    attributes: Mapping[str, Any] | None = None,
) -> Callable[[Spec], Piece]:
    """Return the recipe of an operator that reads these inputs; ONNX infers its output's shape."""

    def recipe(spec: Spec) -> Piece:
        given = {name: tuple(shape) for name, shape in shapes.items()}
        first = next(iter(given))
        given[first] = tuple(spec.get("shape", given[first]))
        feeds = {name: _random(i, shape, spec) for i, (name, shape) in enumerate(given.items())}
        for name, dtype in zip(given, spec.get("types", ()), strict=False):
            feeds[name] = (200 * np.abs(feeds[name])).clip(0, 127).astype(dtype)
        constants = dict(weights or {})
        if "pads" in spec:
            constants |= _pads(*spec["pads"])
        written = {**(attributes or {}), **spec.get("attributes", {})}
        inputs = [*given, *constants, *spec.get("ends", ())]
        types = {n: _type(a) for n, a in {**feeds, **constants}.items()}
        node = helper.make_node(spec["op"], inputs, ["y"], **written)
        schema = onnx.defs.get_schema(spec["op"], spec.get("opset", 17), "")
        opsets = [helper.make_opsetid("", spec.get("opset", 17))]
        tensors = {name: numpy_helper.from_array(a, name) for name, a in constants.items()}
        inferred = onnx.shape_inference.infer_node_outputs(
            schema, node, types, tensors, opset_imports=opsets, ir_version=8
        )["y"].tensor_type
        outputs = ["y", *(["mask"] if "mask" in spec.get("outputs", ()) else [])]
        return Piece(
            inputs,
            outputs,
            [[dim.dim_value for dim in inferred.shape.dim]] * len(outputs),
            inferred.elem_type,
            feeds=feeds,
            weights=constants,
            attributes=written,
            output_types={"mask": TensorProto.BOOL},
        )

    return recipe


def _type(array: NDArray[Any]) -> onnx.TypeProto:
    return helper.make_tensor_type_proto(helper.np_dtype_to_tensor_dtype(array.dtype), array.shape)


def _global_pool(spec: Spec) -> Piece:
    x, spatial = _image(spec)
    shape: Dims = [B, F, *[1] * spatial]
    return Piece(["x"], ["y"], [shape], _element(spec), feeds={"x": x})


def _pads(*numbers: int) -> dict[str, NDArray[Any]]:
    return {"pads": np.array(numbers, np.int64)}


IMAGE = (B, F, 6, 6)
KERNEL = _random(1, (F, H, 3, 3), {})
SCALES = {"scale": np.ones(F, np.float32), "bias": np.zeros(F, np.float32)}
MOMENTS = {"mean": np.zeros(F, np.float32), "var": np.ones(F, np.float32)}

RECIPES: dict[str, Callable[[Spec], Piece]] = {
    **{op: _recurrent(op) for op in GATES},
    **dict.fromkeys(("Relu", "Elu", "Selu", "ThresholdedRelu", "Tanh"), _unary),
    **{op: _node({"input": (B, H)}) for op in ("Celu", "Gelu", "HardSwish", "Softmax")},
    **dict.fromkeys(("MaxPool", "AveragePool"), _pool),
    "ConstantOfShape": _constant_of_shape,
    **dict.fromkeys(("GlobalMaxPool", "GlobalAveragePool"), _global_pool),
    "BatchNormalization": _node({"X": IMAGE}, {**SCALES, **MOMENTS}),
    "Clip": _node({"input": (B, H)}, {"min": np.array(-0.1, np.float32)}),
    "Conv": _conv,
    "ConvTranspose": _node({"X": IMAGE}, {"w": KERNEL}),
    "Dropout": _node({"data": (B, H)}),
    "DynamicQuantizeLinear": _quantize,
    "Einsum": _node({"a": (B, H), "b": (H, F)}, attributes={"equation": "ij,jk->ik"}),
    "Gather": _node({"data": (B, H)}, {"indices": np.array([1, 0])}),
    "Gemm": _gemm,
    "GroupNormalization": _node({"X": IMAGE}, SCALES, {"num_groups": 1}),
    "If": _if,
    "InstanceNormalization": _norm,
    "LRN": _node({"X": (B, 7, 6, 6)}, attributes={"size": 3}),
    "LayerNormalization": _node({"X": (B, F)}, SCALES),
    "Loop": _loop,
    "LpPool": _node({"X": IMAGE}, attributes={"kernel_shape": [3, 3]}),
    "MatMul": _node({"A": (B, H)}, {"w": _random(1, (H, F), {})}),
    "MatMulInteger": _node({"A": (B, H), "B": (H, F)}),
    "Pad": _node({"data": (B, H)}, _pads(1, 1, 0, 1)),
    "ReverseSequence": _node({"input": (T, B, F)}, {"lengths": np.array([T, T - 1])}),
    "Scan": _scan,
}
