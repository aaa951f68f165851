"""The built-in cases: one network per family and size class, with seeded random weights."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...graphs import ConvWeights, DenseWeights, GRUWeights, LSTMWeights, Network, RNNWeights
from ...graphs.values import Value
from ..errors import BenchError

CLASSES = 10


@dataclass(frozen=True)
class Size:
    """How large the networks of one class are; every dim has the size it is usually served at."""

    hidden: int
    batch: int
    time: int
    """Steps of a recurrent network."""
    image: int
    """Height and width of a convolutional network's input."""

    def dims(self) -> dict[str, int]:
        """Return the sizes of the named dims."""
        return {"batch": self.batch, "time": self.time}


SIZES: Mapping[str, Size] = {
    "small": Size(hidden=32, batch=1, time=16, image=16),
    "medium": Size(hidden=128, batch=8, time=64, image=32),
    "large": Size(hidden=512, batch=32, time=128, image=64),
}

Random = Callable[..., NDArray[np.float32]]


def families() -> tuple[str, ...]:
    """Return the names of the families in the order of the tables."""
    return tuple(_FAMILIES)


def build(family: str, size: Size, seed: int = 0) -> Network:
    """Return a family's network; the same arguments give the same bytes.

    Raises
    ------
    BenchError
        There is no such family.
    """
    if family not in _FAMILIES:
        raise BenchError(
            f"there is no built-in case '{family}'",
            f"use one of {', '.join(_FAMILIES)}, with a size as in lstm/small "
            f"({', '.join(SIZES)}), or the path of a model",
        )
    generator = np.random.default_rng(seed)

    def random(*shape: int) -> NDArray[np.float32]:
        """Draw from N(0, 1 / fan-in), so that signals keep their size from layer to layer."""
        scale = 1 / np.sqrt(np.prod(shape[1:]) if len(shape) != 3 else shape[2])
        values: NDArray[np.float32] = (generator.standard_normal(shape) * scale).astype(np.float32)
        return values

    return _FAMILIES[family](Network(family), size, random)


def _dense(random: Random, columns: int, rows: int) -> DenseWeights:
    return DenseWeights(random(rows, columns), np.zeros(rows, np.float32))


def _mlp(net: Network, size: Size, random: Random) -> Network:
    wide = 4 * size.hidden
    h = net.input("x", f"batch {wide}")
    for layer in range(3):
        weights = _dense(random, wide, wide)
        h = net.dense(h, weights, activation="relu", name=f"dense{layer}")
    return _head(net, h, wide, random)


def _cnn(net: Network, size: Size, random: Random) -> Network:
    h = net.input("x", f"batch 3 {size.image} {size.image}")
    channels = 3
    for layer, wider in enumerate((size.hidden // 2, size.hidden)):
        weights = ConvWeights(random(wider, channels, 3, 3), np.zeros(wider, np.float32))
        h = net.conv(h, weights, pads=1, activation="relu", name=f"conv{layer}")
        h, channels = net.max_pool(h, 2, name=f"pool{layer}"), wider
    return _head(net, net.flatten(h), channels * (size.image // 4) ** 2, random)


def _recurrent(
    layer: Callable[..., Any],
    layers: int,
    directions: int,
    net: Network,
    size: Size,
    random: Random,
) -> Network:
    """Stack layers; the last valid step of the last one goes into a dense layer."""
    columns = size.hidden
    sequence = net.input("x", f"batch time {columns}")
    for number in range(layers):
        result = layer(
            net, sequence, partial(_pack, random, directions, size.hidden, columns), number
        )
        sequence, columns = result.sequence, directions * size.hidden
    return _head(net, result.last, columns, random)


def _pack(
    random: Random, directions: int, hidden: int, columns: int, gates: int, biases: int = 2
) -> tuple[NDArray[np.float32], ...]:
    """Return w ``[D, gates H, I]``, r ``[D, gates H, H]`` and b ``[D, biases gates H]``."""
    rows = gates * hidden
    bias = np.zeros((directions, biases * rows), np.float32)
    return random(directions, rows, columns), random(directions, rows, hidden), bias


def _rnn(net: Network, x: Value, pack: Callable[..., Any], number: int) -> Any:
    return net.rnn(x, RNNWeights(*pack(1)), name=f"rnn{number}")


def _lstm(net: Network, x: Value, pack: Callable[..., Any], number: int) -> Any:
    return net.lstm(x, LSTMWeights(*pack(4)), name=f"lstm{number}")


def _peephole(form: str, net: Network, x: Value, pack: Callable[..., Any], number: int) -> Any:
    w, r, b = pack(4)
    seeing = 3 if form == "onnx" else 4
    p = np.full((w.shape[0], seeing * r.shape[2]), 0.1, np.float32)
    weights = LSTMWeights(w, r, b, p, peephole="onnx" if form == "onnx" else "lecture")
    return net.lstm(x, weights, name=f"lstm{number}")


def _gru(reset: str, net: Network, x: Value, pack: Callable[..., Any], number: int) -> Any:
    weights = GRUWeights(*pack(3), reset="before" if reset == "before" else "after")
    return net.gru(x, weights, name=f"gru{number}")


def _head(net: Network, h: Value, columns: int, random: Random) -> Network:
    net.output("logits", net.dense(h, _dense(random, columns, CLASSES), name="head"))
    return net


_FAMILIES: Mapping[str, Callable[[Network, Size, Random], Network]] = {
    "mlp": _mlp,
    "cnn": _cnn,
    "rnn": partial(_recurrent, _rnn, 1, 1),
    "birnn": partial(_recurrent, _rnn, 1, 2),
    "lstm": partial(_recurrent, _lstm, 1, 1),
    "lstm-stack": partial(_recurrent, _lstm, 3, 1),
    "bilstm": partial(_recurrent, _lstm, 1, 2),
    "lstm-peephole": partial(_recurrent, partial(_peephole, "onnx"), 1, 1),
    "lstm-lecture": partial(_recurrent, partial(_peephole, "lecture"), 1, 1),
    "gru": partial(_recurrent, partial(_gru, "before"), 1, 1),
    "gru-after": partial(_recurrent, partial(_gru, "after"), 1, 1),
}
"""The builder of each family; a new family is one line more."""
