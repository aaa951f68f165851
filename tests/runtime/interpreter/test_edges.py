"""Where a kernel's value is easy to get wrong: overflow, ties, empty axes, rounding, infinities."""

import math
from typing import Any

import ml_dtypes
import numpy as np
import pytest

from onnxwright.runtime.interpreter.kernels.casting.quantize import dequantize, quantize
from onnxwright.runtime.interpreter.kernels.elementwise import activation, arithmetic
from onnxwright.runtime.interpreter.kernels.elementwise.erf import erf
from onnxwright.runtime.interpreter.kernels.elementwise.softmax import log_softmax, softmax
from onnxwright.runtime.interpreter.kernels.linear.integer import matmul_integer
from onnxwright.runtime.interpreter.kernels.normalization.batch import batch_normalization
from onnxwright.runtime.interpreter.kernels.normalization.local import local_response
from onnxwright.runtime.interpreter.kernels.reduction.topk import top_k
from onnxwright.runtime.interpreter.kernels.shaping.slicing import slice_10
from onnxwright.runtime.interpreter.registry import NodeInfo, find

RANDOM = np.random.default_rng(11)
NODE = NodeInfo("Op", "", "node", 21, ("y",), {})
INF, NAN = math.inf, math.nan


def reduced(operator: str, data: Any, **attributes: Any) -> Any:
    kernel = find("", operator, 18)
    assert kernel is not None
    with np.errstate(all="ignore"):
        return kernel(np.asarray(data), **attributes)


@pytest.mark.parametrize(("kind", "digits"), [("f8", 2.5e-16), ("f4", 1.2e-7), ("f2", 5e-4)])
def test_erf_is_within_the_last_places(kind: str, digits: float) -> None:
    x = np.concatenate([np.linspace(-7, 7, 20_001), np.logspace(-30, 0, 301)]).astype(kind)
    x = x[x != 0]
    expected = np.array([math.erf(v) for v in x.astype("f8")])
    floor = float(np.finfo(kind).smallest_normal)
    relative = np.abs(erf(x).astype("f8") - expected) / np.maximum(np.abs(expected), floor)
    assert erf(x).dtype == x.dtype
    assert relative.max() < digits * 4
    np.testing.assert_array_equal(erf(np.array([INF, -INF, NAN, 0], kind)), [1, -1, NAN, 0])


def test_sigmoid_keeps_its_relative_precision_and_never_overflows() -> None:
    x = np.array([-1000, -80, -20, 0, 20, 1000], np.float32)
    with np.errstate(all="ignore"):
        y = activation.sigmoid(x)
    expected = [0, math.exp(-80), 1 / (1 + math.exp(20)), 0.5, 1, 1]
    np.testing.assert_allclose(y, expected, rtol=3e-7)
    np.testing.assert_array_equal(activation.sigmoid(np.zeros((), "f4")), 0.5)


ACTIVATIONS: dict[str, tuple[Any, Any, Any]] = {
    "relu keeps NaN": (activation.relu, [NAN, -INF, INF, -0.5], [NAN, 0, INF, 0]),
    "softplus": (activation.softplus, [-1000.0, 1000.0, 0.0], [0, 1000, math.log(2)]),
    "elu": (activation.elu, [-1000.0, 1000.0], [-1, 1000]),
    "mish": (activation.mish, [1000.0, -1000.0], [1000, 0]),
    "softmax": (softmax, [1000.0, 1000.0, -INF], [0.5, 0.5, 0]),
    "log softmax": (log_softmax, [1000.0, 0.0], [0, -1000]),
}


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_extremes(name: str) -> None:
    function, x, expected = ACTIVATIONS[name]
    with np.errstate(all="ignore"):
        actual = function(np.array(x, np.float32))
    np.testing.assert_allclose(actual, expected, atol=1e-7)


def test_integers_are_divided_towards_zero() -> None:
    numbers = np.arange(-7, 8, dtype=np.int8)
    A, B = numbers[:, None], numbers[numbers != 0]
    expected = [[int(a / b) for b in B.tolist()] for a in numbers.tolist()]
    np.testing.assert_array_equal(arithmetic.div(A, B), expected)
    with np.errstate(divide="ignore"):
        np.testing.assert_array_equal(arithmetic.div(A, np.zeros(1, np.int8)), A * 0)


