"""NaN and infinity in weights are told, with the array's name; finite ones are not."""

from collections.abc import Callable

import numpy as np
import pytest

from onnxwright.graphs import DenseWeights, LSTMWeights, Network
from onnxwright.graphs.errors import NonFiniteWarning, WeightError


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("dtype", ["float32", "float16", "bfloat16", "float64"])
def test_an_array_that_is_not_finite_is_named(bad: float, dtype: str) -> None:
    net = Network("net", dtype=dtype)
    w = np.full((2, 3), 1, np.float32)
    w[1, 2] = bad
    with pytest.warns(NonFiniteWarning, match="^'head.W' holds 1 of 6 numbers that are NaN"):
        net.dense(net.input("x", "batch 3"), DenseWeights(w), name="head")


@pytest.mark.parametrize("lowering", ["op", "scan", "unrolled"])
def test_every_form_of_a_recurrent_layer_tells(lowering: str) -> None:
    net = Network("net")
    w, r = np.ones((1, 8, 3), np.float32), np.full((1, 8, 2), np.nan, np.float32)
    with pytest.warns(NonFiniteWarning, match="encoder.R' holds 16 of 16"):
        net.lstm(net.input("x", "1 2 3"), LSTMWeights(w, r), lowering=lowering, name="encoder")  # type: ignore[arg-type]


MASKED = np.ma.masked_array(np.ones((4, 3), np.float32), mask=np.eye(4, 3, dtype=bool))
TAKING: dict[str, Callable[[Network], object]] = {
    "a container": lambda net: DenseWeights(MASKED),
    "a constant beside a value": lambda net: net.add(net.input("x", "4 3"), MASKED),
    "an operator's input": lambda net: net.op("Add", net.input("x", "4 3"), MASKED),
    "a scale": lambda net: net.layer_norm(net.input("x", "3 4"), MASKED[:, 0]),
    "a table": lambda net: net.embedding(net.input("ids", "n", dtype="int64"), MASKED),
}


@pytest.mark.parametrize("what", TAKING)
def test_numbers_that_a_mask_hides_are_not_built_with(what: str) -> None:
    problem = (
        r"masked array hides \d of its \d+ numbers(.|\n)*array.filled\(0.0\)|no array .*masked"
    )
    with pytest.raises(WeightError, match=problem):
        TAKING[what](Network("net"))
