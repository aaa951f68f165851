"""Seven networks that others trained, rebuilt from their arrays, against their own answers.

The weights are other people's and are read from a folder beside the repository where it is there.
"""

from collections.abc import Callable, Mapping
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from numpy.typing import NDArray

from onnxwright import runtime
from onnxwright.graphs import (
    BatchNormWeights,
    ConvWeights,
    DenseWeights,
    GRUWeights,
    LSTMWeights,
    Network,
)
from onnxwright.graphs.values import Value
from onnxwright.graphs.weights import Layout

Arrays = Mapping[str, NDArray[Any]]
MODELS = Path(__file__).parents[2].parent / "shared" / "models"
pytestmark = pytest.mark.skipif(
    not MODELS.is_dir(), reason="the folder shared/models with the recorded networks is not there"
)
RUNTIMES = ("numpy", "cpu") if find_spec("onnxruntime") else ("numpy",)
KERAS_GRU = Layout("z r h", input_first=True)
DYNET = Layout("i f o g", forget_bias=1.0)


@cache
def arrays_of(name: str) -> Arrays:
    with np.load(MODELS / f"{name}.npz") as archive:
        return {key: archive[key] for key in archive}


def kernel(arrays: Arrays, w: str, b: str) -> DenseWeights:
    return DenseWeights.from_keras([arrays[w], arrays[b]])


def cld3(a: Arrays) -> Network:
    net = Network("cld3")
    h = net.dense(net.input("x", "batch 80"), kernel(a, "W1", "b1"), activation="relu")
    net.output("logits", net.dense(h, kernel(a, "W2", "b2")))
    return net


def opus(a: Arrays) -> Network:
    net = Network("opus")
    x = net.input("x", "batch time 25")
    h = net.dense(x, kernel(a, "layer0_W", "layer0_b"), activation="tanh")
    cell = GRUWeights.from_layout(KERAS_GRU, a["gru_W"], a["gru_R"], a["gru_b"], reset="before")
    h = net.gru(h, cell).sequence
    net.output("p", net.dense(h, kernel(a, "layer2_W", "layer2_b"), activation="sigmoid"))
    return net


def rnnoise(a: Arrays, *, streaming: bool = False) -> Network:
    net = Network("rnnoise", streaming=streaming)
    x = net.input("x", "batch time 42")

    def gru(name: str, *values: Value) -> Value:
        arrays = (a[f"{name}_gru_{role}"] for role in ("weights", "recurrent_weights", "bias"))
        cell = GRUWeights.from_layout(KERAS_GRU, *arrays, reset="before")
        return net.gru(net.concat(values), cell, activations=("sigmoid", "relu")).sequence

    def dense(name: str, value: Value, activation: str) -> Value:
        return net.dense(value, kernel(a, f"{name}_weights", f"{name}_bias"), activation=activation)

    first = dense("input_dense", x, "tanh")
    vad = gru("vad", first)
    noise = gru("noise", first, vad, x)
    net.output("gains", dense("denoise_output", gru("denoise", vad, noise, x), "sigmoid"))
    net.output("vad", dense("vad_output", vad, "sigmoid"))
    return net


def nagisa(a: Arrays, part: str) -> Network:
    net = Network(f"nagisa_{part}")
    ways = [[a[f"{part}_{way}_{role}"] for role in ("Wx", "Wh", "b")] for way in "fb"]
    cell = LSTMWeights.bidirectional(*(LSTMWeights.from_layout(DYNET, *way) for way in ways))
    x, n = (
        net.input("x", ["batch", "time", cell.input_size]),
        net.input("n", "batch", dtype="int32"),
    )
    h = net.lstm(x, cell, lengths=n).sequence
    net.output("y", net.dense(h, DenseWeights(a[f"w_{part}"], a[f"b_{part}"])))
    return net


def reactionrnn(a: Arrays) -> Network:
    net = Network("reactionrnn")
    x = net.embedding(net.input("X", "batch time", dtype="int32"), a["embedding_a"])
    cell = GRUWeights.from_keras([a["rnn_a"], a["rnn_b"], a["rnn_c"]])
    e = net.gru(x, cell, activations=("hard_sigmoid", "tanh")).last
    y = net.dense(e, kernel(a, "output_a", "output_b"), activation="relu")
    net.output("E", e)
    net.output("Y", net.divide(y, net.op("ReduceSum", y, net.constant([-1]))))
    return net


def textgenrnn(a: Arrays) -> Network:
    net = Network("textgenrnn")
    x = net.embedding(net.input("X", "batch time", dtype="int32"), a["embedding_embeddings"])
    layers = [x]
    for k in (1, 2):
        names = (f"rnn_{k}_{role}" for role in ("kernel", "recurrent_kernel", "bias"))
        cell = LSTMWeights.from_keras([a[name] for name in names])
        layers.append(net.lstm(layers[-1], cell).sequence)
    seen = net.concat(layers)
    scores = net.dense(seen, DenseWeights.from_keras([a["attention_attention_W"]]))
    weighted = net.multiply(seen, net.softmax(scores, axis=1))
    pooled = net.op("ReduceSum", weighted, net.constant([1]), keepdims=0)
    net.output(
        "Y", net.dense(pooled, kernel(a, "output_kernel", "output_bias"), activation="softmax")
    )
    return net


