"""Fully connected layers at every rank, and whole stacks of layers."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np

from onnxwright.graphs import DenseWeights, Network
from onnxwright.graphs.values import Value

from .. import oracle
from .form import Array, Feeds, Values, random

DEEP = [DenseWeights(random(5, 3, seed=1), random(5, seed=2)), DenseWeights(random(4, 5, seed=3))]


@dataclass(frozen=True)
class MatrixForm:
    """A function of one input, in the builder's words and in NumPy's."""

    name: str
    source: str
    build: Callable[[Network, Value], Value]
    compute: Callable[[Array], Array]

    def lowerings(self, time_is_fixed: bool) -> tuple[str, ...]:
        """Return one empty name: there is one form in the graph."""
        return ("",)

    def add(self, net: Network, inputs: Values, lowering: str) -> Values:
        """Add the layer to the network."""
        return {"y": self.build(net, inputs[self.source])}

    def expected(self, feeds: Feeds) -> Feeds:
        """Return what the output must be."""
        return {"y": self.compute(feeds[self.source].astype(float))}


def dense(weights: DenseWeights, x: Array) -> Array:
    y: Array = x @ weights.w.astype(float).T
    return y if weights.b is None else y + weights.b.astype(float)


def deep(net: Network, x: Value) -> Value:
    return net.dense(net.dense(x, DEEP[0], activation="relu"), DEEP[1], activation="softmax")


def deep_by_hand(x: Array) -> Array:
    first = oracle.FUNCTIONS["relu"](dense(DEEP[0], x))
    return oracle.softmax(dense(DEEP[1], first))


def branches(net: Network, x: Value) -> Value:
    """Residual add, subtract, multiply, divide and concatenation."""
    y = net.dense(x, DEEP[0])
    z = net.dense(x, DEEP[0], activation="sigmoid")
    joined = net.concat([net.add(y, z), net.subtract(y, z)])
    return net.concat([joined, net.multiply(y, z), net.divide(y, z)])


def branches_by_hand(x: Array) -> Array:
    y = dense(DEEP[0], x)
    z = oracle.FUNCTIONS["sigmoid"](y)
    return np.concatenate([y + z, y - z, y * z, y / z], axis=-1)


RANKS = {1: "vector", 2: "matrix", 3: "x", 4: "cube"}

MATRICES = [
    *(
        MatrixForm(
            f"dense_rank_{rank}{suffix}",
            source,
            partial(Network.dense, weights=weights),
            partial(dense, weights),
        )
        for rank, source in RANKS.items()
        for suffix, weights in (
            ("", DEEP[0]),
            ("_without_bias", DenseWeights(random(4, 3, seed=7))),
        )
    ),
    *(MatrixForm(f"deep_rank_{k}", name, deep, deep_by_hand) for k, name in RANKS.items()),
    *(MatrixForm(f"branches_rank_{k}", n, branches, branches_by_hand) for k, n in RANKS.items()),
    MatrixForm(
        "softmax_over_time",
        "x",
        lambda net, x: net.softmax(x, axis=1),
        lambda x: oracle.softmax(x, axis=1),
    ),
    MatrixForm("flatten", "cube", lambda net, x: net.flatten(x), lambda x: x.reshape(len(x), -1)),
    MatrixForm(
        "transpose",
        "cube",
        lambda net, x: net.transpose(x, (0, 3, 1, 2)),
        lambda x: x.transpose(0, 3, 1, 2),
    ),
    MatrixForm(
        "reshape",
        "cube",
        lambda net, x: net.reshape(x, [x.dims[0], x.dims[1], 6]),
        lambda x: x.reshape(*x.shape[:2], 6),
    ),
]
