"""Matrices over ``[x; h]`` and ``[x; h; c]`` mean what the lecture notes say."""

from typing import Any

import numpy as np
import pytest

from onnxwright.graphs.weights import GRUWeights, Layout, LSTMWeights, RNNWeights
from onnxwright.graphs.weights.arrays import Array

from .loops import gru, lstm, rnn, sigmoid

I, H, T = 3, 4, 6  # noqa: E741
RANDOM = np.random.default_rng(3)
X = RANDOM.standard_normal((2, T, I))


def matrix(columns: int) -> Array:
    return RANDOM.standard_normal((H, columns))


def biased(gates: str, columns: int) -> Any:
    arrays = {gate: matrix(columns) for gate in gates}
    return arrays | {f"b{gate}": RANDOM.standard_normal(H) for gate in gates}


def run(step: Any, states: int = 1) -> Array:
    """Return h of every step; `step` takes x[t] and the states, and returns the next states."""
    state = [np.zeros((len(X), H)) for _ in range(states)]
    outs = []
    for t in range(T):
        state = step(X[:, t], *state)
        outs.append(state[0])
    return np.stack(outs, axis=1)


def test_rnn() -> None:
    g = biased("h", I + H)
    expected = run(lambda x, h: [np.tanh(np.hstack([x, h]) @ g["h"].T + g["bh"])])
    np.testing.assert_allclose(rnn(RNNWeights.from_gates(**g), X), expected, atol=1e-12)


def test_lstm() -> None:
    g = biased("zifo", I + H)

    def step(x: Array, h: Array, c: Array) -> list[Array]:
        V = np.hstack([x, h])
        z, i, f, o = (V @ g[gate].T + g[f"b{gate}"] for gate in "zifo")
        c = sigmoid(f) * c + sigmoid(i) * np.tanh(z)
        return [sigmoid(o) * np.tanh(c), c]

    weights = LSTMWeights.from_gates(**g, peephole=None)
    np.testing.assert_allclose(lstm(weights, X), run(step, 2), atol=1e-12)


def test_lstm_with_the_peepholes_of_onnx() -> None:
    g = biased("z", I + H) | {gate: matrix(I + H) for gate in "ifo"}
    g |= {f"b{gate}": RANDOM.standard_normal(H) for gate in "ifo"}
    p = {gate: RANDOM.standard_normal(H) for gate in "ifo"}

    def step(x: Array, h: Array, c: Array) -> list[Array]:
        V = np.hstack([x, h])
        z, i, f, o = (V @ g[gate].T + g[f"b{gate}"] for gate in "zifo")
        c = sigmoid(f + p["f"] * c) * c + sigmoid(i + p["i"] * c) * np.tanh(z)
        return [sigmoid(o + p["o"] * c) * np.tanh(c), c]

    wide = {gate: np.hstack([g[gate], np.diag(p[gate])]) for gate in "ifo"}
    weights = LSTMWeights.from_gates(**(g | wide), peephole="onnx")
    np.testing.assert_allclose(lstm(weights, X), run(step, 2), atol=1e-12)


def test_lstm_with_the_peepholes_of_the_lecture() -> None:
    g = biased("zifo", I + H)
    p = {gate: RANDOM.standard_normal(H) for gate in "zifo"}
    wide = {gate: np.hstack([g[gate], np.diag(p[gate])]) for gate in "zifo"}
    weights = LSTMWeights.from_gates(**(g | wide), peephole="lecture")
    assert weights.p is not None
    np.testing.assert_equal(weights.peephole, "lecture")
    np.testing.assert_array_equal(weights.p[0], np.concatenate([p[gate] for gate in "iofz"]))
    rows = np.concatenate([g[gate] for gate in "iofz"])
    np.testing.assert_array_equal(np.hstack([weights.w[0], weights.r[0]]), rows)


@pytest.mark.parametrize("x_free", [False, True])
def test_gru(x_free: bool) -> None:
    g = biased("ur", I + H) | {"h": matrix(H if x_free else I + H), "bh": RANDOM.standard_normal(H)}

    def step(x: Array, h: Array) -> list[Array]:
        V = np.hstack([x, h])
        zu, zr = (sigmoid(V @ g[gate].T + g[f"b{gate}"]) for gate in "ur")
        seen = h * zr if x_free else np.hstack([x, zr * h])
        return [zu * h + (1 - zu) * np.tanh(seen @ g["h"].T + g["bh"])]

    weights = GRUWeights.from_gates(**g)
    np.testing.assert_equal(weights.reset, "before")
    np.testing.assert_allclose(gru(weights, X), run(step), atol=1e-12)


def test_forget_bias_is_added_once() -> None:
    arrays = [RANDOM.standard_normal(shape) for shape in ((4 * H, I), (4 * H, H), (4 * H,))]
    with_one = LSTMWeights.from_layout(Layout("i f o g", forget_bias=1.0), *arrays)
    arrays[2] = arrays[2].copy()
    arrays[2][H : 2 * H] += 1
    plain = LSTMWeights.from_layout("i f o g", *arrays)
    np.testing.assert_allclose(lstm(with_one, X), lstm(plain, X), atol=1e-14)


def test_inverted_update_gate() -> None:
    g = biased("urh", I + H)

    def step(x: Array, h: Array) -> list[Array]:
        zu, zr = (sigmoid(np.hstack([x, h]) @ g[gate].T + g[f"b{gate}"]) for gate in "ur")
        return [zu * np.tanh(np.hstack([x, zr * h]) @ g["h"].T + g["bh"]) + (1 - zu) * h]

    layout = Layout("u r h", joined=True, inverted_update=True)
    joined = np.concatenate([g[gate] for gate in "urh"])
    bias = np.concatenate([g[f"b{gate}"] for gate in "urh"])
    weights = GRUWeights.from_layout(layout, joined, b=bias, reset="before")
    np.testing.assert_allclose(gru(weights, X), run(step), atol=1e-12)


def test_a_projection_feeds_back() -> None:
    P = 2
    shapes = {"weight_ih": (4 * H, I), "weight_hh": (4 * H, P), "weight_hr": (P, H)}
    state = {f"{name}_l0": RANDOM.standard_normal(shape) for name, shape in shapes.items()}
    weights = LSTMWeights.from_torch(state)
    assert weights.projection is not None
    np.testing.assert_equal((weights.hidden_size, weights.output_size), (H, P))
    np.testing.assert_array_equal(weights.projection[0], state["weight_hr_l0"])
    i, f, g, o = np.split(state["weight_hh_l0"], 4)  # PyTorch's order
    np.testing.assert_array_equal(weights.r[0], np.concatenate([i, o, f, g]))
