"""The nets of torch_nets.py, built by this project from the weights alone."""

from collections.abc import Callable
from typing import Any

from onnxwright import graphs
from onnxwright.graphs import (
    BatchNormWeights,
    ConvWeights,
    DenseWeights,
    EmbeddingWeights,
    GRUWeights,
    LayerNormWeights,
    LSTMWeights,
    Network,
    RNNWeights,
)
from tools.evidence.rivals.sizes import SHAPES

State = Any
Make = Callable[[Network, dict[str, Any], State], Any]


def build(name: str, hidden: int, state: State, target: str | None = None) -> Network:
    """Return a net of that name and width with the weights of a state dict."""
    net = graphs.Network(name, target=target)
    inputs = {}
    for given, dims in SHAPES[name].items():
        kind = {} if given == "x" else {"dtype": "int64"}
        inputs[given] = net.input(
            given, [hidden if dim == "hidden" else dim for dim in dims], **kind
        )
    net.output("y", NETS[name](net, inputs, state))
    return net


def dense(net: Network, x: Any, state: State, name: str, activation: str | None = None) -> Any:
    """Add a fully connected layer."""
    return net.dense(x, DenseWeights.from_torch(state, name), activation=activation)


def mlp(net: Network, given: dict[str, Any], state: State) -> Any:
    x = given["x"]
    for name, activation in (("0", "relu"), ("2", "tanh"), ("4", "silu"), ("6", "softmax")):
        x = dense(net, x, state, name, activation)
    return x


def norm(net: Network, given: dict[str, Any], state: State) -> Any:
    x = given["x"]
    for number in range(2):
        weights = LayerNormWeights.from_torch(state, f"norms.{number}")
        inside = net.layer_norm(x, weights.scale, weights.bias)
        inside = dense(net, inside, state, f"up.{number}", "gelu")
        x = net.add(x, dense(net, inside, state, f"down.{number}"))
    return x


def recurrent(kind: str, weights: Any, layers: int = 1) -> Make:
    """Return what adds so many recurrent layers and a head on each step."""

    def make(net: Network, given: dict[str, Any], state: State) -> Any:
        x = given["x"]
        for number in range(layers):
            layer = weights.from_torch(state, "layer", layer=number)
            x = getattr(net, kind)(x, layer, lengths=given.get("lengths")).sequence
        return dense(net, x, state, "head", "softmax")

    return make


def words(net: Network, given: dict[str, Any], state: State) -> Any:
    x = net.embedding(given["ids"], EmbeddingWeights.from_torch(state, "embed"))
    last = net.lstm(x, LSTMWeights.from_torch(state, "layer")).last
    return dense(net, last, state, "head", "softmax")


def conv(net: Network, x: Any, state: State, name: str, **options: Any) -> Any:
    """Add a convolution."""
    return net.conv(x, ConvWeights.from_torch(state, name), **options)


def normal(net: Network, x: Any, state: State, name: str, activation: str) -> Any:
    """Add a batch normalisation and an activation."""
    return net.batch_norm(x, BatchNormWeights.from_torch(state, name), activation=activation)


def images(net: Network, given: dict[str, Any], state: State) -> Any:
    x = given["x"]
    for number in (0, 4):
        x = conv(net, x, state, str(number), pads=1)
        x = normal(net, x, state, str(number + 1), "relu")
        x = net.max_pool(x, 2, strides=2)
    x = dense(net, net.flatten(x), state, "9", "relu")
    return dense(net, x, state, "11")


def mobile(net: Network, given: dict[str, Any], state: State) -> Any:
    x = conv(net, given["x"], state, "0", pads=1, strides=2)
    x = normal(net, x, state, "1", "hard_swish")
    for place, stride in ((3, 1), (9, 2), (15, 1)):
        groups = x.dims[1]
        x = conv(net, x, state, str(place), pads=1, strides=stride, groups=groups)
        x = normal(net, x, state, str(place + 1), "relu6")
        x = conv(net, x, state, str(place + 3))
        x = normal(net, x, state, str(place + 4), "relu6")
    return dense(net, net.flatten(net.global_average_pool(x)), state, "23")


def signal(net: Network, given: dict[str, Any], state: State) -> Any:
    x = conv(net, given["x"], state, "0", pads=2)
    x = normal(net, x, state, "1", "gelu")
    x = net.max_pool(x, 2, strides=2)
    x = conv(net, x, state, "4", pads=1, strides=2, activation="leaky_relu(alpha=0.1)")
    return dense(net, net.flatten(net.global_average_pool(x)), state, "8")


NETS: dict[str, Make] = {
    "mlp": mlp,
    "norm": norm,
    "lstm": recurrent("lstm", LSTMWeights),
    "gru": recurrent("gru", GRUWeights),
    "rnn": recurrent("rnn", RNNWeights),
    "bilstm": recurrent("lstm", LSTMWeights, 2),
    "packed": recurrent("lstm", LSTMWeights),
    "words": words,
    "images": images,
    "mobile": mobile,
    "signal": signal,
}
