"""GridSample against onnx.reference and onnxruntime."""

from typing import Any

import numpy as np
import pytest

from onnxwright import runtime

from .node_case import Case, reference
from .test_resize import onnxruntime_of, run

RNG = np.random.default_rng(8)
PICTURE = RNG.standard_normal((2, 3, 5, 6)).astype(np.float32)
BODY = RNG.standard_normal((1, 2, 3, 4, 5)).astype(np.float32)
POINTS = RNG.uniform(-2.5, 2.5, (2, 4, 7, 2)).astype(np.float32)
DEEP = RNG.uniform(-2.5, 2.5, (1, 2, 3, 2, 3)).astype(np.float32)


@pytest.mark.parametrize("align", [0, 1])
@pytest.mark.parametrize("padding", ["zeros", "border", "reflection"])
@pytest.mark.parametrize("mode", ["nearest", "linear", "cubic"])
def test_against_others(mode: str, padding: str, align: int) -> None:
    options = {"mode": mode, "padding_mode": padding, "align_corners": align}
    flat = Case("GridSample", 20, options, [PICTURE, POINTS])
    np.testing.assert_allclose(run(flat), onnxruntime_of(flat), atol=1e-5)
    if (mode, padding) == ("cubic", "border"):
        return  # onnx.reference brings a point back to the border before it takes cells around it
    for case in (flat, Case("GridSample", 20, options, [BODY, DEEP])):
        expected = reference(case)[0]
        np.testing.assert_allclose(run(case), expected, atol=1e-5)


def test_old_names_of_modes() -> None:
    old, new = (
        Case("GridSample", opset, {"mode": mode}, [PICTURE, POINTS])
        for opset, mode in ((16, "bicubic"), (20, "cubic"))
    )
    np.testing.assert_array_equal(run(old), run(new))
    default = Case("GridSample", 16, {}, [PICTURE, POINTS])
    np.testing.assert_allclose(run(default), onnxruntime_of(default), atol=1e-5)


def test_points_at_infinity_are_outside() -> None:
    points = np.full((2, 1, 1, 2), np.inf, np.float32)
    points[1] = np.nan
    np.testing.assert_array_equal(run(Case("GridSample", 20, {}, [PICTURE, points])), 0)


def test_in_float64() -> None:
    case = Case("GridSample", 20, {"mode": "cubic"}, [PICTURE, POINTS])
    np.testing.assert_allclose(run(case, "numpy:float64"), run(case), atol=1e-5)


@pytest.mark.parametrize(
    ("inputs", "attributes", "told"),
    [
        ([PICTURE, DEEP], {}, r"a grid \[1, 2, 3, 2, 3\] of points does not fit X \[2, 3, 5, 6\]"),
        ([PICTURE, POINTS[:1]], {}, "of points does not fit X"),
        ([PICTURE, POINTS], {"mode": "area"}, "no mode 'area'"),
        ([PICTURE, POINTS], {"padding_mode": "wrap"}, "no padding_mode 'wrap'"),
    ],
)
def test_what_makes_no_sense_is_refused(
    inputs: list[Any], attributes: dict[str, Any], told: str
) -> None:
    with pytest.raises(runtime.NodeError, match=told):
        run(Case("GridSample", 20, attributes, inputs))
