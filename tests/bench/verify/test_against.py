"""A changed model against its source: the layer that does the damage was planted."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from onnx import numpy_helper

from onnxwright import graphs
from onnxwright.bench.errors import BenchError
from onnxwright.bench.verify.against import Damage, Layer, measure_damage

RANDOM_X = np.random.default_rng(5).standard_normal((3, 7, 6)).astype(np.float32)
FEEDS = {"x": RANDOM_X}
LAYERS = ("first", "second", "head")


def uniform(*shape: int) -> Any:
    return np.random.default_rng(list(shape)).uniform(-0.5, 0.5, shape).astype(np.float32)


def net() -> onnx.ModelProto:
    """Two LSTMs and a dense layer, in which one channel of the dense layer's weights is large."""
    network = graphs.Network("net")
    h = network.input("x", "batch time 6")
    for name, width in (("first", 6), ("second", 8)):
        arrays = (uniform(1, 32, width), uniform(1, 32, 8), uniform(1, 64))
        h = network.lstm(h, graphs.LSTMWeights.from_onnx(*arrays), name=name).sequence
    network.output("y", network.dense(h, graphs.DenseWeights(head()), name="head"))
    return network.build()


def head() -> Any:
    W = uniform(5, 8)
    W[3] *= 500
    return W


def changed(name: str, change: Any) -> onnx.ModelProto:
    """Return the net with one array changed."""
    model = net()
    (tensor,) = (each for each in model.graph.initializer if each.name == name)
    tensor.CopyFrom(numpy_helper.from_array(change(numpy_helper.to_array(tensor)), name))
    return model


def per_tensor(W: Any) -> Any:
    """Store weights in 8 bits with one scale: the large channel takes all the steps."""
    scale = np.abs(W).max() / 127
    return (np.rint(W / scale) * scale).astype(np.float32)


def wrong_zero_point(W: Any) -> Any:
    """Read unsigned bytes as if their zero point were 125, not 128."""
    scale = np.abs(W).max() / 127
    return ((np.rint(W / scale) + 3) * scale).astype(np.float32)


def swapped_gates(W: Any) -> Any:
    """Take i for o."""
    i, o, f, c = np.split(W, 4, axis=1)
    return np.concatenate([o, i, f, c], axis=1)


PLANTED = [
    ("head.W", per_tensor, "MatMul"),
    ("second.W", wrong_zero_point, "LSTM"),
    ("first.R", swapped_gates, "LSTM"),
]


def saved(folder: Path, name: str, model: onnx.ModelProto) -> Path:
    onnx.save(model, folder / name)
    return folder / name


def damage(folder: Path, model: onnx.ModelProto, **options: Any) -> Damage:
    paths = saved(folder, "q.onnx", model), saved(folder, "f.onnx", net())
    return measure_damage(*paths, {"numpy": {}}, FEEDS, **options)


@pytest.mark.parametrize(("array", "change", "op_type"), PLANTED)
@pytest.mark.parametrize("tap_bytes", [1, 2**29])
def test_the_layer_that_does_the_damage_is_named_first(
    array: str, change: Any, op_type: str, tap_bytes: int, tmp_path: Path
) -> None:
    found = damage(tmp_path, changed(array, change), tap_bytes=tap_bytes)
    worst, *others = found.layers
    np.testing.assert_equal([worst.node.split("/")[0], worst.op_type], [array[:-2], op_type])
    assert worst.alone is not None
    assert worst.alone > 0.002
    np.testing.assert_array_less(alone(others), 1e-6)


def alone(layers: Iterable[Layer]) -> list[float]:
    """Return their errors; those against zeros are none."""
    return [layer.alone or 0.0 for layer in layers]


def test_what_comes_after_the_damage_is_off_in_all_and_not_alone(tmp_path: Path) -> None:
    layers = {
        each.value: each for each in damage(tmp_path, changed("first.R", swapped_gates)).layers
    }
    second, y = layers["second/LSTM.Y"], layers["y"]
    assert second.in_all is not None
    assert y.in_all is not None
    assert second.in_all > 0.01
    assert y.in_all > 0.01
    np.testing.assert_array_less(alone([second, y]), 1e-6)


@pytest.mark.parametrize(("budget", "passed"), [(1e-6, False), (1.0, True)])
def test_the_budget_decides(budget: float, passed: bool, tmp_path: Path) -> None:
    found = damage(tmp_path, changed("second.W", wrong_zero_point), budget=budget)
    np.testing.assert_equal(found.passed, passed)
    np.testing.assert_equal(found.to_json()["passed"], passed)


def test_a_model_against_itself_costs_nothing(tmp_path: Path) -> None:
    found = damage(tmp_path, net(), budget=1e-6)
    np.testing.assert_equal(found.passed, True)
    np.testing.assert_array_less(alone(found.layers), 1e-6)


def test_an_output_that_is_not_finite_is_over_any_budget(tmp_path: Path) -> None:
    found = damage(tmp_path, changed("head.W", lambda W: W * np.float32(np.inf)), budget=1e9)
    np.testing.assert_equal(found.passed, False)


def test_one_element_that_is_not_finite_is_over_any_budget(tmp_path: Path) -> None:
    def spoil(B: Any) -> Any:
        B = B.copy()
        B.reshape(-1)[0] = np.nan
        return B

    found = damage(tmp_path, changed("first.B", spoil), budget=1e9)
    np.testing.assert_equal(found.passed, False)


def test_a_model_that_names_nothing_alike_has_no_layers(tmp_path: Path) -> None:
    other = net()
    renamed = {name: f"other/{name}" for node in other.graph.node for name in node.output if name}
    renamed["y"] = "y"
    for node in other.graph.node:
        for names in (node.input, node.output):
            names[:] = [renamed.get(name, name) for name in names]
    found = damage(tmp_path, other)
    np.testing.assert_equal([layer.value for layer in found.layers], ["y"])


def test_other_inputs_are_refused(tmp_path: Path) -> None:
    other = net()
    other.graph.input[0].name = "z"
    other.graph.node[0].input[0] = "z"
    with pytest.raises(
        BenchError, match=r"q\.onnx has the inputs z: float32 of rank 3, .*f\.onnx x: float32 of"
    ):
        damage(tmp_path, other)
