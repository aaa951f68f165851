"""Quantization by onnxruntime's tools: what becomes 8-bit, what does not, and what it says."""

import hashlib
import importlib
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from numpy.typing import NDArray
from onnx import ModelProto, NodeProto, TensorProto, helper, numpy_helper

from onnxwright.graphs.quantization.errors import QuantizationError
from onnxwright.graphs.quantization.run import quantize

ort = pytest.importorskip("onnxruntime", reason="quantization needs onnxruntime")

GATES = {"LSTM": 4, "GRU": 3, "RNN": 1}
H, F = 8, 6


def drawn(seed: int, *shape: int) -> NDArray[Any]:
    array: NDArray[Any] = np.random.default_rng(seed).standard_normal(shape).astype(np.float32)
    return 0.3 * array


def model(nodes: Sequence[NodeProto], weights: dict[str, NDArray[Any]], opset: int = 17) -> Any:
    graph = helper.make_graph(
        nodes,
        "net",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["time", "batch", F])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, ["time", "batch", 5])],
        [numpy_helper.from_array(array, name) for name, array in weights.items()],
        doc_string="what the graph is",
    )
    made = helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=8)
    made.producer_name, made.doc_string = "onnxwright", "what the model is"
    made.metadata_props.add(key="weights_sha256", value="0" * 64)
    onnx.checker.check_model(made, full_check=True)
    return made


def recurrent(op: str, *, names: bool = True) -> ModelProto:
    rows = GATES[op] * H
    nodes = [
        helper.make_node(op, ["x", "W", "R", "B"], ["h"], name="encoder/it", hidden_size=H),
        helper.make_node("Squeeze", ["h", "axes"], ["s"]),
        helper.make_node("MatMul", ["s", "w"], ["m"], name="head/MatMul"),
        helper.make_node("Add", ["m", "b"], ["y"], name="head/Add"),
    ]
    if not names:
        for node in nodes:
            node.ClearField("name")
    weights = {
        "W": drawn(1, 1, rows, F),
        "R": drawn(2, 1, rows, H),
        "B": drawn(3, 1, 2 * rows),
        "w": drawn(4, H, 5),
        "b": drawn(5, 5),
        "axes": np.array([1]),
    }
    made: ModelProto = model(nodes, weights)
    return made


def batches(count: int = 2) -> list[dict[str, NDArray[Any]]]:
    return [{"x": drawn(10 + place, 4, 3, F)} for place in range(count)]


def outputs(net: ModelProto, x: NDArray[Any]) -> NDArray[Any]:
    session = ort.InferenceSession(net.SerializeToString(), providers=["CPUExecutionProvider"])
    result: NDArray[Any] = session.run(None, {"x": x})[0]
    return result


@pytest.mark.parametrize(
    ("op", "mode", "eight_bit", "why"),
    [
        ("LSTM", "dynamic", ["encoder/it", "head/MatMul"], ""),
        ("LSTM", "static", ["head/MatMul"], "its recurrent weights are below 2 MiB"),
        ("GRU", "dynamic", ["head/MatMul"], "its recurrent weights are below 2 MiB"),
        ("GRU", "static", ["head/MatMul"], "its recurrent weights are below 2 MiB"),
        ("RNN", "dynamic", ["head/MatMul"], "its recurrent weights are below 2 MiB"),
    ],
)
def test_what_is_quantized_and_what_is_left(
    op: str, mode: Any, eight_bit: list[str], why: str
) -> None:
    made = quantize(recurrent(op), mode, calibration=batches())
    np.testing.assert_equal([n.name for n in made.nodes if n.quantized], eight_bit)
    assert [node.reason.startswith(why) for node in made.left] == [True] * (2 - len(eight_bit))
    types = {t.name: t.data_type for t in made.model.graph.initializer}
    kept = types.get("W") == TensorProto.FLOAT
    np.testing.assert_equal(kept, "encoder/it" not in eight_bit)


@pytest.mark.parametrize("mode", ["dynamic", "static"])
@pytest.mark.parametrize("per_channel", [False, True])
def test_the_quantized_model_runs_and_is_near(mode: Any, per_channel: bool) -> None:
    net = recurrent("LSTM")
    made = quantize(net, mode, calibration=batches(), per_channel=per_channel)
    x = drawn(20, 4, 3, F)
    np.testing.assert_allclose(outputs(made.model, x), outputs(net, x), atol=0.03)
    assert np.abs(outputs(made.model, x) - outputs(net, x)).max() > 0


def test_the_model_is_not_changed_and_its_words_are_kept() -> None:
    net = recurrent("LSTM")
    before = net.SerializeToString(deterministic=True)
    made = quantize(net).model
    np.testing.assert_equal(net.SerializeToString(deterministic=True), before)
    np.testing.assert_equal(
        {entry.key: entry.value for entry in made.metadata_props},
        {
            "weights_sha256": "0" * 64,
            "quantization": f"dynamic int8, onnxruntime {ort.__version__}",
        },
    )
    words = (made.producer_name, made.doc_string, made.graph.name, made.graph.doc_string)
    expected = ("onnxwright", "what the model is", "net", "what the graph is")
    np.testing.assert_equal(words, expected)
    np.testing.assert_equal([i.name for i in made.graph.input], ["x"])


