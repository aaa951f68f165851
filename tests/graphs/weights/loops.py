"""Float64 loops written from the equations, over the containers; they know no ONNX."""

from collections.abc import Callable
from typing import Any

import numpy as np

from onnxwright.graphs.weights import (
    BatchNormWeights,
    ConvWeights,
    DenseWeights,
    GRUWeights,
    LSTMWeights,
    RNNWeights,
)
from onnxwright.graphs.weights.arrays import Array

Function = Callable[[Array], Array]


def sigmoid(x: Array) -> Array:
    return np.asarray(0.5 * (1 + np.tanh(0.5 * x)))


def hard_sigmoid(x: Array) -> Array:
    return np.clip(0.2 * x + 0.5, 0, 1)


def relu(x: Array) -> Array:
    return np.maximum(x, 0)


def softmax(x: Array) -> Array:
    e = np.exp(x - x.max(-1, keepdims=True))
    return np.asarray(e / e.sum(-1, keepdims=True))


def dense(weights: DenseWeights, x: Array) -> Array:
    y = x @ weights.w.T.astype(float)
    return np.asarray(y if weights.b is None else y + weights.b.astype(float))


def rnn(weights: RNNWeights, x: Array, f: Function = np.tanh) -> Array:
    """Return the states [batch, time, H] of a single direction over x [batch, time, I]."""
    assert weights.b is not None
    b = weights.b[0].astype(float).reshape(2, -1).sum(0)
    h, states = np.zeros((len(x), weights.hidden_size)), []
    for t in range(x.shape[1]):
        h = f(x[:, t] @ weights.w[0].T.astype(float) + h @ weights.r[0].T.astype(float) + b)
        states.append(h)
    return np.stack(states, axis=1)


def lstm(weights: LSTMWeights, x: Array) -> Array:
    """Return the states [batch, time, H] of a single direction over x [batch, time, I]."""
    assert weights.b is not None
    w, r = weights.w[0].astype(float), weights.r[0].astype(float)
    b = weights.b[0].astype(float).reshape(2, -1).sum(0)
    H = weights.hidden_size
    pi, po, pf = np.zeros((3, H)) if weights.p is None else weights.p[0].astype(float).reshape(3, H)
    h, c, states = np.zeros((len(x), H)), np.zeros((len(x), H)), []
    for t in range(x.shape[1]):
        i, o, f, n = np.split(x[:, t] @ w.T + h @ r.T + b, 4, axis=1)
        c = sigmoid(f + pf * c) * c + sigmoid(i + pi * c) * np.tanh(n)
        h = sigmoid(o + po * c) * np.tanh(c)
        states.append(h)
    return np.stack(states, axis=1)


def gru(weights: GRUWeights, x: Array, f: Function = sigmoid, g: Function = np.tanh) -> Array:
    """Return the states [batch, time, H] of a single direction over x [batch, time, I]."""
    assert weights.b is not None
    H = weights.hidden_size
    wz, wr, wn = weights.w[0].astype(float).reshape(3, H, -1)
    rz, rr, rn = weights.r[0].astype(float).reshape(3, H, H)
    bz, br, bn, cz, cr, cn = weights.b[0].astype(float).reshape(6, H)
    h, states = np.zeros((len(x), H)), []
    for t in range(x.shape[1]):
        z = f(x[:, t] @ wz.T + bz + h @ rz.T + cz)
        r = f(x[:, t] @ wr.T + br + h @ rr.T + cr)
        inner = r * (h @ rn.T + cn) if weights.reset == "after" else (r * h) @ rn.T + cn
        h = (1 - z) * g(x[:, t] @ wn.T + bn + inner) + z * h
        states.append(h)
    return np.stack(states, axis=1)


def both_ways(cell: Callable[[Any, Array], Array], weights: Any, x: Array) -> Array:
    """Return the states of all directions side by side, as a stack passes them on."""
    outs = [
        cell(one, x[:, ::step])[:, ::step]
        for one, step in zip(weights.split(), (1, -1), strict=False)
    ]
    return np.concatenate(outs, axis=-1)


def conv1d(weights: ConvWeights, x: Array, stride: int) -> Array:
    """Return the convolution of padded x [batch, C, time] with kernels [out, C, k, 1]."""
    assert weights.b is not None
    kernel = weights.w[..., 0].astype(float)
    windows = np.lib.stride_tricks.sliding_window_view(x, kernel.shape[-1], axis=-1)
    product = np.einsum("bctk,ock->bot", windows[:, :, ::stride], kernel)
    return np.asarray(product + weights.b[:, None])


def batch_norm(weights: BatchNormWeights, x: Array) -> Array:
    scale = weights.scale / np.sqrt(weights.variance.astype(float) + weights.epsilon)
    return np.asarray((x - weights.mean[:, None]) * scale[:, None] + weights.bias[:, None])
