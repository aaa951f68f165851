"""One-node models at the opsets where an operator's form or meaning changed, and at the newest.

The oracle is onnxruntime, which shares no code with the kernels.
"""

import itertools
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import onnx
import pytest
from onnx import helper

from onnxwright.runtime.interpreter import NumpyRunner

ort = pytest.importorskip("onnxruntime")
RANDOM = np.random.default_rng(3)
NEWEST = 23
"""The newest opset whose operators all have kernels in the onnxruntime releases supported."""


def floats(*shape: int) -> Any:
    return RANDOM.standard_normal(shape).astype(np.float32)


def ints(*values: int, kind: str = "int64") -> Any:
    return np.array(values, kind)


X, Y, POSITIVE = floats(2, 3, 4), floats(2, 3, 4), np.abs(floats(2, 3, 4)) + 0.1
IMAGE, ROW, CHANNELS = floats(2, 6, 4, 4), floats(4), floats(6)
BYTES = RANDOM.integers(0, 255, (3, 4)).astype(np.uint8)
SIGNED = RANDOM.integers(-128, 127, (4, 5)).astype(np.int8)
SEVEN_BITS = SIGNED // 2
"""Weights that onnxruntime multiplies exactly on every processor; test_eight_bits has the rest."""
WHOLE = np.array([[7, -7, 5, -5], [3, -3, 100, -1]], np.int32)
DIVISORS = np.array([[2, 2, -3, -3], [3, 2, 7, -2]], np.int32)

Case = tuple[str, dict[str, Any], Sequence[Any], Sequence[int]]


def elementwise() -> Iterator[Case]:
    for op in ("Add", "Sub", "Mul", "Div"):
        yield op, {}, [X, ROW], (7, 13, 14)
        yield op, {}, [WHOLE, DIVISORS], (7, 14)
    yield "Pow", {}, [POSITIVE, X], (7, 13, 15)
    yield "Pow", {}, [WHOLE, ints(2, kind="int32")], (13, 15)
    yield "Mod", {}, [WHOLE, DIVISORS], (10, 13)
    for kind in (X, WHOLE):
        yield "Mod", {"fmod": 1}, [kind, DIVISORS if kind is WHOLE else Y], (10, 13)
    for op in ("Min", "Max", "Sum", "Mean"):
        yield op, {}, [X, ROW, Y], (8, 13)
    for op in ("Abs", "Neg", "Floor", "Ceil", "Exp", "Sign", "Round", "Sin", "Atan", "Erf"):
        yield op, {}, [X * 3], (13,)
    for op in ("Sqrt", "Log", "Reciprocal", "Tan", "Cosh", "Asinh"):
        yield op, {}, [POSITIVE], (13,)
    for op in ("Equal", "Greater", "Less", "GreaterOrEqual", "LessOrEqual"):
        yield op, {}, [WHOLE, DIVISORS], (13, 16)
    for op in ("And", "Or", "Xor"):
        yield op, {}, [X > 0, Y > 0], (7,)
    yield "Where", {}, [X > 0, X, ROW], (9, 16)
    yield "IsInf", {"detect_negative": 0}, [np.array([np.inf, -np.inf, 1], "f4")], (10,)
    for op in ("BitwiseAnd", "BitwiseOr", "BitwiseXor"):
        yield op, {}, [WHOLE, DIVISORS], (18,)
    shifts = ints(1, 3, 31, 0, kind="uint32")
    yield "BitShift", {"direction": "LEFT"}, [ints(1, 2, 3, 4, kind="uint32"), shifts], (11,)


