"""Convolutions of bytes in float32 against integer arithmetic, and their rounded outputs."""

import itertools
from typing import Any

import numpy as np
import pytest

from onnxwright.runtime.interpreter.kernels.convolution.exact import exact_filter
from onnxwright.runtime.interpreter.kernels.linear.exact import EXACT

from .byte_cases import KINDS, RANDOM, numbers, run
from .node_case import Array, Case

WEIGHTS = ("w", "w_zero_point")
QUANTIZED = ("w", "w_scale", "w_zero_point", "y_scale", "y_zero_point", "B")


def convolved(x: Array, w: Array, stride: int, pad: int, group: int) -> Array:
    """Sum window by window in int64; x and w are less their zero points."""
    padded = np.pad(x, [(0, 0), (0, 0), (pad, pad), (pad, pad)])
    height, width = w.shape[2:]
    rows = range(0, padded.shape[2] - height + 1, stride)
    columns = range(0, padded.shape[3] - width + 1, stride)
    blocks = np.split(padded, group, axis=1)
    y = np.zeros((len(x), len(w), len(rows), len(columns)), np.int64)
    for (i, row), (j, column) in itertools.product(enumerate(rows), enumerate(columns)):
        for part, (some, filters) in enumerate(zip(blocks, np.split(w, group), strict=True)):
            window = some[:, :, row : row + height, column : column + width]
            features = slice(part * len(filters), (part + 1) * len(filters))
            y[:, features, i, j] = np.tensordot(window, filters, ([1, 2, 3], [1, 2, 3]))
    return y


@pytest.mark.parametrize(("a", "b"), KINDS)
@pytest.mark.parametrize("channels", [1, 6, 70])
@pytest.mark.parametrize(("kernel", "stride", "pad"), [(1, 1, 0), (3, 1, 1), (3, 2, 0)])
@pytest.mark.parametrize("zeros", ["none", "far", "vector"])
@pytest.mark.parametrize("features", [4, 16])
def test_conv_integer(
    a: Any, b: Any, channels: int, kernel: int, stride: int, pad: int, zeros: str, features: int
) -> None:
    x, w = (
        numbers(a, 2, channels, 6, 5, ends=True),
        numbers(b, features, channels, kernel, kernel, ends=True),
    )
    points: list[Array] = []
    if zeros != "none":
        far = np.array(127, b) if zeros == "far" else numbers(b, features, ends=False)
        points = [np.array(np.iinfo(a).max if a == np.int8 else 0, a), far]
    given = {"strides": [stride] * 2, "pads": [pad] * 4}
    y = run(Case("ConvInteger", 10, given, [x, w, *points]), WEIGHTS[: 1 + bool(points)])
    x_zero, w_zero = (
        (p.astype("i8") for p in points) if points else (np.int64(0), np.zeros(1, "i8"))
    )
    wide = w.astype("i8") - w_zero.reshape(-1, 1, 1, 1)
    np.testing.assert_array_equal(y, convolved(x.astype("i8") - x_zero, wide, stride, pad, 1))
    assert y.dtype == np.int32


@pytest.mark.parametrize(("group", "channels", "features"), [(2, 6, 12), (6, 6, 12), (16, 16, 16)])
@pytest.mark.parametrize("stride", [1, 2])
def test_groups(group: int, channels: int, features: int, stride: int) -> None:
    x = numbers(np.uint8, 2, channels, 5, 5, ends=True)
    w = numbers(np.int8, features, channels // group, 3, 3, ends=True)
    given = {"group": group, "strides": [stride, stride]}
    y = run(Case("ConvInteger", 10, given, [x, w, np.array(9, np.uint8)]), WEIGHTS[:1])
    wide = x.astype("i8") - 9
    np.testing.assert_array_equal(y, convolved(wide, w.astype("i8"), stride, 0, group))


@pytest.mark.parametrize("shape", [(2, 2, 17, 17), (4, 150, 3, 3)])
def test_windows_that_one_span_cannot_hold(shape: tuple[int, ...]) -> None:
    x, w = (
        np.full((1, 2 * shape[1] if shape[0] == 4 else 2, 17, 17), 255, np.uint8),
        np.full(shape, -128, np.int8),
    )
    group = x.shape[1] // shape[1]
    y = run(Case("ConvInteger", 10, {"group": group}, [x, w]), WEIGHTS[:1])
    np.testing.assert_array_equal(y, convolved(x.astype("i8"), w.astype("i8"), 1, 0, group))


@pytest.mark.parametrize(("a", "b"), KINDS)
@pytest.mark.parametrize("channels", [3, 70])
@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("per_feature", [True, False])
@pytest.mark.parametrize("features", [4, 16])
def test_qlinear_conv_gives_the_bits_of_the_reference(
    a: Any, b: Any, channels: int, bias: bool, per_feature: bool, features: int
) -> None:
    x, w = (
        numbers(a, 2, channels, 5, 5, ends=False),
        numbers(b, features, channels, 3, 3, ends=True),
    )
    scale = RANDOM.random(features if per_feature else 1).astype(np.float32) * np.float32(0.01)
    zero = numbers(b, features if per_feature else 1, ends=False)
    inputs: list[Array | None] = [
        x,
        np.array(0.013, np.float32),
        np.array(7, a),
        w,
        scale if per_feature else scale.reshape(()),
        zero if per_feature else zero.reshape(()),
        np.array(0.7, np.float32),
        np.array(5, a),
    ]
    if bias:
        inputs.append(RANDOM.integers(-(2**25), 2**25, features).astype(np.int32))
    case = Case("QLinearConv", 10, {"pads": [1, 1, 1, 1]}, inputs)
    names = QUANTIZED[: 5 + bias]
    # The plain kernel, with the weights given at every run, is the simple version.
    np.testing.assert_array_equal(run(case, names), run(case, ()))


def test_weights_are_measured() -> None:
    case = Case("ConvInteger", 10, {}, [])
    small = exact_filter(case.node, np.ones((2, 500, 3, 3), np.int8), None)
    large = exact_filter(case.node, np.full((2, 500, 3, 3), -128, np.int8), np.array(127, np.int8))
    assert small is not None
    assert large is not None
    assert [channels for channels, _ in small.parts] == [slice(0, 500)]
    spans = [channels for channels, _ in large.parts]
    assert max(9 * 255**2 * (s.stop - s.start) for s in spans) <= EXACT
    assert [s.start for s in spans[1:]] == [s.stop for s in spans[:-1]]


def test_weights_that_the_limit_does_not_allow_stay_bytes() -> None:
    x, w = numbers(np.uint8, 1, 512, 1, 1, ends=True), numbers(np.int8, 1024, 512, 1, 1, ends=True)
    case = Case("ConvInteger", 10, {}, [x, w])
    for limit in ("5M", "64M"):  # a quarter is for what is kept: 1.25 MiB of the 2 MiB needed
        y = run(case, WEIGHTS[:1], memory_limit=limit)
        np.testing.assert_array_equal(y, convolved(x.astype("i8"), w.astype("i8"), 1, 0, 1))