def test_nodes_without_a_name_are_told_apart() -> None:
    made = quantize(recurrent("GRU", names=False))
    np.testing.assert_equal(
        [(node.name, node.quantized) for node in made.nodes],
        [("GRU_0", False), ("MatMul_2", True)],
    )


def test_weights_in_a_body_are_left_and_said_to_be() -> None:
    step = helper.make_graph(
        [
            helper.make_node("MatMul", ["v", "w"], ["u"], name="inner"),
            helper.make_node("Identity", ["s"], ["t"]),
        ],
        "step",
        [helper.make_tensor_value_info(n, TensorProto.FLOAT, None) for n in ("s", "v")],
        [helper.make_tensor_value_info(n, TensorProto.FLOAT, None) for n in ("t", "u")],
    )
    nodes = [
        helper.make_node("MatMul", ["x", "w0"], ["a"], name="outer"),
        helper.make_node("Scan", ["z", "a"], ["", "y"], "steps", body=step, num_scan_inputs=1),
    ]
    weights = {"w0": drawn(1, F, F), "w": drawn(2, F, 5), "z": drawn(3, 1)}
    made = quantize(model(nodes, weights))
    np.testing.assert_equal(
        [(n.name, n.where, n.quantized) for n in made.nodes],
        [("outer", "main graph", True), ("inner", "body of Scan 'steps'", False)],
    )
    assert "does not go into the bodies" in made.left[0].reason


def test_a_model_with_nothing_to_quantize_is_refused() -> None:
    nodes = [
        helper.make_node("GRU", ["x", "W", "R"], ["h"], name="only", hidden_size=5),
        helper.make_node("Squeeze", ["h", "axes"], ["y"]),
    ]
    weights = {"W": drawn(1, 1, 15, F), "R": drawn(2, 1, 15, 5), "axes": np.array([1])}
    message = (
        "not one layer .* could be quantized .GRU 'only': its recurrent weights are below 2 MiB"
    )
    with pytest.raises(QuantizationError, match=message):
        quantize(model(nodes, weights))


@pytest.mark.parametrize(
    ("mode", "calibration", "message"),
    [
        ("static", [], "static quantization needs calibration data"),
        ("static", [{"z": 1}], r"batch 0 has the inputs \['z'\], and the model \['x'\]"),
        ("static", [{"x": np.zeros((2, 2))}], "quantization tool failed: .*\n.*lint -t cpu"),
        ("int4", [], "mode 'int4' is not known\nuse 'dynamic', 'static' or 'weight-only'"),
    ],
)
def test_what_does_not_fit_is_refused(mode: Any, calibration: Any, message: str) -> None:
    with pytest.raises(QuantizationError, match=message):
        quantize(recurrent("LSTM"), mode, calibration=calibration)


def test_an_old_opset_is_refused() -> None:
    old = recurrent("LSTM")
    old.opset_import[0].version = 12
    with pytest.raises(QuantizationError, match="opset 12, and static quantization needs 13"):
        quantize(old, "static", calibration=batches())


def test_without_onnxruntime_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    def absent(name: str) -> Any:
        raise ModuleNotFoundError(f"No module named {name!r}")

    monkeypatch.setattr(importlib, "import_module", absent)
    with pytest.raises(QuantizationError, match=r"pip install 'onnxwright\[cpu\]'"):
        quantize(recurrent("LSTM"))


@pytest.mark.parametrize("mode", ["dynamic", "static"])
def test_nothing_stays_in_the_temporary_folder(
    mode: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    quantize(recurrent("LSTM"), mode, calibration=batches())
    np.testing.assert_equal(list(tmp_path.iterdir()), [])
    np.testing.assert_equal([r.getMessage() for r in caplog.records if r.levelno > 20], [])


def test_the_same_bytes_whatever_the_hash_seed() -> None:
    code = (
        "import sys, hashlib, onnx\n"
        "from onnxwright.graphs.quantization.run import quantize\n"
        "model = onnx.ModelProto.FromString(sys.stdin.buffer.read())\n"
        "made = quantize(model).model.SerializeToString(deterministic=True)\n"
        "print(hashlib.sha256(made).hexdigest())"
    )
    net = recurrent("LSTM")
    told = [
        subprocess.run(
            [sys.executable, "-c", code],
            input=net.SerializeToString(),
            capture_output=True,
            check=True,
            env={**os.environ, "PYTHONHASHSEED": seed},
        ).stdout.decode()
        for seed in ("1", "2")
    ]
    here = hashlib.sha256(quantize(net).model.SerializeToString(deterministic=True)).hexdigest()
    np.testing.assert_equal(told, [f"{here}\n"] * 2)
