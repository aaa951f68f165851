"""What is written into ``config.pbtxt``."""

import re
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest

from onnxwright.graphs.bundles import BundleError, Options, bundle

from .trees import MODELS, tree

KEPT = """name: "stream"
backend: "onnxruntime"
max_batch_size: 8
input {
  name: "x"
  data_type: TYPE_FP32
  dims: [ -1, 3 ]
}
output {
  name: "y"
  data_type: TYPE_FP32
  dims: [ -1, 5 ]
}
sequence_batching {
  max_sequence_idle_microseconds: 5000000
  oldest {
    max_candidate_sequences: 7
    max_queue_delay_microseconds: 300
  }
  state {
    input_name: "ear.c_in"
    output_name: "ear.c_out"
    data_type: TYPE_FP32
    dims: [ 4 ]
    initial_state {
      name: "zeros"
      data_type: TYPE_FP32
      dims: [ 4 ]
      zero_data: true
    }
  }
"""
FLAT = """input {
  name: "lengths"
  data_type: TYPE_INT32
  dims: [ 1 ]
  reshape {
    shape: [ ]
  }
}
"""
WARM_UP = """model_warmup {
  name: "zeros"
  batch_size: 1
  inputs {
    key: "x"
    value {
      data_type: TYPE_FP32
      dims: [ 9, 3 ]
      zero_data: true
    }
  }
"""


def config(made: Path) -> str:
    (found,) = made.glob("*/config.pbtxt")
    return found.read_text()


def test_states_kept_by_the_server_are_listed_apart(tmp_path: Path) -> None:
    options = Options(
        states="server",
        max_batch=8,
        max_delay=0.3,
        max_sequences=7,
        sequence_timeout=5,
    )
    text = config(tree(tmp_path, "stream", options=options))
    np.testing.assert_equal(text[: len(KEPT)], KEPT)


def test_states_carried_by_the_client_are_inputs_and_outputs(tmp_path: Path) -> None:
    text = config(tree(tmp_path, "stream"))
    names = re.findall(r'^  name: "(.*)"$', text, flags=re.MULTILINE)
    ins = ["x", "ear.h_in", "ear.c_in", "mind.h_in"]
    outs = ["y", "ear.h_out", "ear.c_out", "mind.h_out"]
    np.testing.assert_equal(names, ins + outs)
    assert "dynamic_batching {\n}\n" in text


def test_an_input_that_is_all_batch_gets_a_dim_and_a_reshape(tmp_path: Path) -> None:
    options = Options(warm_up=2, dims={"time": 9}, instances=3, threads=2, accelerator="tensorrt")
    text = config(tree(tmp_path, "tagger", options=options))
    for part in (FLAT, WARM_UP, "  count: 3\n  kind: KIND_GPU\n", 'string_value: "2"'):
        assert part in text
    assert 'gpu_execution_accelerator {\n      name: "tensorrt"' in text


def test_without_batches_all_dims_are_written(tmp_path: Path) -> None:
    text = config(tree(tmp_path, "tagger", options=Options(max_batch=0)))
    for part in ("max_batch_size: 0\n", "dims: [ -1, -1, 3 ]", "dims: [ -1 ]\n"):
        assert part in text
    assert "batching {" not in text


def test_a_state_in_the_operators_layout_is_transposed(tmp_path: Path) -> None:
    made = tree(tmp_path, "native", options=Options(states="server"))
    text = config(made)
    assert 'input_name: "state_0_in"\n    output_name: "state_0_out"' in text
    assert "dims: [ 1, 5 ]" in text
    model = onnx.load(made / "native/1/model.onnx")
    onnx.checker.check_model(model, full_check=True)
    readme = (made / "README.md").read_text()
    assert "The state `h0` of the source is `state_0_in` here, batch first." in readme


