"""What the grid leaves out of pooling: dtypes, global pooling, MaxUnpool, edges and errors."""

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from onnxwright.runtime.interpreter.kernels.pooling.average import average_pool, lp_pool
from onnxwright.runtime.interpreter.kernels.pooling.maximum import max_pool, max_unpool
from onnxwright.runtime.interpreter.kernels.pooling.overall import (
    global_average_pool,
    global_lp_pool,
    global_max_pool,
)

from .node_case import Case, plain
from .windows_oracle import pool_oracle

Array = NDArray[Any]
RNG = np.random.default_rng(2)


@pytest.mark.parametrize("dtype", ["int8", "uint8"])
def test_max_pool_takes_integers(dtype: str) -> None:
    x = RNG.integers(np.iinfo(dtype).min, np.iinfo(dtype).max + 1, (2, 3, 7, 5)).astype(dtype)
    options: dict[str, Any] = {"kernel_shape": [3, 2], "pads": [1, 1, 1, 1], "strides": [2, 1]}
    got, wanted = max_pool(x, **options), max_pool(x.astype("float64"), **options)
    assert isinstance(got, np.ndarray)
    assert got.dtype == np.dtype(dtype)
    np.testing.assert_array_equal(got, wanted)


def test_max_pool_gives_no_indices_unasked() -> None:
    assert isinstance(max_pool(np.zeros((1, 1, 4)), kernel_shape=[2]), np.ndarray)


@pytest.mark.parametrize("pool", [average_pool, lp_pool])
def test_float16_is_summed_in_float32(pool: Any) -> None:
    x = np.full((1, 1, 3000), 60, "float16")  # the sum, 180,000, overflows float16
    np.testing.assert_allclose(
        pool(x, kernel_shape=[3000]), pool(x.astype("float64"), kernel_shape=[3000]), rtol=1e-3
    )


def test_a_maximum_keeps_nan() -> None:
    x = np.array([[[1, np.nan, 2, 3]]])
    np.testing.assert_array_equal(max_pool(x, kernel_shape=[2]), [[[np.nan, np.nan, 3]]])


def test_pooling_by_one_cell_gives_a_new_array() -> None:
    x = np.ones((1, 1, 3))
    assert not np.shares_memory(max_pool(x, kernel_shape=[1]), x)
    assert not np.shares_memory(average_pool(x, kernel_shape=[1]), x)


@pytest.mark.parametrize("spatial", [(5,), (3, 4), (2, 3, 2)])
def test_global_pooling_reduces_every_spatial_axis(spatial: tuple[int, ...]) -> None:
    x = RNG.standard_normal((2, 3, *spatial))
    flat = x.reshape(2, 3, -1)
    shape = (2, 3, *[1] * len(spatial))
    norm = (abs(flat) ** 3).sum(-1) ** (1 / 3)
    np.testing.assert_allclose(global_average_pool(x), flat.mean(-1).reshape(shape), rtol=1e-14)
    np.testing.assert_array_equal(global_max_pool(x), flat.max(-1).reshape(shape))
    np.testing.assert_allclose(global_lp_pool(x, p=3), norm.reshape(shape), rtol=1e-14)


@pytest.mark.parametrize("kernel", [[2], [2, 3], [2, 2, 2]])
def test_max_unpool_undoes_max_pool(kernel: list[int]) -> None:
    spatial = [k * 3 for k in kernel]
    x = RNG.permutation(2 * 2 * int(np.prod(spatial))).reshape(2, 2, *spatial) + 1.0
    options = {"kernel_shape": kernel, "strides": kernel}
    values, indices = plain(Case("MaxPool", 22, options, [x]))
    restored = max_unpool(values, indices, kernel_shape=kernel, strides=kernel)
    np.testing.assert_array_equal(restored, np.where(np.isin(x, values), x, 0))


def test_max_unpool_appends_zeros_up_to_a_greater_shape() -> None:
    values, indices = np.array([[[5.0, 6.0]]]), np.array([[[1, 2]]])
    shape = np.array([1, 1, 6])
    got = max_unpool(values, indices, shape, kernel_shape=[2], strides=[2])
    np.testing.assert_array_equal(got, [[[0, 5, 6, 0, 0, 0]]])


@pytest.mark.parametrize(
    ("indices", "shape", "message"),
    [
        ([[[1, 4]]], None, r"indices must lie in 0\.\.3, got 1\.\.4"),
        ([[[-1, 2]]], None, r"indices must lie in 0\.\.3, got -1\.\.2"),
        ([[[1, 2]]], [1, 1, 3], r"output_shape must not be below \[1, 1, 4\], got \[1, 1, 3\]"),
    ],
)
def test_max_unpool_refuses(indices: Any, shape: Any, message: str) -> None:
    given = None if shape is None else np.array(shape)
    with pytest.raises(ValueError, match=message):
        max_unpool(np.ones((1, 1, 2)), np.array(indices), given, kernel_shape=[2], strides=[2])


@pytest.mark.parametrize("kernel", [5, 6, 7, 8, 9, 13])
@pytest.mark.parametrize("dilation", [1, 2])
def test_wide_windows_are_combined_by_doubling(kernel: int, dilation: int) -> None:
    x = RNG.standard_normal((2, 2, 26, 27))
    options = {"kernel_shape": [kernel, kernel], "strides": [2, 3], "ceil_mode": 1}
    options |= {"dilations": [dilation, dilation], "pads": [4, 1, 0, 2]}
    for op in ("MaxPool", "AveragePool"):
        for got, wanted in zip(
            plain(Case(op, 22, options, [x])), pool_oracle(op, x, options), strict=True
        ):
            np.testing.assert_allclose(got, wanted, rtol=1e-12, atol=1e-12)


def test_a_window_of_a_million_cells_takes_no_million_steps() -> None:
    x = np.arange(3.0).reshape(1, 1, 3)
    options: dict[str, Any] = {"kernel_shape": [2**20], "pads": [2**20 - 1, 2**20 - 1]}
    y = average_pool(x, **options)
    np.testing.assert_allclose(y[0, 0, [0, 1, 2, -1]], [0, 0.5, 1, 2])
    np.testing.assert_array_equal(max_pool(x, **options)[0][0, [0, -1]], [0, 2])


def test_indices_of_huge_windows_are_refused() -> None:
    x = np.zeros((1, 1, 2**20 + 1))
    with pytest.raises(ValueError, match="indices need windows of at most 1048576 cells"):
        plain(Case("MaxPool", 22, {"kernel_shape": [2**20 + 1]}, [x]))
