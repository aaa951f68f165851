"""Keras layers against what Keras itself gave; the CuDNN layout against its description."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from onnxwright.graphs.weights import GRUWeights, LSTMWeights, RNNWeights
from onnxwright.graphs.weights.arrays import Array

from .loops import both_ways, gru, lstm, rnn

ANSWERS: Any = json.loads(Path(__file__).with_name("keras_answers.json").read_text())
X = np.array([ANSWERS["x"]])

LAYERS: list[tuple[str, Any, Callable[..., Array]]] = [
    ("SimpleRNN", RNNWeights, rnn),
    ("LSTM", LSTMWeights, lstm),
    ("GRU reset_after=True", GRUWeights, gru),
    ("GRU reset_after=False", GRUWeights, gru),
    ("Bidirectional LSTM", LSTMWeights, lstm),
    ("Bidirectional GRU", GRUWeights, gru),
]


def arrays_of(name: str) -> list[Array]:
    return [np.array(array, np.float32) for array in ANSWERS[name]["arrays"]]


@pytest.mark.parametrize(("name", "container", "loop"), LAYERS)
def test_what_keras_gave(name: str, container: Any, loop: Callable[..., Array]) -> None:
    weights = container.from_keras(arrays_of(name))
    np.testing.assert_allclose(both_ways(loop, weights, X)[0], ANSWERS[name]["y"], atol=2e-6)


@pytest.mark.parametrize("name", ["GRU reset_after=True", "GRU reset_after=False"])
def test_the_other_reset_form_gives_something_else(name: str) -> None:
    weights = GRUWeights.from_keras(arrays_of(name))
    other = GRUWeights(
        weights.w, weights.r, weights.b, reset="before" if weights.reset == "after" else "after"
    )
    difference = np.abs(gru(other, X)[0] - ANSWERS[name]["y"]).max()
    np.testing.assert_array_less(1e-4, difference)


def to_cudnn(kernels: Array, gates: int) -> Array:
    """Return kernels as cuDNN keeps them: the memory of each gate's transpose, the shape as before.

    Keras 2.3.1 (engine/saving.py) computes it for each gate as ``kernel.T.reshape(kernel.shape)``.
    """
    blocks = np.hsplit(kernels, gates)
    return np.hstack([block.T.ravel().reshape(block.shape) for block in blocks])


def test_the_cudnn_lstm_is_the_same_layer() -> None:
    kernel, recurrent, bias = arrays_of("LSTM")
    halves = [0.25 * bias, 0.75 * bias]
    cudnn = [to_cudnn(kernel, 4), to_cudnn(recurrent, 4), np.concatenate(halves)]
    weights = LSTMWeights.from_keras(cudnn)
    np.testing.assert_allclose(lstm(weights, X)[0], ANSWERS["LSTM"]["y"], atol=2e-6)
    np.testing.assert_array_equal(weights.to_keras(cudnn=True)[0], cudnn[0], strict=True)


def test_the_cudnn_gru_is_the_same_layer_with_reset_after() -> None:
    kernel, recurrent, bias = arrays_of("GRU reset_after=True")
    weights = GRUWeights.from_keras([to_cudnn(kernel, 3), to_cudnn(recurrent, 3), bias.reshape(-1)])
    np.testing.assert_equal(weights.reset, "after")
    answer = ANSWERS["GRU reset_after=True"]["y"]
    np.testing.assert_allclose(gru(weights, X)[0], answer, atol=2e-6)


def test_to_cudnn_is_as_described() -> None:
    np.testing.assert_array_equal(to_cudnn(np.arange(6).reshape(2, 3), 1), [[0, 3, 1], [4, 2, 5]])