REFUSED = [
    ("tagger", {"states": "server"}, "no states that the server could keep", "streaming=True"),
    ("stream", {"states": "server", "warm_up": 1}, "--warm-up: the server does not", "--states cl"),
    ("tagger", {"warm_up": 1}, "needs a size for the dim 'time' of input 'x'", "--dim time=SIZE"),
    ("tagger", {"storage_uri": "s3://x"}, "--storage-uri says nothing to Triton", "leave it out"),
    ("tagger", {"accelerator": "tpu"}, "Triton has no such one", "cpu, cuda, tensorrt"),
    ("tagger", {"name": "../x"}, "a served model cannot be called '../x'", "--name with"),
    ("tagger", {"name": "a\n"}, "a served model cannot be called", "--name with"),
]


@pytest.mark.parametrize(("name", "given", "problem", "remedy"), REFUSED)
def test_what_cannot_be_is_refused_and_nothing_is_written(
    name: str, given: dict[str, object], problem: str, remedy: str, tmp_path: Path
) -> None:
    with pytest.raises(BundleError, match=re.escape(problem)) as told:
        tree(tmp_path, name, options=Options(**given))  # type: ignore[arg-type]
    assert remedy in told.value.remedy
    np.testing.assert_equal([path.name for path in tmp_path.iterdir()], [f"{name}.onnx"])


def test_a_batch_that_the_model_has_not_is_refused(tmp_path: Path) -> None:
    model = MODELS["stream"]()
    for info in (*model.graph.input, *model.graph.output):
        info.type.tensor_type.shape.dim[0].dim_value = 1
    onnx.save(model, tmp_path / "one.onnx")
    with pytest.raises(BundleError, match="cannot be batched, for the first dim of 'x'"):
        bundle(tmp_path / "one.onnx", "triton", tmp_path / "out", Options(max_batch=4))
    made = bundle(tmp_path / "one.onnx", "triton", tmp_path / "out", Options(states="server"))
    assert "max_batch_size: 0\n" in config(made.folder)
    assert "dims: [ 1, 4 ]" in config(made.folder)
    assert "requests are not batched: the first dim of 'x'" in made.notes[0]


@pytest.mark.parametrize(
    ("change", "problem", "remedy"),
    [
        ({"ir_version": 11}, "IR 11 is unsupported", "build at opset 17"),
        ({"opset": 22}, "opset 22 is unsupported", "build at opset 17"),
        ({"dtype": onnx.TensorProto.FLOAT8E5M2}, "no name for", "cast it in the model"),
        ({"rank": False}, "does not say how many dims it has", "declare its shape"),
        ({"sequence": True}, "is no tensor", "export the model with tensors at its edge"),
    ],
)
def test_a_model_that_does_not_run_there_is_refused(
    change: dict[str, int], problem: str, remedy: str, tmp_path: Path
) -> None:
    model = MODELS["native"]()
    model.ir_version = change.get("ir_version", 8)
    model.opset_import[0].version = change.get("opset", 17)
    kind = model.graph.output[0].type
    kind.tensor_type.elem_type = change.get("dtype", 1)
    if not change.get("rank", True):
        model.graph.input[0].type.tensor_type.ClearField("shape")
    if change.get("sequence"):
        kind.sequence_type.elem_type.tensor_type.elem_type = 1
    (tmp_path / "m.onnx").write_bytes(model.SerializeToString())
    with pytest.raises(BundleError, match=problem) as told:
        bundle(tmp_path / "m.onnx", "triton", tmp_path / "out")
    assert remedy in told.value.remedy
    np.testing.assert_equal((tmp_path / "out").exists(), False)


@pytest.mark.parametrize(
    ("given", "problem", "remedy"),
    [
        ({"max_batch": -1}, "max_batch is -1", "give a number from 0"),
        ({"max_delay": float("nan")}, "max_delay is nan", "give a number from 0"),
        ({"warm_up": 0}, "warm_up is 0", "give a number from 1"),
        ({"instances": True}, "instances is True", "give a number from 1"),
        ({"version": 2**31}, "version is 2147483648", "give a number from 1"),
        ({"dims": {"time": 2.5}}, r"dims\['time'\] is 2.5", "give a number from 1"),
        ({"states": "both"}, "states is 'both'", "'client' or 'server'"),
    ],
)
def test_options_that_cannot_be_meant_are_refused(
    given: dict[str, Any], problem: str, remedy: str
) -> None:
    with pytest.raises(BundleError, match=problem) as told:
        Options(**given)
    assert remedy in told.value.remedy
