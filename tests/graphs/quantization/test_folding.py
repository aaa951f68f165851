"""Batch normalisations that are folded before quantization, and those that are not."""

from collections.abc import Callable
from typing import Any

import numpy as np
import onnx
import pytest
from onnx import ModelProto, helper

from onnxwright import runtime
from onnxwright.graphs import BatchNormWeights, ConvWeights, Network
from onnxwright.graphs.quantization.folding import fold_normalisations
from onnxwright.graphs.quantization.run import quantize

RNG = np.random.default_rng(0)
X = RNG.normal(size=(2, 3, 6, 6)).astype(np.float32)


def net(*, bias: bool = True, groups: int = 1) -> ModelProto:
    """Return two convolutions, each with a normalisation behind it, the first with a ReLU too."""
    made = Network("n")
    x = made.input("x", "batch 3 6 6")
    for number in range(2):
        w = RNG.normal(size=(3, 3 // groups, 3, 3))
        x = made.conv(x, ConvWeights(w, RNG.normal(size=3) if bias else None), groups=groups)
        norm = np.abs(RNG.normal(size=(4, 3))) + 0.5
        x = made.batch_norm(x, BatchNormWeights(*norm), activation=None if number else "relu")
    made.output("y", x)
    return made.build()


def kinds(model: ModelProto) -> list[str]:
    return [node.op_type for node in model.graph.node]


def run(model: ModelProto) -> Any:
    return runtime.load(model, on="numpy:float64").run({"x": X})["y"]


def test_a_folded_convolution_is_told_as_quantized() -> None:
    """Also where the static quantizer has left out the Relu behind it."""
    pytest.importorskip("onnxruntime", reason="pip install onnxwright[cpu]")
    made = quantize(net(), "static", calibration=[{"x": X}])
    told = [(report.name, report.form, report.quantized) for report in made.nodes]
    np.testing.assert_equal(
        told, [("conv/Conv", "DequantizeLinear", True), ("conv_1/Conv", "DequantizeLinear", True)]
    )


@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("groups", [1, 3])
def test_a_folded_model_gives_the_same(bias: bool, groups: int) -> None:
    model = net(bias=bias, groups=groups)
    wanted = run(model)
    fold_normalisations(model)
    onnx.checker.check_model(model)
    np.testing.assert_equal(kinds(model), ["Conv", "Relu", "Conv"])
    np.testing.assert_equal(len(model.graph.initializer), 4)
    np.testing.assert_allclose(run(model), wanted, rtol=2e-6, atol=2e-5)


def output_too(model: ModelProto) -> None:
    model.graph.output.append(helper.make_tensor_value_info(model.graph.node[3].output[0], 1, None))


def read_by_another(model: ModelProto) -> None:
    model.graph.node.append(helper.make_node("Neg", [model.graph.node[3].output[0]], ["z"]))


def read_in_a_body(model: ModelProto) -> None:
    inner = helper.make_node("Neg", [model.graph.node[3].output[0]], ["inner"])
    body = helper.make_graph([inner], "b", [], [helper.make_tensor_value_info("inner", 1, None)])
    branches = {"then_branch": body, "else_branch": body}
    model.graph.node.append(helper.make_node("If", ["c"], ["z"], **branches))


def shared_weights(model: ModelProto) -> None:
    model.graph.node.append(helper.make_node("Neg", [model.graph.node[3].input[1]], ["z"]))


def negative_variance(model: ModelProto) -> None:
    name = model.graph.node[4].input[4]
    (tensor,) = (each for each in model.graph.initializer if each.name == name)
    tensor.CopyFrom(onnx.numpy_helper.from_array(-np.ones(3, np.float32), name))


def training(model: ModelProto) -> None:
    model.graph.node[4].attribute.append(helper.make_attribute("training_mode", 1))


def unknown_weights(model: ModelProto) -> None:
    model.graph.node[3].input[1] = "fed"


def name_taken(model: ModelProto) -> None:
    taken = f"{model.graph.node[3].output[0]}.folded_w"
    model.graph.initializer.append(onnx.numpy_helper.from_array(np.ones(1, np.float32), taken))


@pytest.mark.parametrize(
    "change",
    [
        output_too,
        read_by_another,
        read_in_a_body,
        shared_weights,
        negative_variance,
        training,
        unknown_weights,
        name_taken,
    ],
)
def test_what_cannot_be_folded_stays(change: Callable[[ModelProto], None]) -> None:
    model = net()
    change(model)
    fold_normalisations(model)
    np.testing.assert_equal(kinds(model)[:4], ["Conv", "Relu", "Conv", "BatchNormalization"])