def test_powers_keep_the_bases_type() -> None:
    y = arithmetic.power(np.array([2, 3, -2], np.int32), np.array([3, -1, 0.0], np.float32))
    np.testing.assert_array_equal(y, np.array([8, 0, 1], np.int32), strict=True)


EMPTY: dict[str, Any] = {
    "ReduceSum": 0,
    "ReduceProd": 1,
    "ReduceMax": -INF,
    "ReduceMin": INF,
    "ReduceL1": 0,
    "ReduceL2": 0,
    "ReduceSumSquare": 0,
    "ReduceLogSum": -INF,
    "ReduceLogSumExp": -INF,
    "ReduceMean": NAN,
}


@pytest.mark.parametrize("operator", EMPTY)
def test_reducing_nothing(operator: str) -> None:
    y = reduced(operator, np.zeros((2, 0), "f4"), axes=np.array([1]), keepdims=0)
    np.testing.assert_array_equal(y, np.full(2, EMPTY[operator], "f4"), strict=True)


@pytest.mark.parametrize("operator", ["ReduceMax", "ReduceMin"])
@pytest.mark.parametrize("kind", ["bool", "int8", "uint8", "float16"])
def test_extremes_of_every_kind(operator: str, kind: str) -> None:
    data = np.array([[1, 0], [0, 0]], kind)
    expected = data.max(1) if operator == "ReduceMax" else data.min(1)
    y = reduced(operator, data, axes=np.array([1]), keepdims=0)
    np.testing.assert_array_equal(y, expected, strict=True)


def test_log_sum_exp_of_infinities() -> None:
    data = np.array([[-INF, -INF], [INF, 0], [1000, 1000]], "f4")
    y = reduced("ReduceLogSumExp", data, axes=np.array([1]), keepdims=0)
    np.testing.assert_allclose(y, [-INF, INF, 1000 + math.log(2)], rtol=1e-6)


@pytest.mark.parametrize("kind", ["uint8", "int8", "float32"])
@pytest.mark.parametrize("largest", [0, 1])
def test_of_equals_the_first_index_comes_first(kind: str, largest: int) -> None:
    X = np.array([3, 1, 3, 1, 2], kind)
    values, indices = top_k(X, np.array([4]), largest=largest)
    np.testing.assert_array_equal(indices, [0, 2, 4, 1] if largest else [1, 3, 4, 0])
    np.testing.assert_array_equal(values, X[indices])


@pytest.mark.parametrize("step", [-3, -2, -1, 1, 2, 3])
def test_slices_are_clamped_as_the_specification_says(step: int) -> None:
    data = np.arange(4)
    for start in range(-7, 8):
        for end in range(-7, 8):
            picked = slice_10(data, *(np.array([v]) for v in (start, end, 0, step)))
            np.testing.assert_array_equal(picked, by_the_book(data, start, end, step))


def by_the_book(data: Any, start: int, end: int, step: int) -> list[int]:
    """Slice one axis by the words of Slice-13: negative counts from the end, then clamp."""
    size = len(data)
    start, end = (v + size if v < 0 else v for v in (start, end))
    if step > 0:
        first, last = min(max(start, 0), size), min(max(end, 0), size)
    else:
        first, last = min(max(start, 0), size - 1), min(max(end, -1), size - 1)
    return [int(data[i]) for i in range(first, last, step)]


