"""Nodes with too few inputs: the runtime says what is wrong, and nothing fails before."""

from pathlib import Path

import onnx
import pytest
from click.testing import CliRunner
from onnx import TensorProto, helper

from onnxwright.bench.cli.app import cli
from onnxwright.runtime import ModelError


@pytest.mark.parametrize("operator", ["OneHot", "Gather", "ReverseSequence", "LSTM"])
@pytest.mark.parametrize("names", [[], ["i"], ["", "i"]])
def test_verify_names_the_node(operator: str, names: list[str], tmp_path: Path) -> None:
    node = helper.make_node(operator, names, ["y"], name="n")
    value = helper.make_tensor_value_info("i", TensorProto.INT64, ["batch"])
    graph = helper.make_graph([node], "g", [value], [onnx.ValueInfoProto(name="y")])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.save(model, tmp_path / "m.onnx")
    done = CliRunner().invoke(cli, ["verify", str(tmp_path / "m.onnx"), "--on", "numpy"])
    assert isinstance(done.exception, ModelError), done.exception
    assert "node 'n'" in done.exception.problem
