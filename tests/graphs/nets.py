"""Small networks that several tests build."""

from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import NDArray

from onnxwright.graphs import ConvWeights, DenseWeights, GRUWeights, LSTMWeights, Network


def ramp(*shape: int) -> NDArray[np.float32]:
    """Return small numbers that print short: eighths from -1 on."""
    numbers = np.arange(np.prod(shape)) % 16
    return (numbers.reshape(shape) / 8 - 1).astype(np.float32)


def perceptron() -> Network:
    net = Network("perceptron")
    h = net.dense(net.input("x", "batch 2"), DenseWeights(ramp(3, 2), ramp(3)), activation="relu")
    net.output("probs", net.dense(h, DenseWeights(ramp(2, 3)), activation="softmax", name="head"))
    return net


def tagger() -> Network:
    """Two stacked bidirectional LSTMs with lengths, as an operator each."""
    net = Network("tagger")
    x, n = net.input("x", "batch time 1"), net.input("lengths", "batch", dtype="int64")
    first = LSTMWeights(ramp(2, 4, 1), ramp(2, 4, 1), ramp(2, 8), p=ramp(2, 3))
    h = net.lstm(x, first, lengths=n, name="first")
    second = LSTMWeights(ramp(2, 4, 2), ramp(2, 4, 1))
    net.output("tags", net.lstm(h.sequence, second, lengths=n, name="second").sequence)
    return net


def lecture() -> Network:
    """An LSTM that no operator computes, as a Scan."""
    net = Network("lecture", opset=21)
    weights = LSTMWeights(ramp(1, 4, 1), ramp(1, 4, 1), p=ramp(1, 4), peephole="lecture")
    net.output("y", net.lstm(net.input("x", "batch time 1"), weights, name="cell").sequence)
    return net


def listener() -> Network:
    """A GRU fed in chunks."""
    net = Network("listener", streaming=True)
    weights = GRUWeights(ramp(1, 3, 1), ramp(1, 3, 1), ramp(1, 6), reset="after")
    net.output("y", net.gru(net.input("x", "batch time 1"), weights, name="ear").sequence)
    return net


def reader() -> Network:
    """A convolution, a pool and a dense layer."""
    net = Network("reader", opset=13)
    x = net.input("image", "batch 1 4 4")
    h = net.conv(x, ConvWeights(ramp(1, 1, 3, 3), ramp(1)), pads=(1, 0, 0, 1), activation="relu")
    h = net.flatten(net.max_pool(h, 2))
    net.output("logits", net.dense(h, DenseWeights(ramp(2, 1)), name="head"))
    return net


NETS: Mapping[str, Callable[[], Network]] = {
    net.__name__: net for net in (perceptron, tagger, lecture, listener, reader)
}
