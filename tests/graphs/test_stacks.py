"""Deep stacks of mixed layers, the notes' output projections, normalisation kept and folded."""

from importlib.util import find_spec
from typing import Any

import numpy as np
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
    RNNWeights,
)

from . import oracle
from .forms.form import random

Array = NDArray[Any]
TOLERANCES = {"numpy:float64": 1e-12} | ({"cpu": 1e-5} if find_spec("onnxruntime") else {})
LENGTHS = np.array([5, 3, 0], np.int64)
X = random(3, 5, 3, seed=1)

TAGGER = LSTMWeights(random(2, 16, 3, seed=2), random(2, 16, 4, seed=3), p=random(2, 12, seed=4))
JOINED = DenseWeights(random(5, 8, seed=5), random(5, seed=6))
GATED = GRUWeights(random(1, 12, 5, seed=7), random(1, 12, 4, seed=8), reset="after")
LECTURE = LSTMWeights(
    random(1, 16, 4, seed=9),
    random(1, 16, 4, seed=10),
    p=random(1, 16, seed=11),
    peephole="lecture",
)
NAIVE = RNNWeights(random(1, 4, 4, seed=12), random(1, 4, 4, seed=13))
HEAD = DenseWeights(random(6, 4, seed=14), random(6, seed=15))


def zeros(*widths: int) -> list[Array]:
    return [np.zeros((3, width)) for width in widths]


def mixed_by_hand(head: str) -> Array:
    """Return the stack of the test below, in float64 loops."""
    p = TAGGER.p
    assert p is not None
    assert LECTURE.p is not None
    ways = [
        oracle.run(
            oracle.lstm(TAGGER.w[d], TAGGER.r[d], p=p[d]),
            X,
            zeros(4, 4),
            lengths=LENGTHS,
            backward=d == 1,
        )
        for d in (0, 1)
    ]
    y = oracle.both(ways[0], ways[1], (JOINED.w, JOINED.b)).sequence
    gru = oracle.gru(GATED.w[0], GATED.r[0], reset_after=True)
    y = oracle.run(gru, y, zeros(4), lengths=LENGTHS).sequence
    lstm = oracle.lstm(LECTURE.w[0], LECTURE.r[0], p=LECTURE.p[0], lecture=True)
    y = y + oracle.run(lstm, y, zeros(4, 4), lengths=LENGTHS).sequence
    naive = oracle.rnn(NAIVE.w[0], NAIVE.r[0], f=oracle.FUNCTIONS["sigmoid"])
    y = oracle.run(naive, y, zeros(4), lengths=LENGTHS).sequence
    assert HEAD.b is not None
    return np.asarray(oracle.FUNCTIONS[head](y @ HEAD.w.T.astype(float) + HEAD.b))


@pytest.mark.parametrize("on", TOLERANCES)
@pytest.mark.parametrize("head", ["sigmoid", "softmax"])
@pytest.mark.parametrize("dims", ["batch time 3", "3 5 3"])
def test_a_deep_stack_of_mixed_cells(dims: str, head: str, on: str) -> None:
    net = Network("mixed")
    x, n = net.input("x", dims), net.input("n", dims.split()[0], dtype="int64")
    y = net.lstm(x, TAGGER, lengths=n, merge=JOINED, name="tagger").sequence
    y = net.gru(y, GATED, lengths=n, name="gated").sequence
    y = net.add(y, net.lstm(y, LECTURE, lengths=n, name="lecture").sequence)
    y = net.rnn(y, NAIVE, activations="sigmoid", lengths=n, name="naive").sequence
    net.output("y", net.dense(y, HEAD, activation=head, name="head"))
    got = runtime.load(net.build(), on=on).run({"x": X, "n": LENGTHS})["y"]
    np.testing.assert_allclose(got, mixed_by_hand(head), rtol=0, atol=TOLERANCES[on])


def test_the_two_peephole_nets_are_two_nets() -> None:
    """Neither may stand in for the other: with the same numbers they differ widely."""
    p = random(1, 16, seed=11, scale=2.0)
    net = Network("both")
    x = net.input("x", "batch time 4")
    onnx_form = LSTMWeights(LECTURE.w, LECTURE.r, p=p[:, :12])
    lecture = LSTMWeights(
        LECTURE.w, LECTURE.r, p=np.pad(p[:, :12], ((0, 0), (0, 4))), peephole="lecture"
    )
    net.output("onnx", net.lstm(x, onnx_form).sequence)
    net.output("lecture", net.lstm(x, lecture).sequence)
    out = runtime.load(net.build()).run({"x": random(3, 5, 4, seed=16)})
    np.testing.assert_array_less(1e-2, np.abs(out["onnx"] - out["lecture"]).max())


def norm(channels: int, dtype: str) -> BatchNormWeights:
    scale, bias, mean, spread = (
        random(channels, seed=seed).astype(dtype) for seed in range(20, 24)
    )
    return BatchNormWeights(scale, bias, mean, np.abs(spread) + 0.1, epsilon=2**-10)


@pytest.mark.parametrize(("dtype", "tolerance"), [("float32", 1e-5), ("float64", 1e-12)])
def test_a_normalisation_kept_or_folded_gives_the_same(dtype: str, tolerance: float) -> None:
    kernels = ConvWeights(
        random(4, 3, 2, 3, seed=24).astype(dtype), random(4, seed=25).astype(dtype)
    )
    head = DenseWeights(random(5, 4, seed=26).astype(dtype))
    image, vector = random(2, 3, 5, 6, seed=27).astype(dtype), random(2, 4, seed=28).astype(dtype)

    net = Network("norm", dtype=dtype)
    x, v = net.input("image", "batch 3 5 6"), net.input("vector", "batch 4")
    net.output("kept", net.batch_norm(net.conv(x, kernels), norm(4, dtype)))
    net.output("folded", net.conv(x, norm(4, dtype).fold_into(kernels)))
    net.output("dense", net.dense(v, norm(5, dtype).fold_into(head)))
    out = runtime.load(net.build(), on="numpy:float64").run({"image": image, "vector": vector})

    windows: dict[str, Any] = {"strides": (1, 1), "pads": (0, 0, 0, 0), "dilations": (1, 1)}
    y = oracle.conv(image, kernels.w, kernels.b, groups=1, **windows)
    wanted = normalized(y, norm(4, dtype))
    np.testing.assert_allclose(out["kept"], wanted, rtol=0, atol=1e-12)
    np.testing.assert_allclose(out["folded"], wanted, rtol=0, atol=tolerance)
    wanted = normalized(vector.astype(float) @ head.w.T, norm(5, dtype))
    np.testing.assert_allclose(out["dense"], wanted, rtol=0, atol=tolerance)


def normalized(x: Array, weights: BatchNormWeights) -> Array:
    w = weights
    return oracle.batch_norm(x, w.scale, w.bias, w.mean, w.variance, w.epsilon)
