"""Networks that compute in float16, bfloat16 and float64."""

from dataclasses import replace
from typing import Any

import ml_dtypes
import numpy as np
import onnx
import pytest

from onnxwright import runtime
from onnxwright.graphs import DenseWeights, Network

from .forms import GRUS, LSTMS, RNNS, RecurrentForm
from .forms.form import random

FORMS = {form.name: form for form in (*RNNS, *LSTMS, *GRUS)}
NAMES = ("birnn_dense", "lstm_peephole_initial", "lstm_lecture_lengths_initial", "bigru_after")
DTYPES: dict[str, tuple[Any, float]] = {
    "float16": (np.float16, 2e-2),
    "bfloat16": (ml_dtypes.bfloat16, 1.5e-1),
    "float64": (np.float64, 1e-14),
}
"""The NumPy dtype, and how far results of order 1 may be from the equations in float64."""


def feeds_for(form: RecurrentForm) -> dict[str, Any]:
    states = {name: random(2, int(name[1:]), seed=3) for name in form.state_names}
    return {"x": random(2, 4, 3, seed=1), "lengths": np.array([4, 2], np.int32), **states}


def build(form: RecurrentForm, dtype: str, lowering: str) -> onnx.ModelProto:
    net = Network(form.name, dtype=dtype, opset=22)
    inputs = {
        name: net.input(name, list(array.shape), dtype=dtype if array.ndim > 1 else "int32")
        for name, array in feeds_for(form).items()
    }
    for role, value in form.add(net, inputs, lowering).items():
        net.output(role, value)
    return net.build()


@pytest.mark.parametrize("lowering", ["op", "scan", "unrolled"])
@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", NAMES)
def test_a_recurrent_layer_in_the_networks_dtype(name: str, dtype: str, lowering: str) -> None:
    form = FORMS[name]
    if lowering == "op" and not form.operator:
        return
    kind, tolerance = DTYPES[dtype]
    feeds = feeds_for(form)
    typed = {key: a.astype(kind) if a.ndim > 1 else a for key, a in feeds.items()}
    outputs = runtime.load(build(form, dtype, lowering), on="numpy").run(typed)
    for role, wanted in form.expected(feeds).items():
        np.testing.assert_equal(outputs[role].dtype, np.dtype(kind))
        got = outputs[role].astype(np.float64)
        np.testing.assert_allclose(got, wanted, rtol=0, atol=tolerance, err_msg=role)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("opset", [13, 17, 22])
def test_a_dense_layer_in_the_networks_dtype(dtype: str, opset: int) -> None:
    kind, tolerance = DTYPES[dtype]
    net = Network("dense", dtype=dtype, opset=opset)
    w, b, x = random(5, 3, seed=1), random(5, seed=2), random(2, 3, seed=3)
    net.output("y", net.dense(net.input("x", "batch 3"), DenseWeights(w, b), activation="tanh"))
    y = runtime.load(net.build()).run({"x": x.astype(kind)})["y"]
    np.testing.assert_equal(y.dtype, np.dtype(kind))
    wanted = np.tanh(x.astype(float) @ w.T.astype(float) + b)
    np.testing.assert_allclose(y.astype(float), wanted, rtol=0, atol=tolerance)


def test_float32_biases_are_added_in_the_wider_dtype() -> None:
    # 1 + 2**-30 is no float32: a net in float64 must not round the sum of both bias halves.
    form = FORMS["lstm"]
    assert form.weights.b is not None
    b = np.zeros_like(form.weights.b)
    b[:, :16], b[:, 16:] = 1, 2.0**-30
    exact = replace(form, weights=replace(form.weights, b=b))
    outputs = runtime.load(build(exact, "float64", "scan")).run(
        {key: a.astype(float) if a.ndim > 1 else a for key, a in feeds_for(exact).items()}
    )
    wanted = exact.expected(feeds_for(exact))["sequence"]
    np.testing.assert_allclose(outputs["sequence"], wanted, rtol=0, atol=1e-14)
