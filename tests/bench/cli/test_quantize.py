"""``onnxwright quantize``."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from click.testing import CliRunner

from onnxwright.bench.cli.app import cli, main
from onnxwright.bench.digits import data, nets
from tests.graphs.targets.examples import example, example_feeds

pytest.importorskip("onnxruntime", reason="quantization needs onnxruntime")

PROCESSORS = [
    ("any", False, True),
    ("x86", False, True),
    ("x86-vnni", True, False),
    ("arm", True, False),
    ("this-machine", True, True),
    ("this-machine", False, False),
]
"""What is asked for, whether this machine saturates, and whether weights get seven bits."""


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


@pytest.fixture
def digits(tmp_path: Path) -> Path:
    """A real net and images, in a folder."""
    nets.build("lstm3").save(tmp_path / "net.onnx")
    np.save(tmp_path / "x.npy", data.images().reshape(-1, 8, 8))
    return tmp_path


def quantized(folder: Path, *more: str) -> dict[str, Any]:
    arguments = ["quantize", str(folder / "net.onnx"), "-o", str(folder / "q.onnx"), *more]
    done = CliRunner().invoke(cli, [*arguments, "--format", "json"])
    np.testing.assert_equal(done.exit_code, 0, done.output)
    told: dict[str, Any] = json.loads(done.stdout)
    return told


def test_the_default_is_near_on_every_processor(digits: Path) -> None:
    told = quantized(digits, "--input", f"x={digits}/x.npy")
    np.testing.assert_array_less(told["error"], 0.03)
    np.testing.assert_equal([told["reduce_range"], told["note"]], [True, ""])
    R = next(t for t in onnx.load(digits / "q.onnx").graph.initializer if "R_quant" in t.name)
    np.testing.assert_array_less(np.abs(onnx.numpy_helper.to_array(R).astype(int)), 65)


def test_scales_per_channel_are_kept_where_they_are_nearer_by_a_fifth(digits: Path) -> None:
    told = quantized(digits, "--input", f"x={digits}/x.npy")
    errors = {each["per_channel"]: each["error"] for each in told["tried"]}
    np.testing.assert_equal(sorted(errors), [False, True])
    np.testing.assert_equal(told["per_channel"], errors[True] < 0.8 * errors[False])
    np.testing.assert_equal(errors[told["per_channel"]], told["error"])
    fixed = quantized(digits, "--input", f"x={digits}/x.npy", "--per-array")
    np.testing.assert_equal(fixed["tried"], [{"per_channel": False, "error": errors[False]}])


def test_each_layer_is_told_with_its_form_size_and_error(digits: Path) -> None:
    told = quantized(digits)
    np.testing.assert_equal({node["op"] for node in told["nodes"]}, {"LSTM", "Gemm"})
    for node in told["nodes"]:
        expected = "DynamicQuantizeLSTM" if node["op"] == "LSTM" else "MatMulInteger"
        np.testing.assert_equal(node["form"], expected)
        np.testing.assert_array_less(node["bytes_after"], node["bytes_before"] / 2)
        np.testing.assert_array_less([1e-4, node["error"]], [node["error"], 0.05])


@pytest.mark.parametrize(("bits", "most"), [("8", 0.01), ("4", 0.2)])
def test_weights_alone(bits: str, most: float, tmp_path: Path) -> None:
    nets.build("mlp").save(tmp_path / "net.onnx")
    told = quantized(tmp_path, "--mode", "weight-only", "--bits", bits)
    np.testing.assert_array_less([1e-5, told["error"]], [told["error"], most])
    np.testing.assert_equal({node["form"] for node in told["nodes"]}, {"MatMulNBits"})


def test_the_answer_comes_first(digits: Path) -> None:
    arguments = ["quantize", str(digits / "net.onnx"), "-o", str(digits / "q.onnx")]
    done = CliRunner().invoke(cli, arguments)
    first = done.stdout.splitlines()[0]
    assert " times less than " in first
    assert first.endswith("from those of the source (relative L2)")


@pytest.mark.parametrize(("processor", "saturates", "reduced"), PROCESSORS)
def test_seven_bits_where_products_may_saturate(
    processor: str, saturates: bool, reduced: bool, digits: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = "onnxwright.bench.cli.commands.quantize.int8_saturates"
    monkeypatch.setattr(target, lambda: saturates)
    told = quantized(digits, "--for", processor, "--per-array")
    np.testing.assert_equal(told["reduce_range"], reduced)


@pytest.mark.parametrize("method", ["minmax", "entropy", "percentile"])
def test_static_ranges_are_chosen_in_three_ways(method: str, tmp_path: Path) -> None:
    nets.build("lenet").save(tmp_path / "net.onnx")
    images = data.images().reshape(-1, 1, 8, 8).astype(np.float32)
    np.savez(tmp_path / "c.npz", x=images[:60])
    np.save(tmp_path / "x.npy", images[60:120])
    static = ["--mode", "static", "-c", f"{tmp_path}/c.npz", "--calibration-method", method]
    told = quantized(tmp_path, *static, "--input", f"x={tmp_path}/x.npy")
    np.testing.assert_array_less([1e-4, told["error"]], [told["error"], 0.2])
    (entry,) = (e for e in onnx.load(tmp_path / "q.onnx").metadata_props if e.key == "quantization")
    assert method in entry.value
