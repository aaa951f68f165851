"""What Keras flattened channels last is not taken for what is flattened channels first."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from onnxwright import runtime
from onnxwright.graphs import BatchNormWeights, ConvWeights, DenseWeights, GraphError, Network
from onnxwright.graphs.values import Value

from .forms.form import random

KERNEL = [random(3, 3, 2, 4, seed=1), random(4, seed=2)]
HEAD = [random(4 * 2 * 3, 5, seed=3), random(5, seed=4)]
REFUSED = (
    r"^dense 'head': the weights are from Keras, which flattens channels last, but .* flattened "
    r"channels first\nuse flatten\(..., channels_last=True\)"
)


def convolved(net: Network) -> Value:
    x = net.input("x", "batch 2 4 5")
    return net.conv(x, ConvWeights.from_keras(KERNEL), activation="relu", name="conv")


def test_channels_last_gives_what_keras_computes() -> None:
    net = Network("net")
    h = convolved(net)
    flat = net.flatten(h, channels_last=True)
    net.output("h", h)
    net.output("y", net.dense(flat, DenseWeights.from_keras(HEAD), name="head"))
    feeds = {"x": random(3, 2, 4, 5, seed=5)}
    outputs = runtime.load(net.build(), on="numpy:float64").run(feeds)
    rows = np.moveaxis(outputs["h"], 1, -1).reshape(3, -1)
    np.testing.assert_allclose(outputs["y"], rows @ HEAD[0] + HEAD[1], rtol=0, atol=1e-12)


@pytest.mark.parametrize(
    "between",
    [
        lambda net, h: net.flatten(h),
        lambda net, h: net.reshape(h, "batch 24"),
        lambda net, h: net.activation(net.flatten(h), "tanh"),
        lambda net, h: net.flatten(net.activation(h, "tanh")),
        lambda net, h: net.concat([net.flatten(h)]),
        lambda net, h: net.flatten(net.add(h, h)),
        lambda net, h: net.flatten(net.max_pool(h, 1)),
    ],
)
def test_channels_first_is_refused(between: Callable[[Network, Value], Value]) -> None:
    net = Network("net")
    with pytest.raises(GraphError, match=REFUSED):
        net.dense(between(net, convolved(net)), DenseWeights.from_keras(HEAD), name="head")


def test_a_normalisation_behind_the_flattening_is_refused_too() -> None:
    net = Network("net")
    norm = BatchNormWeights.from_keras([np.ones(24, np.float32)] * 4)
    with pytest.raises(GraphError, match="batch_norm 'norm': the weights are from Keras"):
        net.batch_norm(net.flatten(convolved(net)), norm, name="norm")


def dense(size: int) -> DenseWeights:
    return DenseWeights.from_keras([random(size, 5, seed=3)])


@pytest.mark.parametrize(
    "build",
    [
        lambda net: net.dense(net.flatten(convolved(net), channels_last=False), dense(24)),
        lambda net: net.dense(net.flatten(convolved(net)), DenseWeights(random(5, 24, seed=3))),
        lambda net: net.dense(net.flatten(net.global_max_pool(convolved(net))), dense(4)),
        lambda net: net.dense(net.flatten(net.input("x", "batch 2 3")), dense(6)),
        lambda net: net.dense(net.flatten(net.transpose(convolved(net), (0, 2, 3, 1))), dense(24)),
        lambda net: net.dense(
            net.flatten(net.conv(net.input("x", "batch 1 4"), one_channel())), dense(4)
        ),
    ],
)
def test_what_is_the_same_in_both_orders_is_taken(build: Callable[[Network], Any]) -> None:
    np.testing.assert_equal(build(Network("net")).dims[-1], 5)


def one_channel() -> ConvWeights:
    return ConvWeights.from_keras([random(1, 1, 1, seed=1)])


def test_channels_last_needs_channels() -> None:
    net = Network("net")
    with pytest.raises(GraphError, match="flatten 'flat': there are no channels behind axis 2"):
        net.flatten(net.input("x", "batch 3"), axis=2, channels_last=True, name="flat")