def crepe(a: Arrays) -> Network:
    net = Network("crepe")
    h = net.reshape(net.input("x", "batch 1024"), "batch 1 1024 1")
    for k in range(1, 7):
        pads, strides = ((254, 0, 254, 0), (4, 1)) if k == 1 else ((31, 0, 32, 0), 1)
        kernels = ConvWeights.from_torch(a, f"conv{k}_")
        h = net.conv(h, kernels, pads=pads, strides=strides, activation="relu")
        h = net.batch_norm(h, BatchNormWeights.from_torch(a, f"conv{k}_BN_", epsilon=1e-3))
        h = net.max_pool(h, (2, 1))
    h = net.flatten(net.transpose(h, (0, 2, 1, 3)))
    net.output("y", net.dense(h, DenseWeights.from_torch(a, "classifier_"), activation="sigmoid"))
    return net


Case = tuple[str, Callable[[Arrays], Network], str, dict[str, tuple[str, float]]]
CASES: list[Case] = [
    ("cld3_fc", cld3, "x", {"logits": ("logits_cpp", 1e-4)}),
    ("reactionrnn", reactionrnn, "X", {"E": ("E", 1e-4), "Y": ("Y", 1e-4)}),
    ("textgenrnn", textgenrnn, "X", {"Y": ("Y", 1e-4)}),
    ("crepe_tiny", crepe, "x", {"y": ("y", 1e-4)}),
]
"""File, net, input, and for each output what was recorded and how near it must be."""
STREAMS: list[Case] = [
    ("opus_mlp", opus, "x", {"p": ("p_f64", 1e-5)}),
    ("opus_mlp", opus, "x", {"p": ("p_c", 1e-3)}),  # the C code has a rational tanh
    ("rnnoise_v011", rnnoise, "x", {"gains": ("gains_c", 1e-4), "vad": ("vad_c", 1e-4)}),
]
"""The same for nets that were fed one long stream, without a batch."""


@cache
def model(name: str, build: Callable[[Arrays], Network]) -> onnx.ModelProto:
    return build(arrays_of(name)).build()


@pytest.mark.parametrize("on", RUNTIMES)
@pytest.mark.parametrize("case", CASES + STREAMS, ids=lambda case: f"{case[0]}-{len(case[3])}")
def test_answers_are_the_recorded_ones(case: Case, on: str) -> None:
    name, build, entry, outputs = case
    arrays = arrays_of(name)
    x = arrays[entry][None] if case in STREAMS else arrays[entry]
    got = runtime.load(model(name, build), on=on).run({entry: x})
    for output, (recorded, tolerance) in outputs.items():
        wanted = arrays[recorded].reshape(got[output].shape)
        np.testing.assert_allclose(got[output], wanted, rtol=0, atol=tolerance, err_msg=output)


@pytest.mark.parametrize("on", RUNTIMES)
def test_cld3_names_the_same_language_for_every_text(on: str) -> None:
    arrays = arrays_of("cld3_fc")
    got = runtime.load(model("cld3_fc", cld3), on=on).run({"x": arrays["x"]})["logits"]
    np.testing.assert_equal(len(got), 90)
    np.testing.assert_array_equal(got.argmax(axis=1), arrays["logits_cpp"].argmax(axis=1))


@pytest.mark.parametrize("on", RUNTIMES)
@pytest.mark.parametrize("part", ["ws", "pos"])
def test_nagisa_alone_and_as_one_padded_batch(part: str, on: str) -> None:
    arrays = arrays_of("nagisa_bilstm")
    sentences = [arrays[f"x_{part}_{i}"] for i in range(16)]
    lengths = np.array([len(x) for x in sentences], np.int32)
    padded = np.full((16, lengths.max(), sentences[0].shape[1]), 7, np.float32)  # never read
    for row, sentence in zip(padded, sentences, strict=True):
        row[: len(sentence)] = sentence
    runner = runtime.load(nagisa(arrays, part).build(), on=on)
    together = runner.run({"x": padded, "n": lengths})["y"]
    for i, (sentence, length) in enumerate(zip(sentences, lengths, strict=True)):
        alone = runner.run({"x": sentence[None], "n": lengths[i : i + 1]})["y"]
        wanted = arrays[f"y_{part}_{i}"]
        np.testing.assert_allclose(alone[0], wanted, rtol=0, atol=1e-4)
        np.testing.assert_allclose(together[i, :length], wanted, rtol=0, atol=1e-4)


@pytest.mark.parametrize("on", RUNTIMES)
def test_rnnoise_in_chunks_is_rnnoise(on: str) -> None:
    arrays = arrays_of("rnnoise_v011")
    runner = runtime.load(rnnoise(arrays, streaming=True).build(), on=on)
    sizes = {info.name: (info.shape or ())[-1] for info in runner.inputs}
    states = {
        name: np.zeros((1, int(str(size))), np.float32)
        for name, size in sizes.items()
        if name.startswith("state_")
    }
    np.testing.assert_equal(list(sizes.values()), [42, 24, 48, 96])
    gains = []
    for chunk in np.array_split(arrays["x"][None], 13, axis=1):
        out = runner.run({"x": chunk, **states})
        states = {name: out[name.removesuffix("_in") + "_out"] for name in states}
        gains.append(out["gains"])
    wanted = arrays["gains_c"]
    np.testing.assert_allclose(np.concatenate(gains, axis=1)[0], wanted, rtol=0, atol=1e-4)
