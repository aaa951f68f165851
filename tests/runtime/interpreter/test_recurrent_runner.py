"""Recurrent, convolution and pooling nodes in a whole model: laid out once, judged, in threads."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import onnx
import pytest
from numpy.typing import NDArray
from onnx import numpy_helper

from onnxwright import runtime

from .node_case import Case
from .recurrent_cases import OPS, random_case
from .recurrent_oracle import recurrent_oracle
from .windows_cases import conv_case, pool_case

Array = NDArray[Any]


def with_constants(case: Case) -> onnx.ModelProto:
    """Return the case's model with every input but the first an initializer."""
    model, feeds = case.model(), case.feeds()
    for value in list(model.graph.input)[1:]:
        model.graph.initializer.append(numpy_helper.from_array(feeds[value.name], value.name))
        model.graph.input.remove(value)
    return model


def first(case: Case) -> dict[str, Array]:
    name, array = next(iter(case.feeds().items()))
    return {name: array}


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("op", OPS)
def test_the_judge_computes_a_float32_model_in_float64(op: str, seed: int) -> None:
    rng = np.random.default_rng(seed)
    case = random_case(rng, op, direction="bidirectional", lengths="short", custom=seed > 2)
    small = case.astype("float32")
    got = runtime.load(with_constants(small), on="numpy:float64").run(first(small))
    wide = small.astype("float64")
    for value, wanted in zip(
        got.values(), recurrent_oracle(op, wide.inputs, wide.attributes), strict=True
    ):
        assert value.dtype == np.float64
        np.testing.assert_allclose(value, wanted, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("op", OPS)
def test_constant_weights_give_what_fed_weights_give(op: str) -> None:
    case = random_case(np.random.default_rng(1), op, lengths="short").astype("float32")
    fed = runtime.load(case.model(), on="numpy").run(case.feeds())
    for name, value in runtime.load(with_constants(case), on="numpy").run(first(case)).items():
        np.testing.assert_array_equal(value, fed[name])


def test_an_output_that_nobody_names_is_no_obstacle() -> None:
    case = random_case(np.random.default_rng(1), "LSTM").astype("float32")
    whole = runtime.load(case.model(), on="numpy").run(case.feeds())
    model = case.model()
    del model.graph.output[:2]
    model.graph.node[0].output[:] = ["", "", "Y_c"]
    (value,) = runtime.load(model, on="numpy").run(case.feeds()).values()
    np.testing.assert_array_equal(value, whole["Y_c"])


@pytest.mark.parametrize(
    "case",
    [
        *(random_case(np.random.default_rng(2), op, direction="bidirectional") for op in OPS),
        conv_case(np.random.default_rng(3)),
        pool_case(np.random.default_rng(4), "AveragePool"),
        pool_case(np.random.default_rng(5), "MaxPool"),
    ],
    ids=lambda case: case.op,
)
def test_threads_do_not_disturb_one_another(case: Case) -> None:
    small = case.astype("float32")
    runner = runtime.load(with_constants(small), on="numpy")
    ((name, x),) = first(small).items()
    feeds = [{name: x + np.float32(i)} for i in range(16)]
    alone = [runner.run(feed) for feed in feeds]
    with ThreadPoolExecutor(4) as pool:
        for together, wanted in zip(pool.map(runner.run, feeds * 5), alone * 5, strict=True):
            for key, value in wanted.items():
                np.testing.assert_array_equal(together[key], value)
