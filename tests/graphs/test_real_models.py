"""Trained nets in other makers' layouts, rebuilt from their arrays, against recorded answers."""

from collections.abc import Callable
from functools import cache
from importlib.util import find_spec

import numpy as np
import onnx
import pytest

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

from .foreign import LENGTHS, Arrays, arrays_of, take

RUNTIMES = ("numpy", "cpu") if find_spec("onnxruntime") else ("numpy",)
KERAS_GRU = Layout("z r h", input_first=True)
DYNET = Layout("i f o g", forget_bias=1.0)


def kernel(arrays: Arrays, prefix: str) -> DenseWeights:
    return DenseWeights.from_keras(take(arrays, prefix, "W", "b"))


def gru_of(arrays: Arrays, prefix: str) -> GRUWeights:
    return GRUWeights.from_layout(KERAS_GRU, *take(arrays, prefix), reset="before")


def voice(a: Arrays) -> Network:
    net = Network("voice")
    x = net.input("x", "batch time 12")
    h = net.dense(x, kernel(a, "first_"), activation="tanh")
    h = net.gru(h, gru_of(a, "gru_")).sequence
    net.output("p", net.dense(h, kernel(a, "head_"), activation="sigmoid"))
    return net


def denoise(a: Arrays, *, streaming: bool = False) -> Network:
    net = Network("denoise", streaming=streaming)
    x = net.input("x", "batch time 12")

    def gru(prefix: str, *values: Value) -> Value:
        cell = gru_of(a, prefix)
        return net.gru(net.concat(values), cell, activations=("sigmoid", "relu")).sequence

    first = net.dense(x, kernel(a, "first_"), activation="tanh")
    vad = gru("vad_", first)
    noise = gru("noise_", first, vad, x)
    gains = net.dense(gru("denoise_", vad, noise, x), kernel(a, "gains_"), activation="sigmoid")
    net.output("gains", gains)
    net.output("vad", net.dense(vad, kernel(a, "voice_"), activation="sigmoid"))
    return net


def words(a: Arrays) -> Network:
    net = Network("words")
    ways = [LSTMWeights.from_layout(DYNET, *take(a, f"{way}_")) for way in ("forth", "back")]
    x, n = net.input("x", "batch time", dtype="int32"), net.input("n", "batch", dtype="int32")
    e = net.embedding(x, a["vectors"])
    h = net.lstm(e, LSTMWeights.bidirectional(*ways), lengths=n).sequence
    net.output("y", net.dense(h, kernel(a, "head_")))
    return net


def passage(a: Arrays) -> Network:
    net = Network("passage")
    x = net.embedding(net.input("x", "batch time", dtype="int32"), a["vectors"])
    cell = GRUWeights.from_keras(take(a, "gru_"))
    e = net.gru(x, cell, activations=("hard_sigmoid", "tanh")).last
    y = net.dense(e, kernel(a, "head_"), activation="relu")
    net.output("E", e)
    net.output("Y", net.divide(y, net.op("ReduceSum", y, net.constant([-1]))))
    return net


def letters(a: Arrays) -> Network:
    net = Network("letters")
    layers = [net.embedding(net.input("x", "batch time", dtype="int32"), a["vectors"])]
    for k in (1, 2):
        cell = LSTMWeights.from_keras(take(a, f"lstm{k}_"))
        layers.append(net.lstm(layers[-1], cell).sequence)
    seen = net.concat(layers)
    scores = net.dense(seen, DenseWeights.from_keras([a["attention"]]))
    weighted = net.multiply(seen, net.softmax(scores, axis=1))
    pooled = net.op("ReduceSum", weighted, net.constant([1]), keepdims=0)
    net.output("Y", net.dense(pooled, kernel(a, "head_"), activation="softmax"))
    return net


def pitch(a: Arrays) -> Network:
    net = Network("pitch")
    h = net.reshape(net.input("x", "batch 1024"), "batch 1 1024 1")
    for k in range(1, 7):
        pads, strides = ((254, 0, 254, 0), (4, 1)) if k == 1 else ((31, 0, 32, 0), 1)
        kernels = ConvWeights.from_torch(a, f"conv{k}_")
        h = net.conv(h, kernels, pads=pads, strides=strides, activation="relu")
        h = net.batch_norm(h, BatchNormWeights.from_torch(a, f"conv{k}_BN_", epsilon=1e-3))
        h = net.max_pool(h, (2, 1))
    h = net.flatten(net.transpose(h, (0, 2, 1, 3)))
    net.output("y", net.dense(h, DenseWeights.from_torch(a, "head_"), activation="sigmoid"))
    return net


BUILDERS: list[Callable[[Arrays], Network]] = [voice, denoise, passage, letters, pitch]


@cache
def model(build: Callable[[Arrays], Network]) -> onnx.ModelProto:
    return build(arrays_of(build.__name__)).build()


@pytest.mark.parametrize("on", RUNTIMES)
@pytest.mark.parametrize("build", BUILDERS, ids=lambda build: build.__name__)
def test_answers_are_the_recorded_ones(build: Callable[[Arrays], Network], on: str) -> None:
    arrays = arrays_of(build.__name__)
    got = runtime.load(model(build), on=on).run({"x": arrays["in.x"]})
    np.testing.assert_equal(set(got), {key[4:] for key in arrays if key.startswith("out.")})
    for output, y in got.items():
        np.testing.assert_allclose(y, arrays[f"out.{output}"], rtol=0, atol=1e-4, err_msg=output)


@pytest.mark.parametrize("on", RUNTIMES)
def test_sentences_alone_and_as_one_padded_batch(on: str) -> None:
    arrays = arrays_of("words")
    sentences = arrays["in.x"].copy()
    for row, length in zip(sentences, LENGTHS, strict=True):
        row[length:] = 7  # never read
    runner = runtime.load(model(words), on=on)
    together = runner.run({"x": sentences, "n": LENGTHS})["y"]
    for i, length in enumerate(LENGTHS):
        alone = runner.run({"x": sentences[i : i + 1, :length], "n": LENGTHS[i : i + 1]})["y"]
        wanted = arrays["out.y"][i, :length]
        np.testing.assert_allclose(alone[0], wanted, rtol=0, atol=1e-4)
        np.testing.assert_allclose(together[i, :length], wanted, rtol=0, atol=1e-4)


@pytest.mark.parametrize("on", RUNTIMES)
def test_denoise_in_chunks_is_denoise(on: str) -> None:
    arrays = arrays_of("denoise")
    runner = runtime.load(denoise(arrays, streaming=True).build(), on=on)
    sizes = {info.name: (info.shape or ())[-1] for info in runner.inputs}
    states = {
        name: np.zeros((1, int(str(size))), np.float32)
        for name, size in sizes.items()
        if name.endswith("_in")
    }
    np.testing.assert_equal(list(sizes.values()), [12, 12, 16, 24])
    gains = []
    for chunk in np.array_split(arrays["in.x"], 13, axis=1):
        out = runner.run({"x": chunk, **states})
        states = {name: out[name.removesuffix("_in") + "_out"] for name in states}
        gains.append(out["gains"])
    wanted = arrays["out.gains"]
    np.testing.assert_allclose(np.concatenate(gains, axis=1), wanted, rtol=0, atol=1e-4)
