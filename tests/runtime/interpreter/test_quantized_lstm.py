"""DynamicQuantizeLSTM against LSTM with the weights that the integers stand for."""

from typing import Any

import numpy as np
import onnx
import pytest
from onnx import helper, numpy_helper

from onnxwright.runtime.interpreter import NumpyRunner

ort = pytest.importorskip("onnxruntime")
RANDOM = np.random.default_rng(2)
TIME, BATCH, WIDTH, HIDDEN = 6, 2, 3, 4
X = RANDOM.standard_normal((TIME, BATCH, WIDTH)).astype(np.float32)


def weights(directions: int, per_column: bool, most: int = 127) -> dict[str, Any]:
    shape, unit = (directions, 4 * HIDDEN) if per_column else (directions,), 0.4 / most
    return {
        "W": RANDOM.integers(-most, most, (directions, WIDTH, 4 * HIDDEN)).astype(np.int8),
        "R": RANDOM.integers(-most, most, (directions, HIDDEN, 4 * HIDDEN)).astype(np.int8),
        "B": RANDOM.standard_normal((directions, 8 * HIDDEN)).astype(np.float32),
        "Ws": RANDOM.uniform(unit, 2 * unit, shape).astype(np.float32),
        "Wz": np.zeros(shape, np.int8),
        "Rs": RANDOM.uniform(unit, 2 * unit, shape).astype(np.float32),
        "Rz": np.zeros(shape, np.int8),
    }


def one_node(node: onnx.NodeProto, arrays: dict[str, Any], constant: bool) -> onnx.ModelProto:
    tensors = [numpy_helper.from_array(value, name) for name, value in arrays.items()]
    values = {"X": X} if constant else {"X": X, **arrays}
    inputs = [
        helper.make_tensor_value_info(name, helper.np_dtype_to_tensor_dtype(v.dtype), v.shape)
        for name, v in values.items()
    ]
    outputs = [onnx.ValueInfoProto(name=name) for name in node.output]
    graph = helper.make_graph([node], "one", inputs, outputs, tensors if constant else [])
    imports = [helper.make_opsetid("", 17), helper.make_opsetid("com.microsoft", 1)]
    return helper.make_model(graph, opset_imports=imports, ir_version=8)


def quantized(directions: int) -> onnx.NodeProto:
    return helper.make_node(
        "DynamicQuantizeLSTM",
        ["X", "W", "R", "B", "", "", "", "", "Ws", "Wz", "Rs", "Rz"],
        ["Y", "Y_h"],
        domain="com.microsoft",
        hidden_size=HIDDEN,
        direction="bidirectional" if directions == 2 else "forward",
    )


def plain(arrays: dict[str, Any], directions: int) -> dict[str, Any]:
    """Run LSTM on W * scale, its last axes swapped."""
    scales = {name: arrays[f"{name}s"].reshape(directions, 1, -1) for name in "WR"}
    wide = {name: (arrays[name] * scales[name]).swapaxes(1, 2) for name in "WR"}
    direction = "bidirectional" if directions == 2 else "forward"
    node = helper.make_node(
        "LSTM", ["X", "W", "R", "B"], ["Y", "Y_h"], hidden_size=HIDDEN, direction=direction
    )
    model = one_node(node, {**wide, "B": arrays["B"]}, constant=True)
    return NumpyRunner(model).run({"X": X})


@pytest.mark.parametrize("directions", [1, 2])
@pytest.mark.parametrize("per_column", [False, True])
@pytest.mark.parametrize("constant", [False, True])
def test_it_is_the_lstm_of_the_dequantized_weights(
    directions: int, per_column: bool, constant: bool
) -> None:
    arrays = weights(directions, per_column)
    model = one_node(quantized(directions), arrays, constant)
    got = NumpyRunner(model).run({"X": X} if constant else {"X": X, **arrays})
    expected = plain(arrays, directions)
    np.testing.assert_allclose(got["Y"], expected["Y"], rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(got["Y_h"], expected["Y_h"], rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("per_column", [False, True])
def test_onnxruntime_is_as_near_as_its_rounding_of_x_and_h_allows(per_column: bool) -> None:
    # Seven bits: onnxruntime multiplies them exactly on every processor.
    arrays = weights(1, per_column, most=63)
    model = one_node(quantized(1), arrays, constant=True)
    session = ort.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    expected = session.run(None, {"X": X})[0]
    actual = NumpyRunner(model).run({"X": X})["Y"]
    np.testing.assert_allclose(actual, expected, atol=0.02)
