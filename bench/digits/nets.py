"""The digits nets as graphs, one row each; and the lecture's toy LSTM, whose answer is known.

>>> net = build("bilstm2")
>>> [(node.name, node.op_type) for node in net.build().graph.node][-1]
('fc/Gemm', 'Gemm')
"""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...graphs import (
    ConvWeights,
    DenseWeights,
    GRUWeights,
    LSTMWeights,
    Network,
    RNNWeights,
)
from ...graphs.values import Value
from . import data
from .toy import TOY, build_toy

Arrays = Mapping[str, NDArray[Any]]
Recurrent = Callable[[Network, Value, Arrays, int], Any]
"""Adds layer number l of a recurrent net and returns what ``net.rnn``, ``lstm`` or ``gru`` does."""

NAMES = (*data.NAMES, TOY)
"""Every net that `build` knows: those of :data:`.data.NAMES`, then the toy LSTM."""


IMAGE_DIMS: Mapping[str, tuple[int, ...]] = {"mlp": (64,), "lenet": (1, 8, 8)}
"""How a net reads an image, where that is not as (time, features) ``(8, 8)``."""


def build(name: str, arrays: Arrays | None = None) -> Network:
    """Return the net `name`, from the arrays that ship with it unless others are given.

    The digits nets map ``x`` to ``logits`` ``[batch, 10]``. ``x`` is the image as the net reads
    it: ``batch 64`` for the MLP, ``batch 1 8 8`` for LeNet, ``batch 8 8`` (time, features) for the
    recurrent nets. ``toy_lstm`` maps ``x`` ``batch time 3`` to ``y`` ``batch time 1``.

    Raises
    ------
    BenchError
        There is no net of this name.
    GraphError
        The arrays do not fit it.
    """
    if name == TOY:
        return build_toy()
    return _BUILDERS[data.known(name)](name, data.weights(name) if arrays is None else arrays)


def _mlp(name: str, arrays: Arrays) -> Network:
    net = Network(name)
    h = net.input("x", "batch 64")
    for layer in ("0", "2"):
        h = net.dense(
            h, DenseWeights.from_torch(arrays, layer), activation="relu", name=f"fc{layer}"
        )
    net.output("logits", net.dense(h, DenseWeights.from_torch(arrays, "4"), name="fc4"))
    return net


def _lenet(name: str, arrays: Arrays) -> Network:
    net = Network(name)
    x = net.input("x", "batch 1 8 8")
    h = net.conv(
        x, ConvWeights.from_torch(arrays, "conv1"), pads=1, activation="tanh", name="conv1"
    )
    h = net.average_pool(h, 2, name="pool1")
    h = net.conv(
        h, ConvWeights.from_torch(arrays, "conv2"), pads=1, activation="tanh", name="conv2"
    )
    h = net.max_pool(h, 2, name="pool2")
    h = net.flatten(h)
    for layer in ("fc1", "fc2"):
        h = net.dense(h, DenseWeights.from_torch(arrays, layer), activation="tanh", name=layer)
    net.output("logits", net.dense(h, DenseWeights.from_torch(arrays, "fc3"), name="fc3"))
    return net


def _recurrent(layer: Recurrent, layers: int, name: str, arrays: Arrays) -> Network:
    """Stack recurrent layers; the last one's final states, side by side, go into a dense layer."""
    net = Network(name)
    sequence = net.input("x", "batch 8 8")
    for number in range(layers):
        result = layer(net, sequence, arrays, number)
        sequence = result.sequence
    net.output("logits", net.dense(result.last, DenseWeights.from_torch(arrays, "fc"), name="fc"))
    return net


def _rnn(activation: str, net: Network, x: Value, arrays: Arrays, layer: int) -> Any:
    weights = RNNWeights.from_torch(arrays, "rnn", layer=layer)
    return net.rnn(x, weights, activations=activation, name=f"rnn{layer}")


def _gru(net: Network, x: Value, arrays: Arrays, layer: int) -> Any:
    return net.gru(x, GRUWeights.from_torch(arrays, "rnn", layer=layer), name=f"gru{layer}")


def _lstm(net: Network, x: Value, arrays: Arrays, layer: int) -> Any:
    return net.lstm(x, LSTMWeights.from_torch(arrays, "rnn", layer=layer), name=f"lstm{layer}")


def _peephole(net: Network, x: Value, arrays: Arrays, layer: int) -> Any:
    w, r, b, p = (arrays[f"rnn.{layer}.{name}"][None] for name in "WRbP")
    both = np.concatenate([b, np.zeros_like(b)], axis=1)  # one bias: the recurrent half is zero
    lecture = p.shape[1] == 4 * r.shape[2]  # in ONNX's form the cell input has no peephole
    weights = LSTMWeights(w, r, both, p, peephole="lecture" if lecture else "onnx")
    return net.lstm(x, weights, name=f"lstm{layer}")


_BUILDERS: Mapping[str, Callable[[str, Arrays], Network]] = {
    "mlp": _mlp,
    "lenet": _lenet,
    "rnn_tanh": partial(_recurrent, partial(_rnn, "tanh"), 1),
    "rnn_relu": partial(_recurrent, partial(_rnn, "relu"), 1),
    "birnn_tanh": partial(_recurrent, partial(_rnn, "tanh"), 2),
    "gru": partial(_recurrent, _gru, 1),
    "bigru2": partial(_recurrent, _gru, 2),
    "lstm": partial(_recurrent, _lstm, 1),
    "lstm3": partial(_recurrent, _lstm, 3),
    "bilstm2": partial(_recurrent, _lstm, 2),
    "peephole": partial(_recurrent, _peephole, 1),
    "peephole2": partial(_recurrent, _peephole, 2),
    "lecture_peephole": partial(_recurrent, _peephole, 1),
}
