"""Activations that do otherwise below 0, against picking by a condition: every kind of number."""

import numpy as np
import pytest

from onnxwright.runtime.interpreter.kernels.elementwise import activation

from .node_case import Array

ODD = [np.nan, np.inf, -np.inf, 0.0, -0.0, 1e-45, -1e-45, 88.0, -88.0, 3e38, -3e38]


def numbers(dtype: str) -> tuple[Array, Array]:
    """Return numbers of `dtype`, and the same as they are computed in."""
    x = np.concatenate([10 * np.random.default_rng(0).standard_normal(500), ODD])
    with np.errstate(over="ignore"):
        narrow = x.astype(dtype)
    return narrow, narrow.astype("f4") if dtype == "f2" else narrow


@pytest.mark.parametrize("dtype", ["f2", "f4", "f8"])
@pytest.mark.parametrize("alpha", [0.01, 0.3, 0.9999999, 1.0, 1.0000001, 2.0, 0.0, -1.0])
@np.errstate(all="ignore")
def test_one_factor(alpha: float, dtype: str) -> None:
    x, wide = numbers(dtype)
    leaky = np.where(wide < 0, wide * alpha, wide).astype(dtype)
    np.testing.assert_array_equal(activation.leaky_relu(x, alpha=alpha), leaky)
    low = np.expm1(np.minimum(wide, 0))
    exponential = np.where(wide > 0, wide, alpha * low).astype(dtype)
    np.testing.assert_array_equal(activation.elu(x, alpha=alpha), exponential)
    scaled = (0.7 * np.where(wide > 0, wide, alpha * low)).astype(dtype)
    np.testing.assert_array_equal(activation.selu(x, alpha=alpha, gamma=0.7), scaled)


@pytest.mark.parametrize("dtype", ["f2", "f4", "f8"])
@pytest.mark.parametrize("slope", [[0.25], [-1.5], [np.inf], [np.nan], [0.0], None], ids=str)
@np.errstate(all="ignore")
def test_slopes(slope: list[float] | None, dtype: str) -> None:
    x, wide = numbers(dtype)
    factors = x[::-1] if slope is None else np.array(slope, dtype)
    wanted = np.where(wide < 0, wide * factors.astype(wide.dtype), wide).astype(dtype)
    np.testing.assert_array_equal(activation.parametric_relu(x, factors), wanted)


def test_single_numbers_and_integers() -> None:
    np.testing.assert_array_equal(activation.leaky_relu(np.array(-2.0), alpha=0.5), -1)
    np.testing.assert_array_equal(activation.elu(np.array(2.0)), 2)
    x, slope = np.array([-3, 0, 5], "i4"), np.array([2], "i4")
    np.testing.assert_array_equal(activation.parametric_relu(x, slope), [-6, 0, 5])
