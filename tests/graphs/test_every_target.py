"""Every layer for every target: what is built has no node that is refused or computed wrong."""

from typing import Any

import numpy as np
import onnx
import pytest

from onnxwright import runtime
from onnxwright.graphs import ConvWeights, GraphError, Network
from onnxwright.graphs.activations.notation import PARAMETERS
from onnxwright.graphs.targets import TARGETS, Severity, lint

from .forms import GRUS, IMAGES, LSTMS, MATRICES, RNNS, Form
from .forms.form import random
from .test_forms import FEEDS, dims_of

ACTIVATIONS = [f"{name}(alpha=0.5)" if "alpha" in PARAMETERS[name] else name for name in PARAMETERS]
CASES = [*MATRICES, *IMAGES]
RECURRENT = [form for form in (*RNNS, *LSTMS, *GRUS) if "lengths" not in form.name]


def inputs_of(net: Network, batch: str | int, time: str | int, *names: str) -> dict[str, Any]:
    """Declare the inputs of these names, or all."""
    return {
        name: net.input(name, dims_of(name, batch, time), dtype=FEEDS[name].dtype.name)
        for name in names or FEEDS
    }


def check(net: Network, target: str, expected: dict[str, Any]) -> None:
    """Hold the finished model against the target's rules, and its numbers against the loops."""
    used = {name for node in net.nodes for name in node.input}
    used |= {value.name for value in net.outputs.values()}
    net.inputs = {name: value for name, value in net.inputs.items() if name in used}
    model = net.build()
    bad = [f for f in lint(model, target) if f.severity.rank >= Severity.UNSUPPORTED.rank]
    np.testing.assert_equal(bad, [])
    feeds = {info.name: FEEDS[info.name] for info in model.graph.input}
    outputs = runtime.load(model, on="numpy:float64").run(feeds)
    for role, wanted in expected.items():
        np.testing.assert_allclose(outputs[role], wanted, rtol=0, atol=1e-12, err_msg=role)


def refused(call: Any, target: str) -> bool:
    """Say whether building is refused for the sake of the target."""
    try:
        call()
    except GraphError as error:
        np.testing.assert_equal(f" {target}" in error.problem, True, err_msg=error.problem)
        return True
    return False


NO_VECTORS = {(form.name, "opencv") for form in MATRICES if "rank_1" in form.name}
REFUSED = NO_VECTORS | {
    ("conv_groups_3d", "webgpu"),
    ("global_max_pool_3d", "opencv"),
    ("global_average_pool_3d", "opencv"),
    *((form.name, "triton") for form in MATRICES if "rank_1" in form.name),
}
"""The forms that a target does not run in any way that is known here."""


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("form", CASES, ids=lambda form: form.name)
def test_a_layer_is_right_or_refused(form: Form, target: str) -> None:
    def build() -> None:
        net = Network("net", target=target)
        inputs = inputs_of(net, "batch", "time" if form in MATRICES else 3)
        for role, value in form.add(net, inputs, form.lowerings(True)[0]).items():
            net.output(role, value)
        check(net, target, dict(form.expected(FEEDS)))

    np.testing.assert_equal(refused(build, target), (form.name, target) in REFUSED)


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("text", ACTIVATIONS)
def test_an_activation_runs_everywhere(text: str, target: str) -> None:
    wanted = Network("plain")
    wanted.output("y", wanted.activation(wanted.input("matrix", "batch 3"), text))
    expected = runtime.load(wanted.build(), on="numpy:float64").run({"matrix": FEEDS["matrix"]})
    net = Network("net", target=target)
    net.output("y", net.activation(net.input("matrix", "batch 3"), text))
    check(net, target, dict(expected))


@pytest.mark.parametrize(
    ("form", "lowering"),
    [(form, way) for form in RECURRENT[::3] for way in ("auto", *form.lowerings(True))],
    ids=lambda given: getattr(given, "name", given),
)
@pytest.mark.parametrize("target", TARGETS)
def test_a_recurrent_layer_is_right_or_refused(form: Form, target: str, lowering: str) -> None:
    def build() -> None:
        net = Network("net", target=target)
        for role, value in form.add(net, inputs_of(net, "batch", 3), lowering).items():
            net.output(role, value)
        check(net, target, dict(form.expected(FEEDS)))

    np.testing.assert_equal(refused(build, target) and lowering == "auto", False)


@pytest.mark.parametrize("target", TARGETS)
def test_a_convolution_that_webgpu_computes_wrong_is_refused_there(target: str) -> None:
    def build() -> None:
        net = Network("net", target=target)
        x = net.input("x", "batch 6 8 8")
        net.output("y", net.conv(x, ConvWeights(random(8, 6, 3, 3, seed=1)), name="first"))
        onnx.checker.check_model(net.build())

    np.testing.assert_equal(refused(build, target), target == "webgpu")


def test_the_refusal_names_layer_target_reason_and_remedy() -> None:
    net = Network("net", target="webgpu")
    x = net.input("x", "batch 6 8 8")
    with pytest.raises(
        GraphError,
        match=r"^'first': Conv is silently wrong on webgpu: with 6, 9, 15, .*\npad the input ch",
    ):
        net.conv(x, ConvWeights(random(8, 6, 3, 3, seed=1)), name="first")


def test_rules_about_the_whole_model_stop_the_build() -> None:
    net = Network("net", target="triton")
    net.output("y", net.activation(net.input("x", "2 3"), "relu"))
    with pytest.raises(
        GraphError, match=r"^network 'net': the model \(x, y\) is unsupported on triton: batching"
    ):
        net.build()


@pytest.mark.parametrize("outputs", [("sequence",), ("sequence", "last")])
def test_an_output_that_nobody_reads_stays_where_the_target_needs_it(
    outputs: tuple[str, ...],
) -> None:
    form = next(form for form in GRUS if form.name == "gru_before_initial")
    net = Network("net", target="opencv")
    values = form.add(net, inputs_of(net, "batch", 3), "auto")
    for role in outputs:
        net.output(role, values[role])
    (gru,) = (node for node in net.build().graph.node if node.op_type == "GRU")
    np.testing.assert_equal(len(gru.output), 2)
