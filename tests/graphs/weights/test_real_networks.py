"""Trained networks in the layouts that their makers chose, against what PyTorch gave.

The loops here are written from the equations in float64 and know no ONNX; a converter that takes a
wrong gate order, a wrong reset form or a lost bias cannot pass.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from onnxwright.bench.digits import data
from onnxwright.graphs.weights import (
    BatchNormWeights,
    ConvWeights,
    DenseWeights,
    GRUWeights,
    Layout,
    LSTMWeights,
    RNNWeights,
)
from onnxwright.graphs.weights.arrays import Array

from ..foreign import LENGTHS, Arrays, arrays_of, take
from .loops import (
    batch_norm,
    both_ways,
    conv1d,
    dense,
    gru,
    hard_sigmoid,
    lstm,
    relu,
    rnn,
    sigmoid,
    softmax,
)

KERAS_GRU = Layout("z r h", input_first=True)
DYNET = Layout("i f o g", forget_bias=1.0)


def rows() -> Array:
    return data.images().reshape(-1, 8, 8).astype(float)


def last(states: Array, directions: int) -> Array:
    """Return the last state of the forward direction beside the first of the backward one."""
    H = states.shape[-1] // directions
    return np.concatenate([states[:, -1, :H], states[:, 0, H:]], axis=-1)


CELLS: list[tuple[str, Any, Callable[..., Array], int]] = [
    ("rnn_tanh", RNNWeights, rnn, 1),
    ("rnn_relu", RNNWeights, lambda w, x: rnn(w, x, relu), 1),
    ("birnn_tanh", RNNWeights, rnn, 2),
    ("gru", GRUWeights, gru, 1),
    ("bigru2", GRUWeights, gru, 2),
    ("lstm", LSTMWeights, lstm, 1),
    ("lstm3", LSTMWeights, lstm, 3),
    ("bilstm2", LSTMWeights, lstm, 2),
]


@pytest.mark.parametrize(("name", "container", "cell", "layers"), CELLS)
def test_digits_recurrent(
    name: str, container: Any, cell: Callable[..., Array], layers: int
) -> None:
    net, y = data.weights(name), rows()
    for layer in range(layers):
        weights = container.from_torch(net, "rnn.", layer)
        y = both_ways(cell, weights, y)
    logits = dense(DenseWeights.from_torch(net, "fc."), last(y, weights.directions))
    np.testing.assert_allclose(logits, data.logits(name), atol=1e-4)


@pytest.mark.parametrize(("name", "layers"), [("peephole", 1), ("peephole2", 2)])
def test_digits_peephole(name: str, layers: int) -> None:
    net, y = data.weights(name), rows()
    for layer in range(layers):
        w, r, b, p = (net[f"rnn.{layer}.{array}"] for array in "WRbP")
        y = lstm(LSTMWeights.from_layout("i o f c", w, r, b, p=p), y)
    logits = dense(DenseWeights.from_torch(net, "fc."), y[:, -1])
    np.testing.assert_allclose(logits, data.logits(name), atol=1e-4)


def test_digits_mlp() -> None:
    net, y = data.weights("mlp"), data.images().astype(float)
    for place in (0, 2, 4):
        y = dense(DenseWeights.from_torch(net, f"{place}."), y if place == 0 else relu(y))
    np.testing.assert_allclose(y, data.logits("mlp"), atol=1e-4)


def head(net: Arrays, prefix: str, x: Array) -> Array:
    return dense(DenseWeights.from_keras(take(net, prefix, "W", "b")), x)


def relu_gru(net: Arrays, prefix: str, *x: Array) -> Array:
    cell = GRUWeights.from_layout(KERAS_GRU, *take(net, prefix), reset="before")
    return gru(cell, np.concatenate(x, axis=-1), g=relu)


def embed(net: Arrays) -> Array:
    return np.asarray(net["vectors"].astype(float)[net["in.x"]])


def test_words() -> None:
    net = arrays_of("words")
    ways = (LSTMWeights.from_layout(DYNET, *take(net, f"{way}_")) for way in ("forth", "back"))
    layer, e = LSTMWeights.bidirectional(*ways), embed(net)
    for i, n in enumerate(LENGTHS):
        y = head(net, "head_", both_ways(lstm, layer, e[i : i + 1, :n]))
        np.testing.assert_allclose(y[0], net["out.y"][i, :n], atol=1e-9)


def test_voice() -> None:
    net = arrays_of("voice")
    cell = GRUWeights.from_layout(KERAS_GRU, *take(net, "gru_"), reset="before")
    states = gru(cell, np.tanh(head(net, "first_", net["in.x"].astype(float))))
    np.testing.assert_allclose(sigmoid(head(net, "head_", states)), net["out.p"], atol=1e-9)


def test_denoise() -> None:
    net = arrays_of("denoise")
    x = net["in.x"].astype(float)
    d = np.tanh(head(net, "first_", x))
    vad = relu_gru(net, "vad_", d)
    noise = relu_gru(net, "noise_", d, vad, x)
    gains = sigmoid(head(net, "gains_", relu_gru(net, "denoise_", vad, noise, x)))
    np.testing.assert_allclose(gains, net["out.gains"], atol=1e-9)
    np.testing.assert_allclose(sigmoid(head(net, "voice_", vad)), net["out.vad"], atol=1e-9)


def test_passage() -> None:
    net = arrays_of("passage")
    cell = GRUWeights.from_keras(take(net, "gru_"))
    np.testing.assert_equal(cell.reset, "before")
    E = gru(cell, embed(net), f=hard_sigmoid)[:, -1]
    y = relu(head(net, "head_", E))
    np.testing.assert_allclose(E, net["out.E"], atol=1e-9)
    np.testing.assert_allclose(y / y.sum(-1, keepdims=True), net["out.Y"], atol=1e-9)


def test_letters() -> None:
    net = arrays_of("letters")
    first, second = (LSTMWeights.from_keras(take(net, f"lstm{k}_")) for k in (1, 2))
    e = embed(net)
    h = lstm(first, e)
    seen = np.concatenate([e, h, lstm(second, h)], axis=-1)
    attention = softmax((seen @ net["attention"].astype(float))[..., 0])
    pooled = (attention[..., None] * seen).sum(1)
    np.testing.assert_allclose(softmax(head(net, "head_", pooled)), net["out.Y"], atol=1e-9)


def test_pitch() -> None:
    net = arrays_of("pitch")
    y = net["in.x"][:3].astype(float)[:, None, :]
    for k in range(1, 7):
        conv = ConvWeights.from_torch(net, f"conv{k}_")
        norm = BatchNormWeights.from_torch(net, f"conv{k}_BN_", epsilon=1e-3)
        pads, stride = ((254, 254), 4) if k == 1 else ((31, 32), 1)
        y = relu(conv1d(conv, np.pad(y, ((0, 0), (0, 0), pads)), stride))
        y = batch_norm(norm, y)
        y = y.reshape(*y.shape[:2], -1, 2).max(-1)
    flat = y.transpose(0, 2, 1).reshape(len(y), -1)
    logits = dense(DenseWeights.from_torch(net, "head_"), flat)
    np.testing.assert_allclose(sigmoid(logits), net["out.y"][:3], atol=1e-6)
