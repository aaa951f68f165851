"""Unique against onnxruntime."""

from typing import Any

import numpy as np
import pytest

from onnxwright import runtime

from .node_case import Case, onnxruntime

RNG = np.random.default_rng(9)
CUBE = RNG.integers(0, 4, (3, 4, 2))
TABLE = RNG.integers(0, 3, (6, 2)).astype(np.float32)
TEXT = np.array(["b", "a", "b"], object)


def run(case: Case) -> list[Any]:
    return [*runtime.load(case.model(), on="numpy").run(case.feeds()).values()]


@pytest.mark.parametrize("ordered", [0, 1])
@pytest.mark.parametrize(
    ("x", "axis"),
    [(CUBE, None), (CUBE, 0), (CUBE, 1), (CUBE, -1), (TABLE, None), (TABLE, 0), (TABLE, 1)],
)
def test_all_outputs(x: Any, axis: int | None, ordered: int) -> None:
    options = {"sorted": ordered} | ({} if axis is None else {"axis": axis})
    case = Case("Unique", 17, options, [x])
    for got, expected in zip(run(case), onnxruntime(case), strict=True):
        np.testing.assert_array_equal(got, expected)
        np.testing.assert_equal(got.dtype, expected.dtype)


def test_texts_and_nothing() -> None:
    y, first, inverse, counts = run(Case("Unique", 17, {"sorted": 0}, [TEXT]))
    np.testing.assert_array_equal(y, ["b", "a"])
    np.testing.assert_array_equal([first, counts], [[0, 1], [2, 1]])
    np.testing.assert_array_equal(inverse, [0, 1, 0])
    np.testing.assert_equal(
        [len(part) for part in run(Case("Unique", 17, {}, [TABLE[:0]]))], [0] * 4
    )


def test_an_axis_that_is_not_there() -> None:
    with pytest.raises(runtime.NodeError, match=r"axis 2 of \[6, 2\]"):
        run(Case("Unique", 17, {"axis": 2}, [TABLE]))
