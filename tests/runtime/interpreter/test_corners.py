"""Cases of operators that no other test tells from a nearby mistake; expected values by hand."""

from typing import Any

import numpy as np
import onnx
import onnx.parser
import pytest
from numpy.typing import NDArray

from onnxwright import runtime
from tests.runtime.interpreter.node_case import Case

F32, F16, I64 = np.float32, np.float16, np.int64


def vector(*numbers: float, dtype: Any = F32) -> NDArray[Any]:
    return np.array(numbers, dtype)


def tensor(*numbers: float, dtype: Any = F32) -> onnx.TensorProto:
    return onnx.numpy_helper.from_array(vector(*numbers, dtype=dtype))


GRID = np.arange(6, dtype=F32).reshape(1, 2, 3)
CASES: dict[str, tuple[Case, list[Any]]] = {
    "TopK of none": (
        Case("TopK", 11, {"axis": 1}, [GRID[0], vector(0, dtype=I64)]),
        [np.zeros((2, 0), F32), np.zeros((2, 0), I64)],
    ),
    "QuantizeLinear divides in float32": (
        # 0.35 / 0.1 is 3.5 in float32, which goes to 4, and 3.4999999 in float64.
        Case("QuantizeLinear", 13, {}, [vector(0.35), np.array(0.1, F32)]),
        [vector(4, dtype=np.uint8)],
    ),
    "QuantizeLinear of float16 divides in float32": (
        # 100.5 / 0.2 is 502.7 there, and 502.5 in float16, which goes to 502.
        Case(
            "QuantizeLinear",
            19,
            {},
            [vector(100.5, dtype=F16), np.array(0.2, F16), np.array(0, "i2")],
        ),
        [vector(503, dtype=np.int16)],
    ),
    "QuantizeLinear to a type that an attribute names": (
        Case("QuantizeLinear", 21, {"output_dtype": 3}, [vector(-3, 200), np.array(1, F32)]),
        [vector(-3, 127, dtype=np.int8)],
    ),
    "Conv of float16 is rounded once, with its bias": (
        Case(
            "Conv",
            11,
            {},
            [
                vector(2048, 1, dtype=F16).reshape(1, 1, 2),
                np.ones((1, 1, 2), F16),
                vector(1, dtype=F16),
            ],
        ),
        [vector(2050, dtype=F16).reshape(1, 1, 1)],
    ),
    "AveragePool of float16 adds in float32": (
        Case(
            "AveragePool",
            11,
            {"kernel_shape": [3]},
            [vector(2048, 1, 1, dtype=F16).reshape(1, 1, 3)],
        ),
        [vector(683.5, dtype=F16).reshape(1, 1, 1)],
    ),
    "ConvTranspose that says its kernel's shape": (
        Case(
            "ConvTranspose",
            11,
            {"kernel_shape": [2]},
            [vector(1, 2).reshape(1, 1, 2), vector(1, 10).reshape(1, 1, 2)],
        ),
        [vector(1, 12, 20).reshape(1, 1, 3)],
    ),
    "Sub with an axis, as of old": (
        Case("Sub", 6, {"broadcast": 1, "axis": 1}, [GRID, vector(1, 2)]),
        [GRID - vector(1, 2).reshape(1, 2, 1)],
    ),
    "Sub with the last axis, as of old": (
        Case("Sub", 6, {"broadcast": 1, "axis": -1}, [GRID, vector(1, 2, 3)]),
        [GRID - vector(1, 2, 3)],
    ),
    "Sub with an axis and more behind, as of old": (
        Case("Sub", 6, {"broadcast": 1, "axis": 0}, [GRID, np.ones((1, 2), F32)]),
        [GRID - 1],
    ),
    "PRelu with a slope for each channel, as of old": (
        Case("PRelu", 6, {}, [GRID - 3, vector(10, 100)]),
        [np.array([[[-30, -20, -10], [0, 1, 2]]], F32)],
    ),
    "PRelu with one slope, as of old": (
        Case("PRelu", 6, {}, [GRID - 3, vector(10)]),
        [np.array([[[-30, -20, -10], [0, 1, 2]]], F32)],
    ),
    "Gemm of old": (
        Case(
            "Gemm",
            6,
            {"alpha": 2.0, "beta": 3.0, "transA": 1, "broadcast": 1},
            [vector(1, 2).reshape(2, 1), vector(3, 4).reshape(2, 1), vector(1)],
        ),
        [vector(25).reshape(1, 1)],
    ),
    "Dropout of old": (Case("Dropout", 6, {"is_test": 1}, [vector(1, 2)]), [vector(1, 2)]),
    "LSTM of no row, with lengths": (
        Case(
            "LSTM",
            14,
            {"hidden_size": 1},
            [
                np.zeros((2, 0, 1), F32),
                np.ones((1, 4, 1), F32),
                np.ones((1, 4, 1), F32),
                None,
                np.zeros(0, np.int32),
            ],
        ),
        [np.zeros((2, 1, 0, 1), F32)],
    ),
    "Range that goes down past zero": (
        Case("Range", 11, {}, [np.array(5, I64), np.array(-5, I64), np.array(-4, I64)]),
        [vector(5, 1, -3, dtype=I64)],
    ),
    "Range of none": (
        Case("Range", 11, {}, [np.array(3, I64), np.array(3, I64), np.array(2, I64)]),
        [vector(dtype=I64)],
    ),
    "Range that never comes there": (
        Case("Range", 11, {}, [np.array(3, F32), np.array(1, F32), np.array(0.5, F32)]),
        [vector()],
    ),
    "ConstantOfShape as at first, of another type": (
        Case("ConstantOfShape", 9, {"value": tensor(7, dtype=np.int8)}, [vector(2, dtype=I64)]),
        [vector(7, 7, dtype=np.int8)],
    ),
    "CumSum over an empty axis, exclusive": (
        Case("CumSum", 14, {"exclusive": 1}, [np.zeros((0, 2), F32), np.array(0, I64)]),
        [np.zeros((0, 2), F32)],
    ),
    "DynamicQuantizeLinear of numbers below 0": (
        Case("DynamicQuantizeLinear", 11, {}, [vector(-255, -1)]),
        [vector(0, 254, dtype=np.uint8), np.array(1, F32), np.array(255, np.uint8)],
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_a_corner(name: str) -> None:
    case, expected = CASES[name]
    found = list(runtime.load(case.model()).run(case.feeds()).values())
    for array, wanted in zip(found[: len(expected)], expected, strict=True):
        np.testing.assert_array_equal(array, wanted, strict=True)


REFUSED: dict[str, tuple[Case, str]] = {
    "TopK of more than there are": (
        Case("TopK", 11, {"axis": 1}, [GRID[0], vector(4, dtype=I64)]),
        "K is 4, but the axis has 3 elements",
    ),
    "ConvTranspose that says another shape than its kernel's": (
        Case(
            "ConvTranspose",
            11,
            {"kernel_shape": [3]},
            [vector(1, 2).reshape(1, 1, 2), vector(1, 10).reshape(1, 1, 2)],
        ),
        "kernel_shape",
    ),
    "ConstantOfShape of two values": (
        Case("ConstantOfShape", 9, {"value": tensor(1, 2)}, [vector(2, dtype=I64)]),
        "the value must be one element, but has 2",
    ),
    "ConstantOfShape of no value": (
        Case("ConstantOfShape", 20, {"value": tensor()}, [vector(2, dtype=I64)]),
        "the value must be one element, but has 0",
    ),
    "Gemm of three dims on the right": (
        Case("Gemm", 13, {}, [GRID[0], np.ones((3, 2, 1), F32)]),
        "A and B must be matrices, but have rank 2 and 3",
    ),
    "an axis that leaves too little behind, as of old": (
        Case("Sub", 6, {"broadcast": 1, "axis": 2}, [GRID, np.ones((2, 3), F32)]),
        "B of rank 2 does not fit behind axis 2 of rank 3",
    ),
    "LSTM of a matrix": (
        Case(
            "LSTM",
            14,
            {"hidden_size": 1},
            [np.zeros((2, 1), F32), np.ones((1, 4, 1), F32), np.ones((1, 4, 1), F32)],
        ),
        r"X must be \[.., .., 1\], as W is, got \[2, 1\]",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_corner_that_is_refused(name: str) -> None:
    case, problem = REFUSED[name]
    with pytest.raises(runtime.RunnerError, match=problem):
        runtime.load(case.model()).run(case.feeds())


def test_a_constant_may_be_sparse() -> None:
    sparse = onnx.helper.make_sparse_tensor(
        onnx.numpy_helper.from_array(vector(7, 8), "v"),
        onnx.numpy_helper.from_array(vector(0, 3, dtype=I64), "i"),
        [2, 2],
    )
    node = onnx.helper.make_node("Constant", [], ["y"], sparse_value=sparse)
    y = onnx.helper.make_tensor_value_info("y", onnx.TensorProto.FLOAT, [2, 2])
    graph = onnx.helper.make_graph([node], "g", [], [y])
    imports = [onnx.helper.make_opsetid("", 13)]
    found = runtime.load(onnx.helper.make_model(graph, opset_imports=imports, ir_version=8)).run({})
    np.testing.assert_array_equal(found["y"], [[7, 0], [0, 8]])