def activations() -> Iterator[Case]:
    plain = [
        "Relu",
        "Sigmoid",
        "Tanh",
        "Softplus",
        "Softsign",
        "Elu",
        "Selu",
        "HardSigmoid",
        "LeakyRelu",
    ]
    for op in plain:
        yield op, {}, [X * 4], (7, 16)
    yield "Elu", {"alpha": 0.5}, [X], (7,)
    yield "Selu", {"alpha": 1.5, "gamma": 0.5}, [X], (7,)
    yield "HardSigmoid", {"alpha": 0.3, "beta": 0.4}, [X * 4], (7,)
    yield "LeakyRelu", {"alpha": 0.2}, [X], (7,)
    yield "ThresholdedRelu", {"alpha": 0.3}, [X], (10,)
    yield "PRelu", {}, [X, ROW], (7, 9, 16)
    yield "Celu", {"alpha": 0.7}, [X], (12,)
    yield "HardSwish", {}, [X * 4], (14,)
    yield "Mish", {}, [X], (18,)
    yield "Gelu", {}, [X], (20,)
    yield "Gelu", {"approximate": "tanh"}, [X], (20,)
    yield "Shrink", {"lambd": 0.3, "bias": 0.1}, [X], (9,)
    yield "Clip", {"min": -0.3, "max": 0.4}, [X], (7,)
    yield "Clip", {}, [X], (7, 11, 13)
    yield "Clip", {}, [X, np.float32(-0.3), np.float32(0.4)], (11, 13)
    yield "Clip", {}, [X, None, np.float32(0.4)], (11, 13)
    yield "Clip", {}, [X, np.float32(0.5), np.float32(-0.5)], (13,)
    for op, axis in itertools.product(("Softmax", "LogSoftmax", "Hardmax"), (0, 1, 2, -1, -2)):
        yield op, {"axis": axis}, [X], (11, 13)
    for op in ("Softmax", "LogSoftmax", "Hardmax"):
        yield op, {}, [X], (7, 11, 13)


def reductions() -> Iterator[Case]:
    names = ["L1", "L2", "LogSum", "LogSumExp", "Max", "Mean", "Min", "Prod", "Sum", "SumSquare"]
    for name in names:
        first_as_input = 13 if name == "Sum" else 18
        for keep in (0, 1):
            given = {"keepdims": keep}
            yield f"Reduce{name}", {**given, "axes": [0, -1]}, [POSITIVE], (11, first_as_input - 1)
            yield f"Reduce{name}", given, [POSITIVE, ints(0, -1)], (first_as_input,)
            yield f"Reduce{name}", given, [POSITIVE], (11, first_as_input)
        noop = {"noop_with_empty_axes": 1}
        if name in ("Max", "Mean", "Min", "Prod", "Sum"):
            yield f"Reduce{name}", noop, [POSITIVE], (first_as_input,)
    for op, last in itertools.product(("ArgMax", "ArgMin"), (0, 1)):
        ties = np.array([[1, 2, 2, 1], [3, 3, 0, 0]], np.float32)
        for axis, keep in itertools.product((0, 1, -1), (0, 1)):
            given = {"axis": axis, "keepdims": keep}
            yield op, given, [ties], (7, 11)
            yield op, {**given, "select_last_index": last}, [ties], (12, 13)
    yield "TopK", {"k": 2}, [X], (7,)
    yield "TopK", {"axis": 1}, [X, ints(2)], (10, 11)
    yield "TopK", {"largest": 0}, [np.array([2, 1, 1, 2, 3], "f4"), ints(4)], (11,)
    yield "TopK", {}, [np.array([2, 1, 1, 2, 3], "f4"), ints(4)], (11,)
    for exclusive, reverse in itertools.product((0, 1), (0, 1)):
        yield "CumSum", {"exclusive": exclusive, "reverse": reverse}, [X, np.array(1)], (11, 14)


