"""Dims as other makers write them: -1 and ? are unknown, each for itself, on every runtime."""

import numpy as np
import pytest

from onnxwright.runtime import load

from ..foreign_models import classifier

X = np.random.default_rng(1).normal(size=(2, 3, 20, 30)).astype("float32")


@pytest.mark.parametrize("on", ["numpy", "numpy:float64", "cpu"])
def test_unknown_dims_take_any_size(on: str) -> None:
    if on == "cpu":
        pytest.importorskip("onnxruntime")
    runner = load(classifier(), on=on)
    np.testing.assert_equal(runner.inputs[0].shape, (None, 3, None, None))
    np.testing.assert_equal(runner.run({"x": X})["y"].shape, (2, 2))
