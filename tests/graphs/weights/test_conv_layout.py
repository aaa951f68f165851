"""Kernels in any order of axes; a GRU without its reset form."""

from typing import Any

import numpy as np
import pytest

from onnxwright.graphs import ConvWeights, GRUWeights, Layout
from onnxwright.graphs.errors import WeightError

W = np.arange(2 * 3 * 4 * 5, dtype=np.float32).reshape(2, 3, 4, 5)  # out in kh kw


@pytest.mark.parametrize("order", [(0, 1, 2, 3), (1, 0, 2, 3), (2, 3, 1, 0), (2, 1, 0, 3)])
@pytest.mark.parametrize("flip", [False, True])
def test_any_order_comes_back(order: tuple[int, ...], flip: bool) -> None:
    axes = " ".join(("out", "in", "kh", "kw")[axis] for axis in order)
    given = (W[:, :, ::-1, ::-1] if flip else W).transpose(order)
    weights = ConvWeights.from_layout(axes, given, np.zeros(2, np.float32), flip=flip)
    np.testing.assert_array_equal(weights.w, W)
    np.testing.assert_equal(weights.source.startswith(f"layout {axes}"), True)


@pytest.mark.parametrize(
    ("axes", "b", "said"),
    [
        ("out in kh", None, r"axes 'out in kh' has 3 words for w of shape \[2, 3, 4, 5\]"),
        ("out in kh kh", None, r"needs one for each axis, 'out' and 'in' among them"),
        ("a in kh kw", None, r"needs one for each axis, 'out' and 'in' among them"),
        (
            "in out kh kw",
            2,
            r"the axis 'out' of w \[2, 3, 4, 5\] has 3: the axis called 'in' has 2",
        ),
        ("out in kh kw", 7, r"b has shape \[7\], needs \[out=2\]"),
    ],
)
def test_a_wrong_order_is_told(axes: str, b: Any, said: str) -> None:
    bias = None if b is None else np.zeros(b, np.float32)
    with pytest.raises(WeightError, match=said):
        ConvWeights.from_layout(axes, W, bias)


ARRAYS = np.ones((12, 3), np.float32), np.ones((12, 4), np.float32)


@pytest.mark.parametrize("call", ["container", "layout"])
def test_a_gru_without_its_reset_form_is_told(call: str) -> None:
    w, r = ARRAYS
    told = r"reset is not given, which no array tells, needs 'before' or 'after'\nPyTorch and Keras"
    with pytest.raises(WeightError, match=told):
        GRUWeights(w[None], r[None]) if call == "container" else GRUWeights.from_layout(
            Layout("z r h"), w, r
        )
