"""Eight-bit products against exact integer arithmetic, over the whole range of both types.

onnxruntime is no oracle here. Where the processor has AVX2 and no VNNI, it adds pairs of unsigned
by signed products in 16 bits, which saturate. That is asserted where the processor shows it.
"""

from typing import Any

import numpy as np
import pytest

from .node_case import Array, Case, onnxruntime, plain

pytest.importorskip("onnxruntime")
ROWS, INNER, COLUMNS = 7, 64, 5
SATURATING = Case(
    "MatMulInteger", 10, {}, [np.full((1, 4), 255, np.uint8), np.full((4, 1), 127, np.int8)]
)
EXACT, SATURATED = 4 * 255 * 127, 2 * (2**15 - 1)
KINDS: list[tuple[Any, Any]] = [(a, b) for a in (np.uint8, np.int8) for b in (np.uint8, np.int8)]


def whole_range(kind: Any, *shape: int) -> Array:
    """Return values from the whole range of an integer type, its ends the most frequent."""
    info, rng = np.iinfo(kind), np.random.default_rng(4)
    inner = rng.integers(info.min, info.max, shape, endpoint=True)
    ends = rng.choice([info.min, info.max], shape)
    return np.where(rng.random(shape) < 0.5, ends, inner).astype(kind)


def matrices(a: Any, b: Any) -> tuple[Array, Array]:
    return whole_range(a, ROWS, INNER), whole_range(b, INNER, COLUMNS)


def exact(A: Array, B: Array, a_zero: int = 0, b_zero: int = 0) -> Array:
    product: Array = (A.astype(np.int64) - a_zero) @ (B.astype(np.int64) - b_zero)
    return product


@pytest.mark.parametrize(("a", "b"), KINDS)
def test_matmul_integer_is_exact(a: Any, b: Any) -> None:
    A, B = matrices(a, b)
    for zeros in ((0, 0), (3, 7)):
        points = [np.array(zeros[0], a), np.array(zeros[1], b)]
        (y,) = plain(Case("MatMulInteger", 10, {}, [A, B, *points]))
        assert y.dtype == np.int32
        np.testing.assert_array_equal(y, exact(A, B, *zeros))


@pytest.mark.parametrize(("a", "b"), KINDS)
def test_qlinear_matmul_is_rounded_once_from_the_exact_product(a: Any, b: Any) -> None:
    A, B = matrices(a, b)
    # Powers of two: the scaled product is exact too, and so are its ties.
    scales = [np.array(s, np.float32) for s in (2.0**-6, 2.0**-7, 2.0**-1)]
    points = [np.array(3, a), np.array(7, b), np.array(5, a)]
    inputs: list[Array | None] = [
        A,
        scales[0],
        points[0],
        B,
        scales[1],
        points[1],
        scales[2],
        points[2],
    ]
    (y,) = plain(Case("QLinearMatMul", 10, {}, inputs))
    info = np.iinfo(a)
    rounded = np.rint(exact(A, B, 3, 7) * 2.0**-12) + 5
    assert y.dtype == a
    np.testing.assert_array_equal(y, np.clip(rounded, info.min, info.max))


@pytest.mark.parametrize(("a", "b"), KINDS)
def test_convolutions_are_exact(a: Any, b: Any) -> None:
    x, w = whole_range(a, 1, INNER, 3, 3), whole_range(b, COLUMNS, INNER, 1, 1)
    product = exact(x.reshape(INNER, 9).T, w.reshape(COLUMNS, INNER).T, 3, 0).T
    (y,) = plain(Case("ConvInteger", 10, {}, [x, w, np.array(3, a)]))
    np.testing.assert_array_equal(y.reshape(COLUMNS, 9), product)


def test_onnxruntime_is_exact_or_saturates_as_documented() -> None:
    (y,) = onnxruntime(SATURATING)
    assert y.item() in (EXACT, SATURATED)
    np.testing.assert_array_equal(plain(SATURATING)[0], [[EXACT]])
    A, B = matrices(np.uint8, np.int8)
    (many,) = onnxruntime(Case("MatMulInteger", 10, {}, [A, B]))
    wrong = np.mean(many != exact(A, B))
    if y.item() == EXACT:
        np.testing.assert_equal(wrong, 0)
    else:
        assert wrong > 0.5


@pytest.mark.parametrize(("a", "b"), KINDS)
def test_onnxruntime_is_exact_on_every_processor_with_weights_of_seven_bits(a: Any, b: Any) -> None:
    A, B = matrices(a, b)
    B = B // 2
    case = Case("MatMulInteger", 10, {}, [A, B])
    np.testing.assert_array_equal(onnxruntime(case)[0], exact(A, B))