def shapes() -> Iterator[Case]:
    for shape in ((6, 4), (-1, 2), (0, -1), (24,), (4, 0, 2)):
        yield "Reshape", {}, [X, ints(*shape)], (7, 14)
    yield "Reshape", {"allowzero": 1}, [np.zeros((0, 3), "f4"), ints(3, 0)], (14,)
    for axis in (0, 1, 3, -1):
        yield "Flatten", {"axis": axis}, [X], (11, 13)
    yield "Transpose", {}, [X], (7,)
    yield "Transpose", {"perm": [1, 2, 0]}, [X], (13,)
    thin = X.reshape(1, 2, 3, 1, 4)
    yield "Squeeze", {"axes": [0, 3]}, [thin], (7, 11)
    yield "Squeeze", {"axes": [0, -2]}, [thin], (11,)
    yield "Squeeze", {}, [thin, ints(0, -2)], (13, 21)
    yield "Squeeze", {}, [thin], (7, 13)
    yield "Unsqueeze", {"axes": [0, 4]}, [X], (7,)
    yield "Unsqueeze", {"axes": [0, -1]}, [X], (11,)
    yield "Unsqueeze", {}, [X, ints(0, -1)], (13, 21)
    for target in ([1], [3, 1], [5, 2, 3, 4], [2, 3, 1]):
        yield "Expand", {}, [X, ints(*target)], (8, 13)
    yield "Concat", {"axis": 1}, [X, Y], (7, 13)
    yield "Concat", {"axis": -1}, [X, Y, X], (11,)
    yield "Tile", {}, [X, ints(2, 1, 3)], (7, 13)
    for given in ({}, {"start": 1}, {"start": -2, "end": -1}, {"end": 9}):
        yield "Shape", given, [X], (15, 19)
    yield "Size", {}, [X], (7, 13)
    for mode in ("DCR", "CRD"):
        yield "DepthToSpace", {"blocksize": 2, "mode": mode}, [floats(1, 8, 2, 3)], (11, 13)
    yield "SpaceToDepth", {"blocksize": 2}, [IMAGE], (7, 13)
    yield "Slice", {"starts": [0, -3], "ends": [1, -1], "axes": [0, 2]}, [X], (7, 9)
    far = 2**63 - 1
    for starts, ends, axes, steps in (
        ([1], [far], [1], [1]),
        ([-1], [-far - 1], [2], [-1]),
        ([3, 2], [0, -9], [2, 1], [-2, -1]),
        ([-9], [9], [-1], [3]),
        ([5], [9], [2], [1]),
    ):
        yield "Slice", {}, [X, ints(*starts), ints(*ends), ints(*axes), ints(*steps)], (10, 13)
    yield "Slice", {}, [X, ints(0, 1), ints(2, 2)], (10, 13)
    yield "Pad", {"pads": [0, 1, 2, 0, -1, 1], "value": 1.5}, [X], (7,)
    for mode in ("constant", "reflect", "edge"):
        yield "Pad", {"mode": mode}, [X, ints(0, 1, 2, 1, 1, 1)[[0, 1, 2, 0, 1, 2]]], (11, 18)
    yield "Pad", {}, [X, ints(1, -1), np.float32(2), ints(-1)], (18, 21)
    yield "Pad", {"mode": "wrap"}, [X, ints(0, 0, 2, 0, 0, 3)], (19,)
    yield "Trilu", {"upper": 0}, [floats(2, 4, 4), np.array(1)], (14,)


