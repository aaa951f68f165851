"""What the grids leave out of convolution: dtypes, integers, memory, edges and errors."""

from typing import Any

import ml_dtypes
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from onnxwright.runtime.interpreter.kernels.convolution import conv as conv_module
from onnxwright.runtime.interpreter.kernels.convolution.conv import conv
from onnxwright.runtime.interpreter.kernels.convolution.quantized import conv_integer, qlinear_conv
from onnxwright.runtime.interpreter.kernels.convolution.transposed import conv_transpose
from onnxwright.runtime.interpreter.kernels.convolution.windows import windows

from .windows_oracle import conv_oracle

Array = NDArray[Any]
RNG = np.random.default_rng(2)


@pytest.mark.parametrize("dtype", ["float16", ml_dtypes.bfloat16])
@pytest.mark.parametrize("kernel", [conv, conv_transpose])
def test_small_floats_are_computed_in_float32(kernel: Any, dtype: Any) -> None:
    X, W = (RNG.standard_normal(s).astype(dtype) for s in ((1, 2, 5, 5), (2, 2, 3, 3)))
    wide = kernel(X.astype("float32"), W.astype("float32"))
    np.testing.assert_array_equal(kernel(X, W), wide.astype(dtype))


@pytest.mark.parametrize("room", [1, 600, 5000])
@pytest.mark.parametrize("kernel", [(3, 3), (2, 5)])
def test_the_parts_it_works_in_do_not_show(
    monkeypatch: pytest.MonkeyPatch, room: int, kernel: tuple[int, int]
) -> None:
    X, W = RNG.standard_normal((3, 4, 9, 8)), RNG.standard_normal((6, 2, *kernel))
    options: dict[str, Any] = {
        "group": 2,
        "strides": [2, 1],
        "pads": [1, 0, 2, 2],
        "dilations": [2, 1],
    }
    monkeypatch.setattr(conv_module, "ROOM", room)
    np.testing.assert_allclose(
        conv(X, W, **options), conv_oracle(X, W, None, options), rtol=1e-12, atol=1e-12
    )


def test_an_empty_batch_gives_an_empty_array() -> None:
    y = conv(np.zeros((0, 2, 5), "float32"), np.zeros((3, 2, 2), "float32"))
    np.testing.assert_equal((y.shape, y.dtype), ((0, 3, 4), np.float32))


@given(
    seed=st.integers(0, 2**32 - 1),
    signed=st.tuples(st.booleans(), st.booleans()),
    per_feature=st.booleans(),
)
def test_integers_are_exact(seed: int, signed: tuple[bool, bool], per_feature: bool) -> None:
    rng = np.random.default_rng(seed)
    x_type, w_type = (np.int8 if s else np.uint8 for s in signed)
    x_range, w_range = np.iinfo(x_type), np.iinfo(w_type)
    x = rng.integers(x_range.min, x_range.max + 1, (2, 70, 4), x_type)
    w = rng.integers(w_range.min, w_range.max + 1, (3, 70, 3), w_type)
    x_zero = rng.integers(x_range.min, x_range.max + 1, (), x_type)
    w_zero = rng.integers(w_range.min, w_range.max + 1, 3 if per_feature else (), w_type)
    got = conv_integer(x, w, x_zero, w_zero, pads=[1, 1])
    wide_w = w.astype(float) - w_zero.astype(float).reshape(-1, 1, 1)
    wanted = conv_oracle(x.astype(float) - float(x_zero), wide_w, None, {"pads": [1, 1]})
    assert got.dtype == np.int32
    np.testing.assert_array_equal(got, wanted)


def test_qlinear_conv_rounds_halves_to_even_and_saturates() -> None:
    x = np.array([[[1, 2, 3, 5, 200, 0]]], np.uint8)
    w, one, zero = (
        np.array([[[1]]], np.uint8),
        np.array(1, np.float32),
        np.array(0, np.uint8),
    )

    def quantized(y_scale: float, y_zero_point: int, bias: int) -> Array:
        y = np.array(y_scale, np.float32), np.array(y_zero_point, np.uint8)
        return qlinear_conv(x, one, zero, w, one, zero, *y, np.array([bias], np.int32))

    # (x + 60) / 2 + 100: 130.5, 131, 131.5, 132.5, 230, 130
    np.testing.assert_array_equal(quantized(2, 100, 60), [[[130, 131, 132, 132, 230, 130]]])
    # (x - 120) * 2 + 100
    np.testing.assert_array_equal(quantized(0.5, 100, -120), [[[0, 0, 0, 0, 255, 0]]])


def test_windows_counts_only_those_that_start_before_the_right_padding() -> None:
    place = windows([4], [1], strides=[3], pads=[0, 3], ceil_mode=1)
    np.testing.assert_equal(place.output, (2,))


REFUSED = {
    "channels": ({"W": (2, 3, 2)}, r"with group 1, X \[1, 2, 4\] needs W of 2/1 channels"),
    "groups": ({"W": (3, 1, 2), "group": 2}, "a multiple of 2 features"),
    "rank": ({"W": (2, 2, 2, 2)}, "same number of dimensions, at least 3"),
    "kernel_shape": ({"W": (2, 2, 2), "kernel_shape": [3]}, r"kernel_shape \[3\] contradicts W"),
    "too large": ({"W": (2, 2, 5)}, r"a window of \[5\] cells does not fit an input of \[4\]"),
    "strides": ({"W": (2, 2, 2), "strides": [0]}, "strides must be 1 integers not below 1"),
    "pads": ({"W": (2, 2, 2), "pads": [1]}, "pads must be 2 integers not below 0"),
    "auto_pad": ({"W": (2, 2, 2), "auto_pad": "SAME"}, "auto_pad must be NOTSET, VALID, SAME_U"),
}


@pytest.mark.parametrize(("change", "message"), REFUSED.values(), ids=REFUSED)
def test_refuses(change: dict[str, Any], message: str) -> None:
    options = dict(change)
    W = np.zeros(options.pop("W"))
    with pytest.raises(ValueError, match=message):
        conv(np.zeros((1, 2, 4)), W, **options)


def test_conv_transpose_refuses_pads_that_leave_nothing() -> None:
    with pytest.raises(ValueError, match=r"pads .* leave \[0\] cells of \[5\]"):
        conv_transpose(np.zeros((1, 2, 4)), np.zeros((2, 1, 2)), pads=[2, 3])
