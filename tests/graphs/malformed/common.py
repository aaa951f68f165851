"""What the malformed cases share: good weights, networks of a few inputs, calls to come."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from onnxwright.graphs import (
    BatchNormWeights,
    ConvWeights,
    DenseWeights,
    GRUWeights,
    LSTMWeights,
    Network,
    RNNWeights,
)
from onnxwright.graphs.values import Value

Call = Callable[[], Any]


def ones(*shape: int, dtype: str = "float32") -> NDArray[Any]:
    return np.ones(shape, dtype)


def poisoned(*shape: int) -> NDArray[Any]:
    array = ones(*shape)
    array.flat[1] = np.nan
    return array


def net_of(*inputs: tuple[str, str, str], **options: Any) -> tuple[Network, list[Value]]:
    """Return a network and its inputs, each given by name, dims and dtype."""
    net = Network("net", **options)
    return net, [net.input(name, dims, dtype=dtype) for name, dims, dtype in inputs]


X = ("x", "batch time 3", "float32")
IMAGE = ("image", "batch 4 9 9", "float32")
DENSE = DenseWeights(ones(5, 3), ones(5))
CONV = ConvWeights(ones(6, 4, 3, 3))
RNN = RNNWeights(ones(1, 4, 3), ones(1, 4, 4))
LSTM = LSTMWeights(ones(1, 16, 3), ones(1, 16, 4))
BILSTM = LSTMWeights(ones(2, 16, 3), ones(2, 16, 4))
LECTURE = LSTMWeights(ones(1, 16, 3), ones(1, 16, 4), p=ones(1, 16), peephole="lecture")
PROJECTED = LSTMWeights(ones(1, 16, 3), ones(1, 16, 2), projection=ones(1, 2, 4))
GRU = GRUWeights(ones(1, 12, 3), ones(1, 12, 4), reset="after")
BIGRU = GRUWeights(ones(2, 12, 3), ones(2, 12, 4), reset="after")
BN = BatchNormWeights(ones(3), ones(3), ones(3), ones(3))


def layer(kind: str, weights: Any, source: tuple[str, str, str] = X, **options: Any) -> Call:
    """Return a call that adds one layer named after its kind to a network of one input."""

    def call() -> None:
        net, (x,) = net_of(source)
        getattr(net, kind)(x, weights, name="encoder", **options)

    return call


def with_inputs(use: Callable[..., Any], *inputs: tuple[str, str, str], **options: Any) -> Call:
    """Return a call that does something with a network and its inputs."""

    def call() -> None:
        net, values = net_of(*inputs, **options)
        use(net, *values)

    return call
