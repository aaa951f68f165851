"""Every form, at four opsets, with batch and time named or fixed, against the float64 loops.

onnxruntime 1.32 loads every opset to the newest (28, IR 14), so none is left to NumPy alone.
"""

from collections.abc import Mapping, Sequence
from functools import cache
from importlib.util import find_spec
from typing import Any

import numpy as np
import onnx
import pytest

from onnxwright import runtime
from onnxwright.graphs import Network
from onnxwright.graphs.builder.opsets import NEWEST_OPSET

from .forms import GRUS, IMAGES, LSTMS, MATRICES, RNNS, Feeds, Form
from .forms.form import random
from .forms.images import CHANNELS, SPATIAL
from .forms.tables import INPUTS

GROUPS: Mapping[str, Sequence[Form]] = {
    "matrices": MATRICES,
    "images": IMAGES,
    "rnns": RNNS,
    "lstms": LSTMS,
    "grus": GRUS,
}
OPSETS = (13, 17, 21, NEWEST_OPSET)
DIMS = tuple((batch, time) for batch in ("batch", 3) for time in ("time", 3))
"""The batch and time dims of the inputs: named, or fixed to what the feeds have."""
TOLERANCES = {"numpy:float64": 1e-12} | ({"cpu": 1e-5} if find_spec("onnxruntime") else {})
BATCH, TIME = 3, 3
WIDTHS = ("h4", "h8", "c4", "c8", "h2")
"""The initial states that the forms name, by kind and width."""

FEEDS: Feeds = {
    "vector": random(INPUTS, seed=70),
    "matrix": random(BATCH, INPUTS, seed=71),
    "x": random(BATCH, TIME, INPUTS, seed=72, scale=1.0),
    "cube": random(BATCH, TIME, 2, INPUTS, seed=73),
    "lengths": np.array([TIME, 2, 0], np.int32),
    **{name: random(BATCH, int(name[1:]), seed=74) for name in WIDTHS},
    **{f"image{k}": random(BATCH, CHANNELS, *SPATIAL[k], seed=75) for k in SPATIAL},
}


def dims_of(name: str, batch: str | int, time: str | int) -> list[str | int]:
    """Return the dims under which an input is declared."""
    shape: list[str | int] = list(FEEDS[name].shape)
    if name == "vector":
        return shape
    shape[0] = batch
    if name in ("x", "cube"):
        shape[1] = time
    if name.startswith("image") and time == "time":
        shape[2:] = [f"{name}_{axis}" for axis in range(len(shape) - 2)]
    return shape


@cache
def build(group: str, opset: int, batch: str | int, time: str | int) -> onnx.ModelProto:
    """Return one model of all the group's forms; the full checker has passed it."""
    net = Network(group, opset=opset)
    inputs = {}
    for name, array in FEEDS.items():
        dims = dims_of(name, batch, time)
        inputs[name] = net.input(name, dims, dtype=array.dtype.name)
    for form in GROUPS[group]:
        for lowering in form.lowerings(time != "time"):
            for role, value in form.add(net, inputs, lowering).items():
                net.output(f"{form.name}|{lowering}|{role}", value)
    return net.build()


@cache
def run(group: str, opset: int, batch: str | int, time: str | int, on: str) -> Feeds:
    return runtime.load(build(group, opset, batch, time), on=on).run(FEEDS)


@cache
def expected(group: str, name: str) -> Feeds:
    (form,) = (form for form in GROUPS[group] if form.name == name)
    return form.expected(FEEDS)


CASES = [(group, form) for group, forms in GROUPS.items() for form in forms]


@pytest.mark.parametrize(("batch", "time"), DIMS)
@pytest.mark.parametrize("opset", OPSETS)
@pytest.mark.parametrize(("group", "form"), CASES, ids=[form.name for _, form in CASES])
def test_every_form_meets_the_equations(
    group: str, form: Any, opset: int, batch: str | int, time: str | int
) -> None:
    for on, tolerance in TOLERANCES.items():
        outputs = run(group, opset, batch, time, on)
        for lowering in form.lowerings(time != "time"):
            for role, wanted in expected(group, form.name).items():
                got = outputs[f"{form.name}|{lowering}|{role}"]
                where = f"{lowering} {role} on {on}"
                np.testing.assert_allclose(got, wanted, rtol=0, atol=tolerance, err_msg=where)


@pytest.mark.parametrize(("batch", "time"), DIMS)
@pytest.mark.parametrize("group", GROUPS)
def test_declared_output_dims_are_those_that_come_out(
    group: str, batch: str | int, time: str | int
) -> None:
    outputs = run(group, OPSETS[1], batch, time, "numpy:float64")
    for declared in build(group, OPSETS[1], batch, time).graph.output:
        shape = outputs[declared.name].shape
        dims = [
            dim.dim_value if dim.HasField("dim_value") else size
            for dim, size in zip(declared.type.tensor_type.shape.dim, shape, strict=True)
        ]
        np.testing.assert_equal(dims, list(shape), err_msg=declared.name)
