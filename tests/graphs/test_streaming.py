"""Sequences fed in chunks: states as inputs and outputs, and the same numbers as fed whole."""

from collections.abc import Iterator, Sequence
from functools import cache
from importlib.util import find_spec
from typing import Any

import numpy as np
import onnx
import pytest
from numpy.typing import NDArray

from onnxwright import runtime
from onnxwright.graphs import DenseWeights, GraphError, Network

from . import oracle
from .forms import GRUS, LSTMS, RNNS, Feeds, RecurrentForm
from .forms.form import random
from .forms.tables import INPUTS, gru, lstm, rnn

Array = NDArray[Any]
RUNTIMES = ("numpy", "cpu") if find_spec("onnxruntime") else ("numpy",)
TIME, BATCH = 7, 3
CHUNKS = ((7,), (1,) * 7, (2, 4, 1), (3, 3, 1))
FORWARD = {
    form.name: form
    for form in (*RNNS, *LSTMS, *GRUS)
    if form.weights.directions == 1 and form.direction is None and not form.initial
}
X = random(BATCH, TIME, INPUTS, seed=5, scale=1.0)


def feed(model: onnx.ModelProto, chunks: Sequence[Feeds], on: str) -> tuple[Array, list[Array]]:
    """Feed the chunks one after the other, handing each state on as a serving system would.

    Returns the output ``y`` of all chunks, and the final states in the model's order.
    """
    runner = runtime.load(model, on=on)
    widths = {entered: int(dims[1]) for entered, _, dims in rows_of_states(model)}
    states = {name: np.zeros((BATCH, width), np.float32) for name, width in widths.items()}
    pieces = []
    for chunk in chunks:
        outputs = runner.run({**chunk, **states})
        states = {name: outputs[name.removesuffix("_in") + "_out"] for name in widths}
        pieces.append(outputs["y"])
    return np.concatenate(pieces, axis=1), [states[name] for name in widths]


def cut(x: Array, sizes: Sequence[int]) -> list[Feeds]:
    return [{"x": piece} for piece in np.split(x, np.cumsum(sizes)[:-1], axis=1)]


@cache
def deep(lowering: Any = "auto") -> onnx.ModelProto:
    """Return a stack of one layer of each kind, five states in all."""
    net = Network("deep", streaming=True)
    x = net.input("x", "batch time 3")
    h = net.lstm(x, lstm(peephole="lecture"), lowering=lowering).sequence
    h = net.gru(net.dense(h, DenseWeights(random(3, 4, seed=8))), gru(), lowering=lowering).sequence
    h = net.rnn(net.dense(h, DenseWeights(random(3, 4, seed=9))), rnn(), lowering=lowering).sequence
    net.output("y", h)
    return net.build()


def rows_of_states(model: onnx.ModelProto) -> Iterator[tuple[str, str, list[int | str]]]:
    """Yield the states' input and output names, in the model's order, and their dims."""
    ins = [info for info in model.graph.input if info.name.endswith("_in")]
    outs = [info for info in model.graph.output if info.name.endswith("_out")]
    for entered, left in zip(ins, outs, strict=True):
        dims = [
            [dim.dim_param or dim.dim_value for dim in info.type.tensor_type.shape.dim]
            for info in (entered, left)
        ]
        np.testing.assert_equal(dims[0], dims[1])
        yield entered.name, left.name, dims[0]


def test_states_are_named_in_the_order_of_the_layers() -> None:
    np.testing.assert_equal(
        list(rows_of_states(deep())),
        [
            ("lstm.h_in", "lstm.h_out", ["batch", 4]),
            ("lstm.c_in", "lstm.c_out", ["batch", 4]),
            ("gru.h_in", "gru.h_out", ["batch", 4]),
            ("rnn.h_in", "rnn.h_out", ["batch", 4]),
        ],
    )


@pytest.mark.parametrize("on", RUNTIMES)
@pytest.mark.parametrize("sizes", CHUNKS[1:])
@pytest.mark.parametrize("lowering", ["auto", "scan"])
def test_chunks_equal_the_whole(sizes: tuple[int, ...], on: str, lowering: str) -> None:
    whole, final = feed(deep(lowering), cut(X, CHUNKS[0]), on)
    pieces, states = feed(deep(lowering), cut(X, sizes), on)
    # NumPy's BLAS takes another kernel for another number of rows, which moves the last bit.
    atol = 0 if on == "cpu" else 2e-7
    np.testing.assert_allclose(pieces, whole, rtol=0, atol=atol)
    np.testing.assert_allclose(states, final, rtol=0, atol=atol)


@cache
def one_step(name: str) -> onnx.ModelProto:
    form, net = FORWARD[name], Network(name)
    inputs = {
        "x": net.input("x", [None, 1, INPUTS]),
        "lengths": net.input("lengths", "batch", dtype="int32"),
    }
    net.output("y", form.add(net, inputs, "step")["sequence"])
    return net.build()


@pytest.mark.parametrize("on", RUNTIMES)
@pytest.mark.parametrize("form", FORWARD.values(), ids=FORWARD)
def test_single_steps_meet_the_equations(form: RecurrentForm, on: str) -> None:
    lengths = np.array([TIME, 3, 0], np.int32)
    chunks: list[Feeds] = [
        {"x": X[:, t : t + 1], "lengths": np.clip(lengths - t, 0, 1)} for t in range(TIME)
    ]
    states = {name: np.zeros((BATCH, int(name[1:])), np.float32) for name in form.state_names}
    wanted = form.expected({"x": X, "lengths": lengths, **states})
    got, final = feed(one_step(form.name), chunks, on)
    np.testing.assert_allclose(got, wanted["sequence"], rtol=0, atol=1e-5)
    for index, state in enumerate(final):
        np.testing.assert_allclose(state, wanted[f"state_{index}"], rtol=0, atol=1e-5)


