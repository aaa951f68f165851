"""DynamicQuantizeLSTM against its equations, written step by step, and against onnxruntime."""

from typing import Any

import numpy as np
import onnx
import pytest
from onnx import helper, numpy_helper

from onnxwright.runtime.interpreter import NumpyRunner

ort = pytest.importorskip("onnxruntime")
TIME, BATCH, WIDTH, HIDDEN = 6, 2, 3, 4
X = np.random.default_rng(2).standard_normal((TIME, BATCH, WIDTH)).astype(np.float32)


def weights(directions: int, per_column: bool, most: int = 127) -> dict[str, Any]:
    random = np.random.default_rng(2)
    shape, unit = (directions, 4 * HIDDEN) if per_column else (directions,), 0.4 / most
    return {
        "W": random.integers(-most, most, (directions, WIDTH, 4 * HIDDEN)).astype(np.int8),
        "R": random.integers(-most, most, (directions, HIDDEN, 4 * HIDDEN)).astype(np.int8),
        "B": random.standard_normal((directions, 8 * HIDDEN)).astype(np.float32),
        "Ws": random.uniform(unit, 2 * unit, shape).astype(np.float32),
        "Wz": np.zeros(shape, np.int8),
        "Rs": random.uniform(unit, 2 * unit, shape).astype(np.float32),
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


def rounded(x: Any, margins: list[float]) -> Any:
    """Store `x` in unsigned bytes by its own range, and note how near each value is to a tie."""
    least, greatest = min(x.min(), 0.0), max(x.max(), 0.0)
    scale = (greatest - least) / 255
    zero = round(-least / scale)
    steps = x / scale
    margins.append(float(np.abs(steps - np.floor(steps) - 0.5).min()))
    return (np.clip(np.rint(steps) + zero, 0, 255) - zero) * scale


def step_by_step(arrays: dict[str, Any], directions: int) -> tuple[Any, float]:
    """Return Y [time, directions, batch, hidden] in float64, and how near a value came to a tie."""
    margins: list[float] = []
    x = rounded(X.astype(np.float64), margins)
    Y = np.empty((TIME, directions, BATCH, HIDDEN))
    for d in range(directions):
        W, R = (arrays[n][d].astype(np.float64) * arrays[f"{n}s"][d] for n in "WR")
        b = arrays["B"][d].astype(np.float64)
        bias = b[: 4 * HIDDEN] + b[4 * HIDDEN :]
        h = c = np.zeros((BATCH, HIDDEN))
        for t in range(TIME)[:: -1 if d else 1]:
            past = rounded(h, margins) if h.any() else h
            i, o, f, g = np.split(x[t] @ W + past @ R + bias, 4, axis=1)
            i, o, f = (1 / (1 + np.exp(-gate)) for gate in (i, o, f))
            c = f * c + i * np.tanh(g)
            h = Y[t, d] = o * np.tanh(c)
    return Y, min(margins)


CASES = [(d, p) for d in (1, 2) for p in (False, True)]


@pytest.mark.parametrize(("directions", "per_column"), CASES)
@pytest.mark.parametrize("constant", [False, True])
def test_x_and_h_are_rounded_to_bytes_at_each_step(
    directions: int, per_column: bool, constant: bool
) -> None:
    arrays = weights(directions, per_column)
    expected, margin = step_by_step(arrays, directions)
    np.testing.assert_array_less(1e-4, margin, "float32 could round a value of this seed otherwise")
    model = one_node(quantized(directions), arrays, constant)
    got = NumpyRunner(model).run({"X": X} if constant else {"X": X, **arrays})
    np.testing.assert_allclose(got["Y"], expected, rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(got["Y_h"][0], expected[-1, 0], rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize(("directions", "per_column"), CASES)
def test_onnxruntime_rounds_alike(directions: int, per_column: bool) -> None:
    # Seven bits: onnxruntime multiplies them exactly on every processor. One thread: it splits
    # the batch among several.
    arrays = weights(directions, per_column, most=63)
    _, margin = step_by_step(arrays, directions)
    np.testing.assert_array_less(1e-4, margin, "float32 could round a value of this seed otherwise")
    model = one_node(quantized(directions), arrays, constant=True)
    options = ort.SessionOptions()
    options.intra_op_num_threads = 1
    session = ort.InferenceSession(
        model.SerializeToString(), options, providers=["CPUExecutionProvider"]
    )
    expected = session.run(None, {"X": X})[0]
    actual = NumpyRunner(model).run({"X": X})["Y"]
    np.testing.assert_allclose(actual, expected, rtol=1e-5, atol=1e-6)


def test_steps_beyond_the_longest_row_have_no_say_in_the_range() -> None:
    node = quantized(1)
    node.input[4] = "lens"
    arrays = weights(1, False) | {"lens": np.array([4, 3], np.int32)}
    model = one_node(node, arrays, constant=True)
    loud = X.copy()
    loud[4:] = 1000
    expected = NumpyRunner(model).run({"X": X})["Y"]
    np.testing.assert_equal(NumpyRunner(model).run({"X": loud})["Y"], expected)
    np.testing.assert_equal(expected.shape, (TIME, 1, BATCH, HIDDEN))


def test_zeros_stay_zeros() -> None:
    model = one_node(quantized(1), weights(1, False), constant=True)
    silent = np.zeros_like(X)
    unrounded = NumpyRunner(model, dtype="float64").run({"X": silent})["Y"]
    np.testing.assert_equal(np.isfinite(unrounded).all(), True)
