"""Kernels give the same values whether the channels lie side by side in memory or in planes."""

from typing import Any

import numpy as np
import pytest

from onnxwright.runtime.interpreter.kernels.convolution.channels_last import first, in_runs, last
from onnxwright.runtime.interpreter.registry import find

from .node_case import Array, Case, plain
from .windows_cases import windowing

CASES = 40
RANDOM = np.random.default_rng(8)
SHAPES = [(2, 9, 5), (1, 12, 6, 5), (2, 8, 3, 4, 5)]
RESIZES: list[dict[str, Any]] = [
    {"mode": "nearest", "coordinate_transformation_mode": "asymmetric", "nearest_mode": "floor"},
    {"mode": "nearest"},
    {"mode": "linear"},
    {"mode": "linear", "coordinate_transformation_mode": "align_corners"},
    {"mode": "cubic", "exclude_outside": 1},
]


def turned(x: Array) -> Array:
    """Return the same array with its channels side by side."""
    y = first(np.ascontiguousarray(last(x)))
    assert in_runs(y) or y.flags.c_contiguous
    return y


@pytest.mark.parametrize("op", ["MaxPool", "AveragePool", "LpPool"])
@pytest.mark.parametrize("wide", [False, True], ids=["small windows", "large windows"])
def test_pooling(op: str, wide: bool) -> None:
    rng = np.random.default_rng(1)
    for _ in range(CASES):
        rank = int(rng.integers(1, 4))
        options, kernel, spatial = windowing(rng, rank, ceil=True, dilated=True)
        if wide:
            kernel = [k + 4 for k in kernel]
            spatial = [n + 12 for n in spatial]
            options.pop("pads", None)
        x = rng.standard_normal((2, 10, *spatial)).astype(np.float32)
        options["kernel_shape"] = kernel
        wanted = plain(Case(op, 22, options, [x]))[0]
        got = plain(Case(op, 22, options, [turned(x)]))[0]
        np.testing.assert_allclose(got, wanted, rtol=1e-5, atol=1e-6, err_msg=str(options))


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("op", ["GlobalAveragePool", "GlobalMaxPool", "GlobalLpPool"])
def test_pooling_of_everything(op: str, shape: tuple[int, ...]) -> None:
    x = RANDOM.standard_normal(shape).astype(np.float32)
    wanted, got = (plain(Case(op, 22, {}, [each]))[0] for each in (x, turned(x)))
    assert got.shape == wanted.shape
    np.testing.assert_allclose(got, wanted, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("options", RESIZES, ids=str)
def test_resizing(options: dict[str, Any], shape: tuple[int, ...]) -> None:
    x = RANDOM.standard_normal(shape).astype(np.float32)
    resize = find("", "Resize", 19)
    assert resize is not None
    for scale in (2.0, 0.5, 1.7):
        scales = np.array([1, 1, *[scale] * (len(shape) - 2)], np.float32)
        wanted, got = (resize(each, None, scales, **options) for each in (x, turned(x)))
        assert in_runs(got) or got.flags.c_contiguous
        np.testing.assert_allclose(got, wanted, rtol=1e-5, atol=1e-6)


def test_resizing_the_channels_too() -> None:
    x = RANDOM.standard_normal((1, 8, 4, 3)).astype(np.float32)
    resize = find("", "Resize", 19)
    assert resize is not None
    sizes = np.array([2, 12, 6, 5])
    wanted, got = (resize(each, None, None, sizes, mode="linear") for each in (x, turned(x)))
    np.testing.assert_allclose(got, wanted, rtol=1e-5, atol=1e-6)
