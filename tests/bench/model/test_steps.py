"""What a recurrent layer reads and computes at a step: the operator, its 8-bit form, a Scan."""

from typing import Any

import numpy as np
import onnx
import pytest

from onnxwright import graphs
from onnxwright.bench.model.counts import count
from onnxwright.bench.model.steps import Steps

UNITS, FEATURES, TIME, BATCH = 8, 5, 7, 3


def drawn(*shape: int) -> Any:
    return np.random.default_rng(0).standard_normal(shape).astype(np.float32)


def net(directions: int, lowering: Any) -> onnx.ModelProto:
    network = graphs.Network("net")
    shapes = ((3 * UNITS, FEATURES), (3 * UNITS, UNITS))
    arrays = [drawn(directions, *shape) for shape in shapes]
    weights = graphs.GRUWeights(*arrays, reset="before")
    x = network.input("x", f"batch time {FEATURES}")
    network.output("y", network.gru(x, weights, lowering=lowering).sequence)
    return network.build()


@pytest.mark.parametrize("lowering", ["op", "scan"])
@pytest.mark.parametrize("directions", [1, 2])
def test_a_step_reads_the_recurrent_weights(directions: int, lowering: str) -> None:
    found = count(net(directions, lowering), {"x": (BATCH, TIME, FEATURES)}).steps
    size, flops = 4 * 3 * UNITS * UNITS, 2 * 3 * UNITS * UNITS * BATCH
    expected = [Steps(TIME, size, flops)] * 2 if lowering == "scan" else None
    if expected is None:
        expected = [Steps(TIME * directions, size, flops)]
    np.testing.assert_equal(list(found), expected[: directions if lowering == "scan" else 1])


def test_eight_bits_are_a_quarter() -> None:
    pytest.importorskip("onnxruntime")
    from onnxwright.graphs.quantization.run import quantize

    network = graphs.Network("net")
    arrays = (drawn(1, 4 * UNITS, FEATURES), drawn(1, 4 * UNITS, UNITS))
    x = network.input("x", f"batch time {FEATURES}")
    network.output("y", network.lstm(x, graphs.LSTMWeights(*arrays)).sequence)
    model = quantize(network.build()).model
    (found,) = count(model, {"x": (BATCH, TIME, FEATURES)}).steps
    np.testing.assert_equal((found.steps, found.bytes), (TIME, 4 * UNITS * UNITS))


def test_a_net_without_recurrent_layers_has_none() -> None:
    network = graphs.Network("net")
    x = network.input("x", f"batch {FEATURES}")
    network.output("y", network.dense(x, graphs.DenseWeights(drawn(4, FEATURES))))
    np.testing.assert_equal(count(network.build(), {"x": (BATCH, FEATURES)}).steps, ())
