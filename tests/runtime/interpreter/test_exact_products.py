"""Products of bytes in float32 against integer arithmetic: every length, zero point and extreme."""

from typing import Any

import numpy as np
import pytest

from onnxwright.runtime.errors import NodeError
from onnxwright.runtime.interpreter.kernels.linear.exact import EXACT, ROWS, right_factor

from .byte_cases import KINDS, RANDOM, numbers, run
from .node_case import Array, Case

LENGTHS = (0, 1, ROWS - 1, ROWS, ROWS + 1, 2 * ROWS + 1, 1000)


def integers(A: Array, B: Array, a_zero: Any, b_zero: Any) -> Array:
    """Return the product modulo 2**32, as int32."""
    product: Array = np.matmul(A.astype("i8") - a_zero, B.astype("i8") - b_zero)
    return product.astype(np.int32)


@pytest.mark.parametrize(("a", "b"), KINDS)
@pytest.mark.parametrize("inner", LENGTHS)
@pytest.mark.parametrize("constant", [True, False])
@pytest.mark.parametrize("zeros", ["none", "far", "vectors"])
def test_every_length(a: Any, b: Any, inner: int, constant: bool, zeros: str) -> None:
    A, B = numbers(a, 3, inner, ends=True), numbers(b, inner, 4, ends=True)
    points: list[Array] = []
    if zeros == "far":  # from the frequent end: the differences are as large as they can be
        points = [np.array(a(np.iinfo(a).max if a == np.int8 else 0)), np.array(b(127))]
    elif zeros == "vectors":
        points = [numbers(a, 3, ends=False), numbers(b, 4, ends=False)]
    case = Case("MatMulInteger", 10, {}, [A, B, *points])
    y = run(case, ("B", "b_zero_point")[: 1 + bool(points)] if constant else ())
    wide = [points[0].astype("i8").reshape(-1, 1), points[1].astype("i8")] if points else [0, 0]
    assert y.dtype == np.int32
    np.testing.assert_array_equal(y, integers(A, B, *wide))


@pytest.mark.parametrize("constant", [True, False])
@pytest.mark.parametrize("on", ["numpy", "numpy:float64"])
def test_the_longest_sums_wrap_around(constant: bool, on: str) -> None:
    A, B = np.full((2, 70_000), 255, np.uint8), np.full((70_000, 1), 255, np.uint8)
    y = run(Case("MatMulInteger", 10, {}, [A, B]), ("B",) if constant else (), on)
    np.testing.assert_array_equal(y, integers(A, B, 0, 0))
    assert 70_000 * 255**2 > 2**31


@pytest.mark.parametrize(
    ("left", "right"), [((2, 3, 300), (300, 4)), ((2, 3, 5), (2, 5, 4)), ((300,), (300, 4))]
)
@pytest.mark.parametrize("constant", [True, False])
def test_batches_and_vectors(left: Any, right: Any, constant: bool) -> None:
    A, B = numbers(np.uint8, *left, ends=True), numbers(np.int8, *right, ends=True)
    y = run(
        Case("MatMulInteger", 10, {}, [A, B, np.array(9, np.uint8)]), ("B",) if constant else ()
    )
    np.testing.assert_array_equal(y, integers(A, B, 9, 0))


@pytest.mark.parametrize(("a", "b"), KINDS)
@pytest.mark.parametrize("inner", [7, 1000])
@pytest.mark.parametrize("constant", [True, False])
def test_qlinear_matmul_gives_the_bits_of_the_reference(
    a: Any, b: Any, inner: int, constant: bool
) -> None:
    A, B = numbers(a, 5, inner, ends=False), numbers(b, inner, 6, ends=False)
    scales = [np.array(s, np.float32) for s in (0.013, 0.031, 0.7)]
    per_column = RANDOM.random(6).astype(np.float32)
    names = ("b", "b_scale", "b_zero_point") if constant else ()
    for b_scale in (scales[1], per_column):
        case = Case(
            "QLinearMatMul",
            10,
            {},
            [A, scales[0], np.array(3, a), B, b_scale, np.array(7, b), scales[2], np.array(5, a)],
        )
        np.testing.assert_array_equal(run(case, names), run(case, names, "numpy:float64"))


@pytest.mark.parametrize("constant", [True, False])
@pytest.mark.parametrize("inner", [5, 1000])
def test_shapes_that_do_not_fit_are_an_error(constant: bool, inner: int) -> None:
    A, B = numbers(np.uint8, 3, 7, ends=False), numbers(np.int8, inner, 4, ends=True)
    with pytest.raises(NodeError, match="mismatch in its core dimension"):
        run(Case("MatMulInteger", 10, {}, [A, B]), ("B",) if constant else ())


def test_weights_are_measured_and_the_spans_cover_them() -> None:
    small = np.ones((5000, 3), np.int8)
    assert right_factor(small, None, measured=True).spans == (slice(0, 5000),)
    large = right_factor(np.full((5000, 3), -128, np.int8), np.array(127, np.int8), measured=True)
    assert [s.start for s in large.spans[1:]] == [s.stop for s in large.spans[:-1]]
    assert (large.spans[0].start, large.spans[-1].stop) == (0, 5000)
    assert max(255 * 255 * (s.stop - s.start) for s in large.spans) <= EXACT


def test_weights_that_the_limit_does_not_allow_are_converted_when_they_are_used() -> None:
    A, B = numbers(np.uint8, 2, 1024, ends=True), numbers(np.int8, 1024, 512, ends=True)
    case = Case("MatMulInteger", 10, {}, [A, B])
    expected = integers(A, B, 0, 0)
    for limit in ("4M", "64M"):  # a quarter is for what is kept: 1 MiB of the 2 MiB needed
        np.testing.assert_array_equal(run(case, ("B",), memory_limit=limit), expected)
    with pytest.raises(NodeError, match="takes 2 MiB, but the memory limit is 1 MiB"):
        run(case, ("B",), memory_limit="1M")


def test_the_limit_of_a_product_holds() -> None:
    A, B = np.zeros((2048, 1), np.uint8), np.zeros((1, 2048), np.uint8)
    with pytest.raises(NodeError, match="takes 16 MiB, but the memory limit is 8 MiB"):
        run(Case("MatMulInteger", 10, {}, [A, B]), (), memory_limit="8M")
