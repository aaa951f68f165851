from typing import Any

import ml_dtypes
import numpy as np
import pytest

from onnxwright.bench.verify.accuracy import Tolerance, compare, default_tolerance, ulp

INF, NAN = float("inf"), float("nan")


def test_every_distance_by_hand() -> None:
    want = np.array([3.0, 0.0, -4.0, 0.0])
    got = np.array([3.0, 0.001, -4.5, 0.0], dtype=np.float32)
    row = compare("y", got, want, Tolerance(0.01, 0.0))
    floor = 0.01 * 2.5  # the root mean square of want is 2.5
    error = float(np.float32(0.001))
    np.testing.assert_equal([row.passed, row.mismatched, row.max_abs], [False, 1, 0.5])
    # In float32, 4 has units of 2^-21; the floor, 0.025, has 2^-29.
    units = max(0.5 * 2**21, error * 2**29)
    found = np.array([row.floor, row.max_rel, row.rel_l2, row.max_ulp], float)
    np.testing.assert_allclose(found, [floor, 0.125, np.hypot(0.5, error) / 5, units])


def test_the_floor_bounds_the_relative_error_at_zero() -> None:
    row = compare("y", np.array([0.025, 3.0, 4.0, 0.0]), np.array([0.0, 3.0, 4.0, 0.0]))
    np.testing.assert_equal(row.max_rel, 1.0)


@pytest.mark.parametrize(
    ("got", "want", "mismatched"),
    [
        ([1.0, INF, NAN], [1.0, INF, NAN], 0),
        ([1.0, INF, NAN], [1.0, -INF, NAN], 1),
        ([1.0, NAN, NAN], [1.0, 2.0, INF], 2),
        ([INF, 1.0, 1.0], [70000.0, 1.0, 1.0], 1),
    ],
)
def test_infinities_and_nans_count_but_do_not_spoil_the_distances(
    got: list[float], want: list[float], mismatched: int
) -> None:
    row = compare("y", np.array(got, np.float32), np.array(want))
    np.testing.assert_equal([row.mismatched, row.max_abs], [mismatched, 0.0])
    np.testing.assert_equal(row.passed, mismatched == 0)


@pytest.mark.parametrize(
    ("dtype", "value", "unit"),
    [
        ("float32", 1.0, 2.0**-23),
        ("float32", 1.999, 2.0**-23),
        ("float32", 2.0, 2.0**-22),
        ("float32", 0.0, 2.0**-149),
        ("float64", 1.0, 2.0**-52),
        ("float16", 1.0, 2.0**-10),
        ("float16", 0.0, 2.0**-24),
        (ml_dtypes.bfloat16, 1.0, 2.0**-7),
    ],
)
def test_units_in_the_last_place(dtype: Any, value: float, unit: float) -> None:
    np.testing.assert_equal(ulp(np.array([value]), np.dtype(dtype))[0], unit)


@pytest.mark.parametrize("dtype", ["float32", "float64", "float16"])
def test_units_agree_with_numpys_spacing(dtype: str) -> None:
    values = np.abs(np.random.default_rng(0).standard_normal(100)).astype(dtype)
    np.testing.assert_equal(ulp(values.astype(float), np.dtype(dtype)), np.spacing(values))


def test_top_1_is_the_part_of_rows_with_the_same_largest_element() -> None:
    got, want = np.eye(4, dtype=np.float32), np.eye(4)
    got[0] = [0, 1, 0, 0]
    np.testing.assert_equal(compare("y", got, want).top1, 0.75)
    np.testing.assert_equal(compare("y", got[0], want[0]).top1, None)


@pytest.mark.parametrize(
    ("got", "want", "passed", "note"),
    [
        (np.zeros((2, 3)), np.zeros((3, 2)), False, "its shape is [2, 3], the reference's [3, 2]"),
        (np.array([True]), np.array([True]), True, "compared for equality"),
        (np.array([True]), np.array([False]), False, ""),
        (np.array(["a"], object), np.array(["b"], object), False, ""),
    ],
)
def test_what_has_no_distance_is_compared_for_equality(
    got: Any, want: Any, passed: bool, note: str
) -> None:
    row = compare("y", got, want)
    np.testing.assert_equal([row.passed, row.note, row.max_abs], [passed, note, None])


def test_integers_have_a_distance_and_no_units() -> None:
    row = compare("y", np.array([3], np.uint8), np.array([4], np.uint8))
    np.testing.assert_equal([row.passed, row.max_abs, row.max_ulp], [False, 1.0, None])


def test_narrow_types_are_given_room() -> None:
    want = np.array([1.0])
    for dtype, passed in ((np.float32, False), (np.float16, True), (ml_dtypes.bfloat16, True)):
        row = compare("y", np.array([1.005]).astype(dtype), want)
        np.testing.assert_equal(row.passed, passed)
    np.testing.assert_equal(default_tolerance(np.dtype("float32")), Tolerance(1e-4, 1e-5))


def test_empty_outputs_agree() -> None:
    row = compare("y", np.zeros((0, 3), np.float32), np.zeros((0, 3)))
    np.testing.assert_equal(
        [row.passed, row.max_abs, row.rel_l2, row.top1], [True, 0.0, None, None]
    )


def test_a_reference_of_zeros_has_no_relative_error() -> None:
    row = compare("y", np.array([0.0, 1.0], np.float32), np.zeros(2))
    np.testing.assert_equal([row.max_abs, row.max_rel, row.rel_l2, row.max_ulp], [1.0, *[None] * 3])


def test_huge_values_do_not_overflow() -> None:
    row = compare("y", np.array([1e200, 2e200]), np.array([1e200, 1e200]), Tolerance(0, 0.1))
    np.testing.assert_allclose(np.array([row.rel_l2, row.max_rel], float), [0.5**0.5, 1.0])


@pytest.mark.parametrize(
    ("got", "want", "note"),
    [
        ([np.ones(2), np.ones((1, 3))], [np.ones(2), np.ones((1, 3))], ""),
        ([], [], ""),
        ([np.ones(2)], [], "its length is 1, the reference's 0"),
        ([np.ones(2)], [np.ones(3)], "the shape of element 0 is [2], the reference's [3]"),
        ([np.ones(2)], np.ones(2), "a sequence is one of the two only"),
        (None, [np.ones(2)], "a sequence is one of the two only"),
        (None, None, ""),
    ],
)
def test_sequences_are_compared_element_by_element(got: Any, want: Any, note: str) -> None:
    row = compare("y", got, want)
    np.testing.assert_equal((row.passed, row.note), (not note, note))


def test_the_numbers_of_a_sequence_are_compared() -> None:
    row = compare("y", [np.ones(2), np.zeros(3)], [np.ones(2), np.array([0, 0, 0.5])])
    np.testing.assert_equal((row.passed, row.mismatched, row.max_abs), (False, 1, 0.5))
