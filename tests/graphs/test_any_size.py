"""Recurrent layers of any size, sizes of 1 above all, meet the equations in every form."""

from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from onnxwright import runtime
from onnxwright.graphs import GRUWeights, LSTMWeights, Network, RNNWeights

from .forms import Feeds, RecurrentForm

SIZES = st.integers(1, 4)


@st.composite
def layers(draw: st.DrawFn) -> RecurrentForm:
    """Draw a layer of any cell, with its options."""
    kind, directions = draw(st.sampled_from("RLG")), draw(st.integers(1, 2))
    features, units = draw(SIZES), draw(SIZES)
    rng = np.random.default_rng(draw(st.integers(0, 2**16)))

    def numbers(*shape: int) -> NDArray[np.float32]:
        """Return eighths, whose sums are exact."""
        return (rng.integers(-8, 9, (directions, *shape)) / 8).astype(np.float32)

    gates = {"R": 1, "L": 4, "G": 3}[kind]
    projected = draw(SIZES) if kind == "L" and draw(st.booleans()) else None
    w, r = numbers(gates * units, features), numbers(gates * units, projected or units)
    b = numbers(2 * gates * units) if draw(st.booleans()) else None
    common: dict[str, Any] = {
        "lengths": draw(st.booleans()),
        "initial": draw(st.booleans()),
        "merge": draw(st.sampled_from(["concat", "sum", "product"]))
        if directions == 2
        else "concat",
        "direction": draw(st.sampled_from([None, "reverse"])) if directions == 1 else None,
    }
    if kind == "R":
        return RecurrentForm("rnn", RNNWeights(w, r, b), **common)
    if kind == "G":
        reset: Any = draw(st.sampled_from(["before", "after"]))
        return RecurrentForm("gru", GRUWeights(w, r, b, reset=reset), **common)
    form: tuple[int, Any] = draw(st.sampled_from([(0, "onnx"), (3, "onnx"), (4, "lecture")]))
    seeing, peephole = form
    weights = LSTMWeights(
        w,
        r,
        b,
        p=numbers(seeing * units) if seeing else None,
        peephole=peephole,
        projection=numbers(projected, units) if projected else None,
    )
    operator = projected is None and peephole == "onnx"
    return RecurrentForm("lstm", weights, operator=operator, **common)


@st.composite
def feeds(draw: st.DrawFn, form: RecurrentForm) -> Feeds:
    """Draw what a layer reads: a batch with lengths and initial states."""
    batch, time = draw(SIZES), draw(SIZES)
    rng = np.random.default_rng(draw(st.integers(0, 2**16)))
    lengths = draw(st.lists(st.integers(0, time), min_size=batch, max_size=batch))
    states = {n: rng.normal(size=(batch, int(n[1:]))).astype("f4") for n in form.state_names}
    x = rng.normal(size=(batch, time, form.weights.input_size)).astype("f4")
    return {"x": x, "lengths": np.array(lengths, np.int32), **states}


@settings(max_examples=40, deadline=None, derandomize=True)
@given(st.data(), layers(), st.booleans())
def test_any_layer_of_any_size(data: st.DataObject, form: RecurrentForm, fixed: bool) -> None:
    given_feeds = data.draw(feeds(form))
    net = Network("any")
    inputs = {}
    for name, array in given_feeds.items():
        dims: list[int | str] = list(array.shape)
        if not fixed:
            dims[: 2 if name == "x" else 1] = ("batch", "time")[: 2 if name == "x" else 1]
        inputs[name] = net.input(name, dims, dtype=array.dtype.name)
    for lowering in form.lowerings(fixed):
        for role, value in form.add(net, inputs, lowering).items():
            net.output(f"{lowering}|{role}", value)
    outputs = runtime.load(net.build(), on="numpy:float64").run(given_feeds)
    wanted = form.expected(given_feeds)
    for name, got in outputs.items():
        np.testing.assert_allclose(got, wanted[name.split("|")[1]], rtol=0, atol=1e-12)
