"""``onnxwright quantize``."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from click.testing import CliRunner

from onnxwright.bench.cli.app import cli, main
from tests.graphs.targets.examples import example, example_feeds

pytest.importorskip("onnxruntime", reason="quantization needs onnxruntime")


def saved(folder: Path, spec: dict[str, Any]) -> Path:
    path = folder / "net.onnx"
    onnx.save(example(spec), path)
    return path


def test_it_says_what_it_did(tmp_path: Path) -> None:
    source, out = saved(tmp_path, {"op": "LSTM"}), tmp_path / "q.onnx"
    done = CliRunner().invoke(cli, ["quantize", str(source), "-o", str(out), "--format", "json"])
    told = json.loads(done.stdout)
    np.testing.assert_equal((done.exit_code, told["mode"]), (0, "dynamic"))
    np.testing.assert_equal(told["model_bytes"], out.stat().st_size)
    np.testing.assert_equal([(n["op"], n["quantized"]) for n in told["nodes"]], [("LSTM", True)])
    np.testing.assert_equal(onnx.load(out).graph.node[0].op_type, "DynamicQuantizeLSTM")


def test_static_reads_its_calibration(tmp_path: Path) -> None:
    spec = {"op": "Conv"}
    source, out, data = saved(tmp_path, spec), tmp_path / "q.onnx", tmp_path / "c.npz"
    # not allow_pickle=False: NumPy 2.0 stores that as an array
    np.savez(data, **example_feeds(spec))  # type: ignore[arg-type]
    arguments = ["quantize", str(source), "-o", str(out), "--mode", "static", "-c", str(data)]
    done = CliRunner().invoke(cli, arguments)
    np.testing.assert_equal(done.exit_code, 0)
    assert "QuantizeLinear" in {node.op_type for node in onnx.load(out).graph.node}
    assert "the-Conv" in done.stdout


def test_what_cannot_be_quantized_leaves_no_file(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source, out = saved(tmp_path, {"op": "GRU"}), tmp_path / "q.onnx"
    with pytest.raises(SystemExit, match="2"):
        main(["quantize", str(source), "-o", str(out)])
    assert "its recurrent weights are below 2 MiB" in capsys.readouterr().err
    np.testing.assert_equal(sorted(path.name for path in tmp_path.iterdir()), ["net.onnx"])


def test_the_external_data_of_the_model_are_not_written_over(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    onnx.save(
        example({"op": "LSTM"}),
        tmp_path / "net.onnx",
        save_as_external_data=True,
        location="w",
        size_threshold=0,
    )
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    with pytest.raises(SystemExit, match="2"):
        main(["quantize", str(tmp_path / "net.onnx"), "-o", str(tmp_path / "w")])
    assert "w is a file that is read here" in capsys.readouterr().err
    np.testing.assert_equal({path.name: path.read_bytes() for path in tmp_path.iterdir()}, before)
