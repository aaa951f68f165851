"""Real trained nets, rebuilt from their arrays, give what PyTorch gave; broken ones do not."""

from collections.abc import Callable, Iterator, Mapping
from functools import cache, partial
from itertools import combinations
from typing import Any

import numpy as np
import onnx
import pytest
from numpy.typing import NDArray

from onnxwright import runtime
from onnxwright.bench.digits import data, nets, toy
from onnxwright.bench.digits.cases import LOGITS_TOLERANCE, case

Arrays = Mapping[str, NDArray[Any]]
Array = NDArray[Any]

RUNTIMES = ("numpy:float64", "numpy", "cpu")


@cache
def model(name: str) -> onnx.ModelProto:
    return nets.build(name).build()


def compute(proto: onnx.ModelProto, name: str, on: str = "numpy") -> Array:
    if on == "cpu":
        pytest.importorskip("onnxruntime")
    net = case(name)
    return runtime.load(proto, on=on).run(net.batch(len(net.x)))[net.output]


@pytest.mark.parametrize("on", RUNTIMES)
@pytest.mark.parametrize("name", data.NAMES)
def test_logits_and_labels_are_those_that_pytorch_gave(name: str, on: str) -> None:
    logits = compute(model(name), name, on)
    np.testing.assert_allclose(logits, data.logits(name), rtol=0, atol=LOGITS_TOLERANCE)
    np.testing.assert_array_equal(logits.argmax(axis=1), data.logits(name).argmax(axis=1))


@pytest.mark.parametrize("on", RUNTIMES)
def test_the_toy_lstm_gives_what_the_lecture_says(on: str) -> None:
    y = compute(model(toy.TOY), toy.TOY, on)
    np.testing.assert_allclose(y.ravel(), [0, 0, 0, 0, 0, 7, 0, 0, 6], rtol=0, atol=1e-3)


def sigmoid(value: Array) -> Array:
    return 1 / (1 + np.exp(-value))


def lecture_lstm(weights: Arrays, x: Array) -> Array:
    """Loop over steps in float64, straight from the notes: V = [x; h; c], c's block diagonal."""
    w, r, b, p, fc_w, fc_b = (
        weights[name].astype(np.float64)
        for name in ("rnn.0.W", "rnn.0.R", "rnn.0.b", "rnn.0.P", "fc.weight", "fc.bias")
    )
    units = r.shape[1]
    rows = {gate: slice(k * units, (k + 1) * units) for k, gate in enumerate("iofz")}
    matrix = {gate: np.hstack([w[k], r[k], np.diag(p[k])]) for gate, k in rows.items()}
    logits = []
    for image in x.astype(np.float64):
        h = c = np.zeros(units)
        for x_t in image:
            V = np.concatenate([x_t, h, c])
            a = {gate: matrix[gate] @ V + b[k] for gate, k in rows.items()}
            c = sigmoid(a["f"]) * c + sigmoid(a["i"]) * np.tanh(a["z"])
            h = sigmoid(a["o"]) * np.tanh(c)
        logits.append(fc_w @ h + fc_b)
    return np.array(logits)


def test_the_lecture_form_equals_a_loop_written_from_the_equations() -> None:
    name = "lecture_peephole"
    expected = lecture_lstm(data.weights(name), case(name).x)
    computed = compute(model(name), name, "numpy:float64")
    np.testing.assert_allclose(computed, expected, rtol=0, atol=1e-6)


def test_the_lecture_form_is_not_the_onnx_form() -> None:
    name, weights = "lecture_peephole", data.weights("lecture_peephole")
    units = weights["rnn.0.R"].shape[1]
    shared = weights | {"rnn.0.P": weights["rnn.0.P"].copy()}
    shared["rnn.0.P"][3 * units :] = 0  # what the ONNX form cannot hold is taken from both
    onnx_form = shared | {"rnn.0.P": shared["rnn.0.P"][: 3 * units]}
    lecture = compute(nets.build(name, shared).build(), name)
    other = compute(nets.build(name, onnx_form).build(), name)
    np.testing.assert_array_less(100 * LOGITS_TOLERANCE, np.abs(lecture - other).max())


