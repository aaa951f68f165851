"""Products with constant matrices, which have kernels of their own, against float64 arithmetic."""

import itertools
from typing import Any

import numpy as np
import pytest
from onnx import numpy_helper

from onnxwright import runtime
from onnxwright.runtime.interpreter.kernels.elementwise import activation
from onnxwright.runtime.interpreter.kernels.linear.matmul import (
    gemm_by_constant,
    matmul_by_constant,
)
from onnxwright.runtime.interpreter.registry import NodeInfo
from onnxwright.runtime.interpreter.run_limits import LimitError, RunLimits, within

from .node_case import Array, Case

RANDOM = np.random.default_rng(5)


def floats(*shape: int) -> Array:
    return RANDOM.standard_normal(shape).astype(np.float32)


def run(case: Case) -> Array:
    """Run the node with all its inputs but the first as initializers."""
    model, feeds = case.model(), case.feeds()
    first, *constants = feeds
    model.graph.initializer.extend(numpy_helper.from_array(feeds[n], n) for n in constants)
    kept = [value for value in model.graph.input if value.name == first]
    del model.graph.input[:]
    model.graph.input.extend(kept)
    (y,) = runtime.load(model).run({first: feeds[first]}).values()
    return y


GEMM = [
    {"alpha": alpha, "beta": beta, "transA": a, "transB": b}
    for alpha, beta, a, b in itertools.product((1.0, 0.5), (1.0, 2.0, 0.0), (0, 1), (0, 1))
]


@pytest.mark.parametrize("given", [{}, *GEMM], ids=str)
@pytest.mark.parametrize("bias", [None, (5,), (3, 1), (3, 5), ()])
def test_gemm(given: dict[str, Any], bias: tuple[int, ...] | None) -> None:
    A = floats(4, 3) if given.get("transA") else floats(3, 4)
    B = floats(5, 4) if given.get("transB") else floats(4, 5)
    C = None if bias is None else np.asarray(floats(*bias), np.float32)
    inputs = [A, B] if C is None else [A, B, C]
    left, right = (A.T if given.get("transA") else A), (B.T if given.get("transB") else B)
    expected = given.get("alpha", 1.0) * (left.astype("f8") @ right.astype("f8"))
    expected = expected + (0 if C is None else given.get("beta", 1.0) * C)
    np.testing.assert_allclose(
        run(Case("Gemm", 13, given, [*inputs])), expected, rtol=1e-5, atol=1e-5
    )


@pytest.mark.parametrize("rows", [(4,), (3, 4), (2, 3, 4), (1, 0, 4), (2, 1, 3, 4)])
@pytest.mark.parametrize("columns", [1, 5])
def test_matmul(rows: tuple[int, ...], columns: int) -> None:
    A, B = floats(*rows), floats(4, columns)
    y = run(Case("MatMul", 13, {}, [A, B]))
    np.testing.assert_allclose(y, A.astype("f8") @ B.astype("f8"), rtol=1e-5, atol=1e-5)
    np.testing.assert_equal(y.shape, (*rows[:-1], columns))


def node(op: str, **attributes: Any) -> NodeInfo:
    return NodeInfo(op, "", "n", 13, ("y",), attributes)


@pytest.mark.parametrize("transposed", [0, 1])
def test_plain_gemms_have_a_kernel_of_their_own_that_asks_for_memory(transposed: int) -> None:
    B = floats(2, 4096) if not transposed else floats(4096, 2)
    kernel = gemm_by_constant(node("Gemm", transB=transposed), [None, B, None])
    assert kernel is not None
    with within(RunLimits(memory=2**20, steps=1)):
        np.testing.assert_equal(kernel(floats(64, 2), B).shape, (64, 4096))
        with pytest.raises(LimitError, match=r"float32 \[65, 4096\] takes"):
            kernel(floats(65, 2), B)
    with pytest.raises(ValueError, match="A must be a matrix, but has rank 3"):
        kernel(floats(1, 3, 2), B)


@pytest.mark.parametrize("given", [{"alpha": 2.0}, {"beta": 0.5}, {"transA": 1}])
def test_other_gemms_have_none(given: dict[str, Any]) -> None:
    assert gemm_by_constant(node("Gemm", **given), [None, floats(2, 3), None]) is None


@pytest.mark.parametrize(
    "B", [None, floats(2), np.zeros((0, 3), "f4"), np.ones((2, 2), "f2")], ids=str
)
def test_what_blas_does_not_multiply_has_none(B: Any) -> None:
    assert gemm_by_constant(node("Gemm"), [None, B]) is None
    assert matmul_by_constant(node("MatMul"), [None, B]) is None


def test_matmul_by_a_constant_asks_for_memory() -> None:
    B = floats(2, 4096)
    kernel = matmul_by_constant(node("MatMul"), [None, B])
    assert kernel is not None
    with within(RunLimits(memory=2**20, steps=1)):
        np.testing.assert_equal(kernel(floats(1, 64, 2), B).shape, (1, 64, 4096))
        with pytest.raises(LimitError, match=r"float32 \[1, 65, 4096\] takes"):
            kernel(floats(1, 65, 2), B)


def test_thresholded_relu_is_zero_at_the_threshold_itself() -> None:
    x = np.array([0.5, 1.0, np.nextafter(np.float32(1), np.float32(2)), -1, 3], np.float32)
    np.testing.assert_array_equal(activation.thresholded_relu(x), [0, 0, x[2], 0, 3])
    np.testing.assert_array_equal(activation.thresholded_relu(x, alpha=0.5), [0, 1, x[2], 0, 3])


def test_shrink_is_zero_at_both_ends() -> None:
    x = np.array([-2, -1, 0, 1, 2], np.float32)
    np.testing.assert_array_equal(activation.shrink(x, lambd=1.0, bias=0.5), [-1.5, 0, 0, 0, 1.5])
