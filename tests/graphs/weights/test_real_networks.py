"""Trained networks in the layouts that their makers chose, against what their own runtimes gave.

The loops here are written from the equations in float64 and know no ONNX; a converter that takes a
wrong gate order, a wrong reset form or a lost bias cannot pass.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

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

MODELS = Path(__file__).parents[3].parent / "shared" / "models"
pytestmark = pytest.mark.skipif(
    not MODELS.is_dir(), reason=f"the recorded networks are not there: no folder {MODELS.name}/"
)


def arrays_of(name: str) -> dict[str, Array]:
    with np.load(MODELS / f"{name}.npz") as archive:
        return {key: archive[key] for key in archive}


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
    net = arrays_of(f"digits/digits_{name}")
    y = arrays_of("digits/digits_test")["x"].reshape(-1, 8, 8).astype(float)
    for layer in range(layers):
        weights = container.from_torch(net, "r_", layer)
        y = both_ways(cell, weights, y)
    logits = dense(DenseWeights.from_torch(net, "fc_"), last(y, weights.directions))
    np.testing.assert_allclose(logits, net["logits"], atol=1e-4)


@pytest.mark.parametrize(("name", "layers"), [("peephole", 1), ("peephole2", 2)])
def test_digits_peephole(name: str, layers: int) -> None:
    net = arrays_of(f"digits/digits_{name}")
    y = arrays_of("digits/digits_test")["x"].reshape(-1, 8, 8).astype(float)
    for layer in range(layers):
        w, r, b, p = (net[f"r_{layer}_{array}"] for array in "WRbP")
        y = lstm(LSTMWeights.from_layout("i o f c", w, r, b, p=p), y)
    logits = dense(DenseWeights.from_torch(net, "fc_"), y[:, -1])
    np.testing.assert_allclose(logits, net["logits"], atol=1e-4)


def test_digits_mlp() -> None:
    net = arrays_of("digits/digits_mlp")
    y = arrays_of("digits/digits_test")["x"].astype(float)
    for place in (0, 2, 4):
        y = dense(DenseWeights.from_torch(net, f"{place}_"), y if place == 0 else relu(y))
    np.testing.assert_allclose(y, net["logits"], atol=1e-4)


def test_nagisa() -> None:
    net = arrays_of("nagisa_bilstm")
    dynet = Layout("i f o g", forget_bias=1.0)
    for part in ("ws", "pos"):
        layer = LSTMWeights.bidirectional(
            *(
                LSTMWeights.from_layout(
                    dynet, *(net[f"{part}_{way}_{a}"] for a in ("Wx", "Wh", "b"))
                )
                for way in "fb"
            )
        )
        head = DenseWeights(net[f"w_{part}"], net[f"b_{part}"])
        for sentence in range(16):
            states = both_ways(lstm, layer, net[f"x_{part}_{sentence}"][None].astype(float))
            np.testing.assert_allclose(
                dense(head, states)[0], net[f"y_{part}_{sentence}"], atol=1e-4
            )


def test_opus() -> None:
    net = arrays_of("opus_mlp")
    first, head = (
        DenseWeights.from_keras([net[f"layer{k}_W"], net[f"layer{k}_b"]]) for k in (0, 2)
    )
    layout = Layout("z r h", input_first=True)
    cell = GRUWeights.from_layout(layout, net["gru_W"], net["gru_R"], net["gru_b"], reset="before")
    states = gru(cell, np.tanh(dense(first, net["x"].astype(float)))[None])
    np.testing.assert_allclose(sigmoid(dense(head, states[0])), net["p_f64"], atol=1e-5)


def test_rnnoise() -> None:
    net = arrays_of("rnnoise_v011")
    x = net["x"].astype(float)[None]

    def cell(name: str, y: Array) -> Array:
        arrays = (net[f"{name}_gru_{a}"] for a in ("weights", "recurrent_weights", "bias"))
        layout = Layout("z r h", input_first=True)
        return gru(GRUWeights.from_layout(layout, *arrays, reset="before"), y, g=relu)

    def head(name: str, y: Array) -> Array:
        arrays = [net[f"{name}_weights"], net[f"{name}_bias"]]
        return dense(DenseWeights.from_keras(arrays), y)

    d = np.tanh(head("input_dense", x))
    vad = cell("vad", d)
    noise = cell("noise", np.concatenate([d, vad, x], axis=-1))
    denoise = cell("denoise", np.concatenate([vad, noise, x], axis=-1))
    gains, voice = sigmoid(head("denoise_output", denoise)), sigmoid(head("vad_output", vad))
    np.testing.assert_allclose(gains[0], net["gains_f64"], atol=1e-5)
    np.testing.assert_allclose(voice[0, :, 0], net["vad_f64"], atol=1e-5)


def test_reactionrnn() -> None:
    net = arrays_of("reactionrnn")
    cell = GRUWeights.from_keras([net["rnn_a"], net["rnn_b"], net["rnn_c"]])
    np.testing.assert_equal(cell.reset, "before")
    E = gru(cell, net["embedding_a"].astype(float)[net["X"]], f=hard_sigmoid)[:, -1]
    y = relu(dense(DenseWeights.from_keras([net["output_a"], net["output_b"]]), E))
    np.testing.assert_allclose(E, net["E"], atol=1e-4)
    np.testing.assert_allclose(y / y.sum(-1, keepdims=True), net["Y"], atol=1e-4)


def test_textgenrnn() -> None:
    net = arrays_of("textgenrnn")
    layers = [
        LSTMWeights.from_keras(
            [net[f"rnn_{k}_{a}"] for a in ("kernel", "recurrent_kernel", "bias")]
        )
        for k in (1, 2)
    ]
    e = net["embedding_embeddings"].astype(float)[net["X"]]
    h1 = lstm(layers[0], e)
    seen = np.concatenate([e, h1, lstm(layers[1], h1)], axis=-1)
    attention = softmax((seen @ net["attention_attention_W"].astype(float))[..., 0])
    pooled = (attention[..., None] * seen).sum(1)
    y = softmax(dense(DenseWeights.from_keras([net["output_kernel"], net["output_bias"]]), pooled))
    np.testing.assert_allclose(y, net["Y"], atol=1e-4)


def test_cld3() -> None:
    net = arrays_of("cld3_fc")
    first, second = (DenseWeights.from_keras([net[f"W{k}"], net[f"b{k}"]]) for k in (1, 2))
    logits = dense(second, relu(dense(first, net["x"].astype(float))))
    np.testing.assert_allclose(logits, net["logits_cpp"], atol=1e-4)


def test_crepe() -> None:
    net = arrays_of("crepe_tiny")
    y = net["x"][:3].astype(float)[:, None, :]
    for k in range(1, 7):
        conv = ConvWeights.from_torch(net, f"conv{k}_")
        norm = BatchNormWeights.from_torch(net, f"conv{k}_BN_", epsilon=1e-3)
        pads, stride = ((254, 254), 4) if k == 1 else ((31, 32), 1)
        y = relu(conv1d(conv, np.pad(y, ((0, 0), (0, 0), pads)), stride))
        y = batch_norm(norm, y)
        y = y.reshape(*y.shape[:2], -1, 2).max(-1)
    flat = y.transpose(0, 2, 1).reshape(len(y), -1)
    head = DenseWeights.from_torch(net, "classifier_")
    np.testing.assert_allclose(sigmoid(dense(head, flat)), net["y"][:3], atol=1e-4)
