"""MaxRoiPool, by hand and against onnxruntime; onnx.reference has none."""

from typing import Any

import numpy as np
import pytest

from onnxwright.runtime.interpreter.kernels.pooling.region import max_roi_pool

from .node_case import Case, onnxruntime, plain


def test_a_region_is_cut_into_cells_that_may_overlap() -> None:
    x = np.arange(16.0).reshape(1, 1, 4, 4)
    # Columns 1 to 3, rows 0 to 3: three columns in two parts share the middle one.
    got = max_roi_pool(x, np.array([[0, 1, 0, 3, 3]]), pooled_shape=[2, 2])
    np.testing.assert_array_equal(got, [[[[6, 7], [14, 15]]]])


def test_what_lies_outside_is_zero() -> None:
    x = np.full((1, 1, 2, 2), -1.0)
    got = max_roi_pool(x, np.array([[0, 1, 1, 2, 2]]), pooled_shape=[2, 2])
    np.testing.assert_array_equal(got, [[[[-1, 0], [0, 0]]]])


@pytest.mark.parametrize("seed", range(20))
def test_agrees_with_onnxruntime(seed: int) -> None:
    pytest.importorskip("onnxruntime")
    rng = np.random.default_rng(seed)
    x = rng.standard_normal((2, 2, *rng.integers(3, 9, 2)))
    corners = np.rint(rng.uniform(-2, 12, (6, 4)) * 2) / 2  # halves: rounded away from zero
    rois = np.column_stack([rng.integers(0, 2, 6), corners])
    options: dict[str, Any] = {
        "pooled_shape": [int(n) for n in rng.integers(1, 5, 2)],
        "spatial_scale": float(rng.choice([0.25, 0.5, 1, 2])),
    }
    case = Case("MaxRoiPool", 1, options, [x, rois]).astype("float32")
    np.testing.assert_array_equal(plain(case)[0], onnxruntime(case)[0])


@pytest.mark.parametrize(
    ("rois", "message"),
    [
        ([[2, 0, 0, 1, 1]], r"rois name rows of the batch outside 0\.\.0: \[2\]"),
        ([[0, 0, 1, 1]], r"rois \[regions, 5\] .* got \[1, 1, 2, 2\], \[1, 4\], \[1, 1\]"),
    ],
)
def test_refuses(rois: list[list[float]], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        max_roi_pool(np.zeros((1, 1, 2, 2)), np.array(rois), pooled_shape=[1, 1])