def indices() -> Iterator[Case]:
    for axis in (0, 1, -1):
        yield "Gather", {"axis": axis}, [X, np.array([[0, 1], [-1, 1]])], (7, 11, 13)
    yield "Gather", {"axis": 1}, [X, np.array(2)], (13,)
    yield "GatherElements", {"axis": 1}, [X, RANDOM.integers(-3, 3, (2, 2, 4))], (11, 13)
    yield "GatherND", {}, [X, np.array([[0, 1], [1, -1]])], (11, 13)
    yield "GatherND", {"batch_dims": 1}, [X, np.array([[[0, 1], [2, 2]], [[1, 0], [0, 3]]])], (12,)
    places = np.array([[0, 2, 1]])
    yield "ScatterElements", {"axis": 1}, [floats(1, 5), places, floats(1, 3)], (11, 13, 16)
    for reduction in ("add", "mul", "max", "min"):
        twice = [floats(1, 5), np.array([[0, 2, 2]]), floats(1, 3)]
        yield "ScatterElements", {"axis": 1, "reduction": reduction}, twice, (18,)
        rows = [floats(4, 3), np.array([[1], [1], [-1]]), floats(3, 3)]
        yield "ScatterND", {"reduction": reduction}, rows, (18,)
    yield "ScatterND", {}, [floats(4, 3), np.array([[1, 2], [0, 0]]), floats(2)], (11, 13)
    for axis in (0, 1, -1):
        hot = [np.array([[0, 2], [-1, 7]]), np.array(4), np.array([1.5, 9], "f4")]
        yield "OneHot", {"axis": axis}, hot, (9, 11)
    yield "NonZero", {}, [np.array([[1, 0, 2], [0, 0, 3]], "f4")], (9, 13)
    yield "Compress", {"axis": 1}, [X, np.array([True, False, True])], (9, 11)
    yield "Compress", {}, [X, np.array([True, False, True])], (11,)
    for batch in (0, 1):
        given = {"batch_axis": batch, "time_axis": 1 - batch}
        lengths = ints(*([2, 4] if batch == 0 else [1, 2, 0, 2]))
        yield "ReverseSequence", given, [floats(2, 4, 3), lengths], (10,)


def products() -> Iterator[Case]:
    yield "MatMul", {}, [floats(2, 1, 3, 4), floats(5, 4, 2)], (7, 13)
    yield "MatMul", {}, [floats(4), floats(4)], (13,)
    for a, b in itertools.product((0, 1), (0, 1)):
        matrices = [floats(*((4, 3) if a else (3, 4))), floats(*((5, 4) if b else (4, 5)))]
        given = {"transA": a, "transB": b, "alpha": 0.5, "beta": 2.0}
        for C in (floats(5), floats(3, 1), floats(3, 5), np.float32(2)):
            yield "Gemm", given, [*matrices, C], (7, 11, 13)
        yield "Gemm", {"transA": a, "transB": b}, matrices, (11, 13)
    yield "MatMulInteger", {}, [BYTES, SEVEN_BITS], (10,)
    zeros = [np.uint8(12), ints(1, -2, 3, 0, 5, kind="int8")]
    yield "MatMulInteger", {}, [BYTES, SEVEN_BITS, *zeros], (10,)
    scales = [np.float32(0.02), np.uint8(3)], [np.float32(0.03), np.int8(0)]
    result = [np.float32(0.1), np.uint8(99)]
    yield "QLinearMatMul", {}, [BYTES, *scales[0], SEVEN_BITS, *scales[1], *result], (10,)
    yield "Einsum", {"equation": "bij, bjk -> bik"}, [X, floats(2, 4, 5)], (12,)
    yield "Einsum", {"equation": "...ii->...i"}, [floats(2, 3, 3)], (12,)
    yield "Det", {}, [floats(2, 3, 3)], (11,)


def normalizations() -> Iterator[Case]:
    statistics = [CHANNELS, floats(6), floats(6), np.abs(floats(6)) + 0.1]
    yield "BatchNormalization", {"epsilon": 0.01}, [IMAGE, *statistics], (7, 9, 14, 15)
    yield "InstanceNormalization", {}, [IMAGE, CHANNELS, floats(6)], (7,)
    yield "LRN", {"size": 3, "alpha": 0.5, "beta": 0.6, "bias": 2.0}, [IMAGE], (7, 13)
    for p, axis in itertools.product((1, 2), (0, -1)):
        yield "LpNormalization", {"p": p, "axis": axis}, [X], (7,)
    yield "MeanVarianceNormalization", {}, [IMAGE], (9, 13)
    yield "LayerNormalization", {"axis": 1}, [X, floats(3, 4), floats(3, 4)], (17,)
    yield "LayerNormalization", {}, [X, ROW], (17,)
    yield "RMSNormalization", {}, [X, ROW], (23,)
    yield "GroupNormalization", {"num_groups": 3}, [IMAGE, CHANNELS, floats(6)], (21,)