# Mutants: each breaks one thing that a builder may get wrong. All of them must move the logits
# so far that the comparison with the recorded ones would fail.


def swap_gates(weights: Arrays, first: int, second: int, gates: int) -> dict[str, Array]:
    order = list(range(gates))
    order[first], order[second] = second, first
    return {
        name: array if name.startswith("fc") else np.concatenate([blocks[k] for k in order])
        for name, array in weights.items()
        for blocks in [np.split(array, gates) if array.shape[0] % gates == 0 else []]
    }


def swap_directions(weights: Arrays, layer: int) -> dict[str, Array]:
    end = f"_l{layer}"

    def other(name: str) -> str:
        if name.endswith(f"{end}_reverse"):
            return name.removesuffix("_reverse")
        return f"{name}_reverse" if name.endswith(end) else name

    return {name: weights[other(name)] for name in weights}


def without_peepholes(weights: Arrays, layer: int) -> dict[str, Array]:
    return {
        name: np.zeros_like(array) if name == f"rnn.{layer}.P" else array
        for name, array in weights.items()
    }


def mutated_weights() -> Iterator[tuple[str, str, Callable[[Arrays], Arrays]]]:
    for name, gates in {"lstm": 4, "lstm3": 4, "bilstm2": 4, "gru": 3, "bigru2": 3}.items():
        for first, second in combinations(range(gates), 2):
            swap = partial(swap_gates, first=first, second=second, gates=gates)
            yield name, f"gates {first} and {second} swapped", swap
    for name in ("birnn_tanh", "bigru2", "bilstm2"):
        for layer in (0, 1):
            yield name, f"layer {layer} flipped", partial(swap_directions, layer=layer)
    for name in ("peephole", "peephole2", "lecture_peephole"):
        for layer in range(1 + name.endswith("2")):
            dropped = partial(without_peepholes, layer=layer)
            yield name, f"layer {layer} without peepholes", dropped


MUTANTS = [pytest.param(name, how, id=f"{name}: {what}") for name, what, how in mutated_weights()]


@pytest.mark.parametrize(("name", "mutate"), MUTANTS)
def test_mutated_weights_are_noticed(name: str, mutate: Callable[[Arrays], Arrays]) -> None:
    logits = compute(nets.build(name, mutate(data.weights(name))).build(), name)
    np.testing.assert_array_less(LOGITS_TOLERANCE, np.abs(logits - data.logits(name)).max())


@pytest.mark.parametrize(
    ("name", "layer", "attribute", "value"),
    [
        ("gru", 0, "linear_before_reset", 0),
        ("bigru2", 0, "linear_before_reset", 0),
        ("bigru2", 1, "linear_before_reset", 0),
        ("rnn_tanh", 0, "direction", "reverse"),
        ("gru", 0, "direction", "reverse"),
        ("lstm", 0, "direction", "reverse"),
        ("lstm3", 1, "direction", "reverse"),
        ("peephole2", 1, "direction", "reverse"),
        ("rnn_relu", 0, "activations", ["Tanh"]),
    ],
)
def test_mutated_operators_are_noticed(name: str, layer: int, attribute: str, value: Any) -> None:
    mutant = onnx.ModelProto()
    mutant.CopyFrom(model(name))
    node = [node for node in mutant.graph.node if node.op_type in ("RNN", "GRU", "LSTM")][layer]
    kept = [given for given in node.attribute if given.name != attribute]
    del node.attribute[:]
    node.attribute.extend([*kept, onnx.helper.make_attribute(attribute, value)])
    logits = compute(mutant, name)
    np.testing.assert_array_less(LOGITS_TOLERANCE, np.abs(logits - data.logits(name)).max())
