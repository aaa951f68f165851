"""Building for a target: the layer takes a form that runs there, and gives the same numbers."""

from typing import Any

import numpy as np
import pytest

from onnxwright import runtime
from onnxwright.graphs import GraphError, Network
from onnxwright.graphs.builder.opsets import NEWEST_OPSET
from onnxwright.graphs.targets import TARGETS, Severity, choose, lint

from .forms import GRUS, LSTMS, RNNS, Feeds, RecurrentForm
from .forms.form import random

NAMES = (
    "rnn",
    "rnn_relu",
    "birnn_lengths_initial",
    "lstm_hard",
    "lstm_clip",
    "lstm_coupled_peephole",
    "lstm_lengths",
    "lstm_lecture_lengths_initial",
    "bilstm_peephole_lengths_initial",
    "bilstm_projected_dense",
    "gru_before",
    "gru_before_initial",
    "gru_after_lengths",
    "bigru_after",
)
FORMS = {form.name: form for form in (*RNNS, *LSTMS, *GRUS) if form.name in NAMES}
BATCH, TIME = 2, 3


def feeds_for(form: RecurrentForm) -> Feeds:
    states = {name: random(BATCH, int(name[1:]), seed=3) for name in form.state_names}
    lengths = np.array([TIME, 0], np.int32)
    return {"x": random(BATCH, TIME, 3, seed=1), "lengths": lengths, **states}


def build(form: RecurrentForm, target: str, fixed: bool) -> Any:
    net = Network("net", target=target)
    inputs = {}
    for name, array in feeds_for(form).items():
        dims: list[int | str] = list(array.shape)
        if not fixed:
            dims[: 2 if name == "x" else 1] = ("batch", "time")[: 2 if name == "x" else 1]
        inputs[name] = net.input(name, dims, dtype=array.dtype.name)
    for role, value in form.add(net, inputs, "auto").items():
        net.output(role, value)
    return net.build()


OPSET = NEWEST_OPSET


@pytest.mark.parametrize("fixed", [True, False], ids=["fixed", "open"])
@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("name", NAMES)
def test_the_form_runs_on_the_target(name: str, target: str, fixed: bool) -> None:
    form, feeds = FORMS[name], feeds_for(FORMS[name])
    if fixed and target == "triton":
        with pytest.raises(GraphError, match="is unsupported on triton: batching needs a symbolic"):
            build(form, target, fixed)
        return
    if not fixed and "scan" not in choose(target).lowerings:
        try:
            model = build(form, target, fixed)
        except GraphError as error:
            np.testing.assert_equal("with a time dim that is not fixed" in error.problem, True)
            return
    else:
        model = build(form, target, fixed)
    np.testing.assert_equal(model.opset_import[0].version, choose(target).opset)
    stops = [
        finding
        for finding in lint(model, target)
        if finding.severity.rank >= Severity.UNSUPPORTED.rank
    ]
    np.testing.assert_equal(stops, [])
    outputs = runtime.load(model, on="numpy:float64").run(feeds)
    for role, wanted in form.expected(feeds).items():
        np.testing.assert_allclose(outputs[role], wanted, rtol=0, atol=1e-12, err_msg=role)


@pytest.mark.parametrize(
    ("target", "options", "text"),
    [
        (
            "cuda",
            {"opset": OPSET},
            f"network 'net': cuda runs opset {{newest}} at most, not {OPSET}",
        ),
        ("opencv", {"dtype": "float64"}, "network 'net': opencv does not run float64"),
    ],
)
def test_an_opset_or_dtype_that_does_not_run_is_refused(
    target: str, options: dict[str, Any], text: str
) -> None:
    newest = choose(target).newest_opset
    with pytest.raises(GraphError, match=f"^{text.format(newest=newest)}\n"):
        Network("net", target=target, **options)