@pytest.mark.parametrize("on", RUNTIMES)
def test_twelve_states_sort_alike_going_in_and_coming_out(on: str) -> None:
    net = Network("tall", streaming=True)
    h = net.input("x", "batch time 3")
    layers = [lstm(seed=seed) for seed in range(6)]
    bridge = DenseWeights(random(3, 4, seed=8))
    for weights in layers:
        h = net.dense(net.lstm(h, weights).sequence, bridge)
    net.output("y", h)
    ins, outs, _ = zip(*rows_of_states(net.build()), strict=True)
    np.testing.assert_equal(ins[:4], ("lstm.h_in", "lstm.c_in", "lstm_1.h_in", "lstm_1.c_in"))
    paired = dict(zip(ins, outs, strict=True))
    np.testing.assert_equal([paired[name] for name in sorted(ins)], sorted(outs))

    y: Array = X
    finals: list[Array] = []
    for weights in layers:
        zeros = [np.zeros((BATCH, 4))] * 2
        assert weights.b is not None
        step = oracle.lstm(weights.w[0], weights.r[0], weights.b[0])
        result = oracle.run(step, y, zeros)
        y = result.sequence @ bridge.w.T.astype(float)
        finals += result.state
    got, states = feed(net.build(), cut(X, (2, 4, 1)), on)
    np.testing.assert_allclose(got, y, rtol=0, atol=1e-5)
    np.testing.assert_allclose(states, finals, rtol=0, atol=1e-5)


@pytest.mark.parametrize("on", RUNTIMES)
@pytest.mark.parametrize("lowering", ["op", "scan"])
def test_rows_may_end_within_any_chunk(lowering: Any, on: str) -> None:
    net = Network("ragged", streaming=True)
    x, n = net.input("x", "batch time 3"), net.input("n", "batch", dtype="int64")
    net.output("y", net.lstm(x, lstm(), lengths=n, lowering=lowering).sequence)
    lengths = np.array([7, 4, 0])
    chunks: list[Feeds] = [
        {"x": X[:, :3], "n": np.clip(lengths, 0, 3)},
        {"x": X[:, 3:], "n": np.clip(lengths - 3, 0, 4)},
    ]
    got, states = feed(net.build(), chunks, on)
    weights = lstm()
    assert weights.b is not None
    step = oracle.lstm(weights.w[0], weights.r[0], weights.b[0])
    wanted = oracle.run(step, X, [np.zeros((BATCH, 4))] * 2, lengths=lengths)
    np.testing.assert_allclose(got, wanted.sequence, rtol=0, atol=1e-5)
    np.testing.assert_allclose(states, wanted.state, rtol=0, atol=1e-5)


def test_a_layer_overrides_the_network() -> None:
    net = Network("mixed", streaming=True)
    x, h0 = net.input("x", "batch time 3"), net.input("h0", "batch 4")
    parts = [
        net.gru(x, gru(), streaming=False).sequence,
        net.gru(x, gru(), initial_state=h0).sequence,
        net.gru(x, gru(2), streaming=False).sequence,
    ]
    net.output("y", net.concat(parts))
    np.testing.assert_equal(list(rows_of_states(net.build())), [])

    net = Network("still")
    x = net.input("x", "batch time 3")
    net.gru(x, gru())
    net.output("y", net.gru(x, gru(), streaming=True).sequence)
    np.testing.assert_equal([name for name, _, _ in rows_of_states(net.build())], ["gru_1.h_in"])


@pytest.mark.parametrize(
    ("directions", "direction", "word"),
    [(2, None, "bidirectional"), (1, "reverse", "reverse")],
)
def test_a_layer_that_reads_backwards_is_refused(
    directions: int, direction: Any, word: str
) -> None:
    net = Network("back", streaming=True)
    x = net.input("x", "batch time 3")
    text = (
        f"^'encoder': a {word} layer cannot be fed in chunks\n"
        "its first output needs the whole sequence: build it without streaming$"
    )
    with pytest.raises(GraphError, match=text):
        net.lstm(x, lstm(directions), direction=direction, name="encoder")


@pytest.mark.parametrize("clash", ["sorting", "an output", "a value"])
def test_states_are_numbered_where_their_layers_names_do_not_serve(clash: str) -> None:
    net = Network("numbered", streaming=True)
    x = net.input("x", "batch time 3")
    first, second = ("a", "a.h_j") if clash == "sorting" else ("a", "b")
    h = net.gru(x, gru(), name=first)
    last = net.gru(x, gru(), name=second)
    net.output("b.h_out" if clash == "an output" else "y", net.add(h.last, last.last))
    if clash == "a value":
        net.input("b.h_in", "batch 3")
    graph = net.build().graph
    names = [info.name for info in (*graph.input, *graph.output)]
    numbers = ["state_0_in", "state_1_in", "state_0_out", "state_1_out"]
    np.testing.assert_equal([name for name in names if name.startswith("state_")], numbers)


def test_numbers_have_zeros_before_them_from_ten_on() -> None:
    net = Network("tall", streaming=True)
    x = net.input("x", "batch time 3")
    parts = [net.gru(x, gru(), name=f"a{'.h_j' * number}").last for number in range(11)]
    net.output("y", net.concat(parts))
    names = [entered for entered, _, _ in rows_of_states(net.build())]
    np.testing.assert_equal(names, [f"state_{number:02}_in" for number in range(11)])
    np.testing.assert_equal(names, sorted(names))
