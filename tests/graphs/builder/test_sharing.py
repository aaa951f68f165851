"""Arrays are one where their bytes are: not where they only look alike."""

import numpy as np
import pytest

from onnxwright.graphs.builder.sharing import equal_arrays
from onnxwright.graphs.weights.arrays import Array

ONES = np.ones((100, 90), np.float32)
NAN = np.full((100, 90), np.nan, np.float32)


def late(array: Array) -> Array:
    """Return an array that differs in a number that a glance does not meet."""
    changed = array.copy()
    changed[-1, -2] = 7
    return changed


CASES: list[tuple[str, Array, Array, bool]] = [
    ("a copy", ONES, ONES.copy(), True),
    ("itself", ONES, ONES, True),
    ("laid out otherwise", ONES, np.asfortranarray(ONES), True),
    ("NaN", NAN, NAN.copy(), True),
    ("zero and minus zero", ONES * 0, -ONES * 0, False),
    ("another shape", ONES, ONES.reshape(90, 100), False),
    ("another dtype", ONES * 0, np.zeros((100, 90), np.int32), False),
    ("one number", ONES, late(ONES), False),
]


@pytest.mark.parametrize(("what", "one", "other", "same"), CASES)
def test_what_is_equal(what: str, one: Array, other: Array, same: bool) -> None:
    arrays = {"a.W": one, "b.W": late(one), "c.W": other}
    found = equal_arrays(arrays, arrays, 1024)
    wanted = {"c.W": "a.W"} if same else {"c.W": "b.W"} if what == "one number" else {}
    np.testing.assert_equal(found, wanted)


@pytest.mark.parametrize(("above", "shared"), [(35_999, 1), (36_000, 0)])
def test_small_arrays_keep_their_copies(above: int, shared: int) -> None:
    arrays = {"a.W": ONES, "b.W": ONES.copy()}
    np.testing.assert_equal(len(equal_arrays(arrays, arrays, above)), shared)


def test_single_numbers_are_never_shared() -> None:
    arrays = {"a.b": np.ones(1), "b.b": np.ones(1)}
    np.testing.assert_equal(equal_arrays(arrays, arrays, 0), {})