@pytest.mark.parametrize("size", [1, 2, 3, 4, 5])
def test_lrn_sums_over_the_channels_that_the_specification_names(size: int) -> None:
    X = RANDOM.standard_normal((2, 4, 3))
    expected = np.empty_like(X)
    for c in range(4):
        near = slice(max(0, c - (size - 1) // 2), min(4, c + math.ceil((size - 1) / 2) + 1))
        squares = np.square(X[:, near]).sum(1)
        expected[:, c] = X[:, c] / (2.0 + 0.5 / size * squares) ** 0.6
    actual = local_response(X, alpha=0.5, beta=0.6, bias=2.0, size=size)
    np.testing.assert_allclose(actual, expected, rtol=1e-14)


def test_batch_normalization_in_training_uses_the_population_variance() -> None:
    X = RANDOM.standard_normal((5, 2, 3))
    scale, B, mean, var = RANDOM.standard_normal((4, 2))
    y, running_mean, running_var = batch_normalization(
        X, scale, B, mean, var, epsilon=0.1, momentum=0.75, training_mode=1
    )
    own, spread = X.mean((0, 2)), X.var((0, 2))
    unit = (X - own[:, None]) / np.sqrt(spread[:, None] + 0.1)
    np.testing.assert_allclose(y, scale[:, None] * unit + B[:, None], rtol=1e-12)
    np.testing.assert_allclose(running_mean, 0.75 * mean + 0.25 * own, rtol=1e-12)
    np.testing.assert_allclose(running_var, 0.75 * var + 0.25 * spread, rtol=1e-12)


def test_integer_products_are_exact() -> None:
    A = np.full((2, 5000), 255, np.uint8)
    B = np.full((5000, 1), -128, np.int8)
    y = matmul_integer(A, B, np.array([0, 5], np.uint8), np.array(127, np.int8))
    np.testing.assert_array_equal(y, np.array([[255], [250]], np.int32) * 5000 * -255, strict=True)


QUANTIZED: dict[str, tuple[Any, Any, Any]] = {
    "half to even": ([0.5, 1.5, 2.5, -0.5], np.uint8(10), [10, 12, 12, 10]),
    "saturates": ([-1e9, 1e9, INF, -INF], np.int8(0), [-128, 127, 127, -128]),
    "four bits": ([-100, 100, 1.2], np.array(0, ml_dtypes.int4), [-8, 7, 1]),
    "sixteen bits": ([-1e9, 1e9, 7], np.uint16(1), [0, 65535, 8]),
    "float8": ([-1e9, 448, 1.1], np.array(0, ml_dtypes.float8_e4m3fn), [-448, 448, 1.125]),
}


@pytest.mark.parametrize("name", QUANTIZED)
def test_quantizing(name: str) -> None:
    x, zero, expected = QUANTIZED[name]
    y = quantize(np.array(x, "f4"), np.array(1, "f4"), np.asarray(zero), node=NODE)
    np.testing.assert_equal(y.dtype, np.asarray(zero).dtype)
    np.testing.assert_array_equal(y.astype("f4"), expected)


def test_blocks_share_a_scale() -> None:
    x, scales = np.arange(10, dtype="i1").reshape(2, 5), np.array([[1, 2, 3], [4, 5, 6]], "f4")
    y = dequantize(x, scales, axis=1, block_size=2, node=NODE)
    np.testing.assert_array_equal(y, x * np.repeat(scales, 2, 1)[:, :5])


def test_a_scale_that_fits_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match=r"of shape \(1, 3\) fits neither a tensor of shape"):
        dequantize(np.zeros((2, 3), "i1"), np.ones((1, 3), "f4"), node=NODE)


def test_the_mean_of_integers_is_cut_off_towards_zero() -> None:
    data = np.array([[1, 2, 5], [-7, -8, 4], [2**24 + 1, 0, 0]], np.int32)
    mean = find("", "ReduceMean", 13)
    assert mean is not None
    y = mean(data, axes=[1], keepdims=0)
    assert y.dtype == np.int32
    np.testing.assert_array_equal(y, [2, -3, 5592405])


def test_a_vector_has_blocks_too() -> None:
    x, scales = np.array([1, 2, 3, 4], np.int8), np.array([10, 100], np.float32)
    y = dequantize(x, scales, axis=0, block_size=2, node=NODE)
    np.testing.assert_array_equal(y, [10, 20, 300, 400])
    z = quantize(y, scales, axis=0, block_size=2, node=NODE)
    np.testing.assert_array_equal(z, x)


def test_dequantizing_to_another_type_than_the_scales() -> None:
    x, scale = np.array([1, -2], np.int8), np.array(0.5, np.float32)
    y = dequantize(x, scale, output_dtype=10, node=NODE)
    assert y.dtype == np.float16
    np.testing.assert_array_equal(y, [0.5, -1])