def quantizations() -> Iterator[Case]:
    scale, zero = np.float32(0.02), np.uint8(100)
    yield "QuantizeLinear", {}, [X, scale, zero], (10, 13, 19, 21)
    yield "QuantizeLinear", {}, [X, scale], (10, 13)
    yield "DequantizeLinear", {}, [BYTES, scale, zero], (10, 13, 19, 21)
    scales, zeros = np.array([0.1, 0.2, 0.3], "f4"), ints(1, 2, 3, kind="int8")
    yield "QuantizeLinear", {"axis": 1}, [X, scales, zeros], (13, 19)
    yield "QuantizeLinear", {"axis": -2}, [X, scales, zeros], (13,)
    yield "DequantizeLinear", {"axis": 0}, [SIGNED[:3], scales, zeros], (13, 19)
    yield "DynamicQuantizeLinear", {}, [X], (11,)
    yield "DynamicQuantizeLinear", {}, [np.zeros((2, 2), "f4")], (11,)
    for to in (1, 3, 6, 7, 9, 10, 11):
        yield "Cast", {"to": to}, [np.array([0, 0.4, -1.6, 100.9], "f4")], (9, 13, 19)
    yield "Cast", {"to": 1}, [np.array(["1.5", "-2e3", "inf"], object)], (9, 13)


SHAPED = (reductions, shapes, indices)
FAMILIES = (elementwise, activations, *SHAPED, products, normalizations, quantizations)
GRID = [
    pytest.param(op, given, inputs, opset, id=f"{op}-{opset}-{number}")
    for family in FAMILIES
    for number, (op, given, inputs, opsets) in enumerate(family())
    for opset in opsets
]
OUTPUTS = {"TopK": 2, "DynamicQuantizeLinear": 3}


def one_node(op: str, given: dict[str, Any], inputs: Sequence[Any], opset: int) -> onnx.ModelProto:
    names = ["" if value is None else f"i{n}" for n, value in enumerate(inputs)]
    outputs = [f"o{n}" for n in range(OUTPUTS.get(op, 1))]
    node = helper.make_node(op, names, outputs, **given)
    values = [
        helper.make_tensor_value_info(
            name, helper.np_dtype_to_tensor_dtype(np.asarray(value).dtype), np.shape(value)
        )
        for name, value in zip(names, inputs, strict=True)
        if name
    ]
    results = [onnx.ValueInfoProto(name=name) for name in outputs]
    graph = helper.make_graph([node], "one", values, results)
    imports = [helper.make_opsetid("", opset)]
    return helper.make_model(graph, opset_imports=imports, ir_version=9)


@pytest.mark.parametrize(("op", "given", "inputs", "opset"), GRID)
def test_the_kernel_agrees_with_onnxruntime(
    op: str, given: dict[str, Any], inputs: Sequence[Any], opset: int
) -> None:
    model = one_node(op, given, inputs, opset)
    feeds = {f"i{n}": np.asarray(v) for n, v in enumerate(inputs) if v is not None}
    options = ort.SessionOptions()
    options.log_severity_level = 4
    session = ort.InferenceSession(
        model.SerializeToString(), options, providers=["CPUExecutionProvider"]
    )
    expected = session.run(None, feeds)
    actual = [*NumpyRunner(model).run(feeds).values()]
    for one, other in zip(actual, expected, strict=True):
        np.testing.assert_equal((one.dtype, one.shape), (other.dtype, other.shape))
        np.testing.assert_allclose(one, other, rtol=2e-5, atol=2e-6)
