"""Pad where the data has too little to be repeated, or less than is cut off."""

import numpy as np
import pytest

from onnxwright import runtime

from .node_case import Case, onnxruntime

MIRROR = r"reflect pads a dim of {} by at most {}, not {}"
REFUSED = [
    ("reflect", 3, [3, 0], MIRROR.format(3, 2, 3)),
    ("reflect", 3, [0, 4], MIRROR.format(3, 2, 4)),
    ("reflect", 1, [0, 1], MIRROR.format(1, 0, 1)),
    ("reflect", 3, [-1, 2], MIRROR.format(2, 1, 2)),
    ("reflect", 0, [1, 0], MIRROR.format(0, 0, 1)),
    ("edge", 0, [0, 1], "edge cannot pad an empty dim"),
    ("wrap", 3, [-3, 1], "wrap cannot pad an empty dim"),
    ("constant", 3, [-2, -2], "pads of -2 and -2 cut more off than the dim of 3 has"),
    ("edge", 3, [-4, 0], "pads of -4 and 0 cut more off than the dim of 3 has"),
]
TAKEN = [
    ("reflect", 3, [2, 2], [2, 1, 0, 1, 2, 1, 0]),
    ("reflect", 3, [-1, 1], [1, 2, 1]),
    ("edge", 1, [2, 1], [0, 0, 0, 0]),
    ("wrap", 3, [4, 0], [2, 0, 1, 2, 0, 1, 2]),
    ("constant", 3, [-3, 1], [0]),
    ("constant", 0, [1, 0], [0]),
]


def pad(mode: str, size: int, pads: list[int]) -> Case:
    return Case("Pad", 19, {"mode": mode}, [np.arange(size, dtype="f4"), np.array(pads)])


@pytest.mark.parametrize(("mode", "size", "pads", "problem"), REFUSED)
def test_what_has_no_values_to_pad_with_is_refused_everywhere(
    mode: str, size: int, pads: list[int], problem: str
) -> None:
    case = pad(mode, size, pads)
    with pytest.raises(runtime.NodeError, match=rf"ValueError: {problem}; its inputs: float32"):
        runtime.load(case.model()).run(case.feeds())
    with pytest.raises(Exception, match=r"ONNXRuntimeError"):
        onnxruntime(case)


@pytest.mark.parametrize(("mode", "size", "pads", "expected"), TAKEN)
def test_up_to_there_it_is_padded(
    mode: str, size: int, pads: list[int], expected: list[int]
) -> None:
    case = pad(mode, size, pads)
    (y,) = runtime.load(case.model()).run(case.feeds()).values()
    np.testing.assert_array_equal(y, expected)
    theirs = onnxruntime(case)[0]
    unwritten = mode == "wrap" and pads[0] >= size  # by onnxruntime 1.30: the first of them
    np.testing.assert_array_equal(y[unwritten:], theirs[unwritten:])
