"""Products cut into parts, whatever this machine's BLAS likes, against float64."""

from itertools import product

import numpy as np
import pytest

from onnxwright.runtime.interpreter.kernels.linear import blas

RANDOM = np.random.default_rng(4)
SIZES = [1, 2, 5, 16, 33, 64, 65]


@pytest.fixture(params=[False, True], ids=["whole", "cut"])
def cut(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(blas, "cuts", lambda: request.param)
    monkeypatch.setattr(blas, "UNPACKED", 1500)
    monkeypatch.setattr(blas, "ROWS", (3, 7))
    monkeypatch.setattr(blas, "WIDE", 16)
    monkeypatch.setattr(blas, "FEW", (4, 40))


@pytest.mark.usefixtures("cut")
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_the_parts_make_the_whole(dtype: str) -> None:
    for count, inner, columns in product(SIZES, [1, 7, 24], [1, 15, 16, 40]):
        rows = RANDOM.standard_normal((count, inner)).astype(dtype)
        weights = RANDOM.standard_normal((columns, inner)).astype(dtype)
        wanted = rows.astype("f8") @ weights.astype("f8").T
        out = np.empty((count, columns), dtype)
        blas.multiply(rows, np.ascontiguousarray(weights.T), out)
        turned = blas.by_transposed(rows, weights)
        assert turned.dtype == np.dtype(dtype)
        plain = blas.multiplied(rows, np.ascontiguousarray(weights.T))
        across = blas.multiplied(rows, weights.T)
        for got in (out, turned, plain, across):
            np.testing.assert_allclose(got, wanted, rtol=1e-4, atol=1e-4)


@pytest.mark.usefixtures("cut")
def test_matrices_that_do_not_fit_are_refused() -> None:
    with pytest.raises(ValueError, match="mismatch"):
        blas.by_transposed(np.ones((20, 8), "float32"), np.ones((32, 16), "float32"))


def test_the_kernels_are_asked_for_once() -> None:
    assert blas.cuts() is blas.cuts()


def test_a_blas_that_says_nothing_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ctypes.CDLL", lambda path: object())
    assert blas.cuts.__wrapped__() is False
