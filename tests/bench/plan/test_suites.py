"""Suites: their models are those that are said, and their two forms compute the same."""

import numpy as np
import onnx
import pytest

from onnxwright import runtime
from onnxwright.bench.errors import BenchError
from onnxwright.bench.plan.suites import (
    SLIDING,
    SUITES,
    Sliding,
    build_sliding,
    find_suite,
    sliding,
)

TINY = Sliding(layers=2, units=3, steps=5, features=4)


def test_the_sizes_are_in_the_published_proportions() -> None:
    a, b, c = (SLIDING[f"lstm-{letter}"].parameters() for letter in "abc")
    np.testing.assert_allclose([b / a, c / a], [6.2, 186.6], rtol=0.01)


@pytest.mark.parametrize(("form", "shape"), [("window", (5, 4)), ("step", (1, 4))])
def test_the_models_take_a_window_or_a_row(form: str, shape: tuple[int, int]) -> None:
    model = build_sliding(TINY, form).build()
    onnx.checker.check_model(model, full_check=True)
    dims = model.graph.input[0].type.tensor_type.shape.dim
    np.testing.assert_equal(
        (dims[0].dim_param, *(dim.dim_value for dim in dims[1:])), ("batch", *shape)
    )


def test_the_parameters_are_those_of_the_model() -> None:
    model = build_sliding(TINY, "window").build()
    sizes = {tensor.name: int(np.prod(tensor.dims)) for tensor in model.graph.initializer}
    biases = sum(size for name, size in sizes.items() if name.endswith(".B"))
    weights = {name: size for name, size in sizes.items() if name.endswith((".W", ".R"))}
    head = TINY.units + 1
    np.testing.assert_equal(sum(weights.values()) + biases // 2, TINY.parameters() - head + 3)


def test_a_window_is_its_rows_one_after_the_other() -> None:
    window = np.random.default_rng(0).standard_normal((1, 5, 4), np.float32)
    whole = runtime.load(build_sliding(TINY, "window").build(), on="numpy").run({"x": window})["y"]
    steps = runtime.load(build_sliding(TINY, "step").build(), on="numpy")
    states = {
        info.name: np.zeros((1, TINY.units), np.float32)
        for info in steps.inputs
        if info.name != "x"
    }
    for row in range(5):
        found = steps.run({"x": window[:, row : row + 1], **states})
        states = {name: found[f"{name.removesuffix('_in')}_out"] for name in states}
    np.testing.assert_allclose(found["y"], whole, atol=1e-6)


def test_a_suite_that_is_not_there_is_told_with_those_that_are() -> None:
    with pytest.raises(BenchError) as told:
        find_suite("lstm_latency")
    assert "there is no suite 'lstm_latency'\ndid you mean 'lstm-latency'? the suites" in str(
        told.value
    )


def test_a_form_that_is_not_there_is_told() -> None:
    with pytest.raises(BenchError, match=r"lstm-a has no form 'steps'\ndid you mean 'step'\? wri"):
        sliding("lstm-a/steps")
    np.testing.assert_equal(
        [sliding(model) is None for model in SUITES["lstm-latency"].models], 6 * [False]
    )


@pytest.mark.parametrize(
    ("cores", "counts"), [(1, [1]), (2, [1, 2]), (3, [1, 2, 3]), (300, [1, 2, 4, 8, 16, 32, 64])]
)
def test_instances_are_as_many_as_cores(cores: int, counts: list[int]) -> None:
    arrivals, *found = SUITES["lstm-latency"].loads(cores)
    np.testing.assert_equal(arrivals, "poisson=25%")
    np.testing.assert_equal(found, [f"processes={count}" for count in counts])
