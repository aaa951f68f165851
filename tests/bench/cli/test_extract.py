"""``onnxwright extract``: what goes in comes out again, in the framework's own names."""

from pathlib import Path
from typing import Any

import ml_dtypes
import numpy as np
import onnx
import pytest
from click.testing import CliRunner

from onnxwright import graphs
from onnxwright.bench.cli.app import cli, main
from onnxwright.graphs import DenseWeights, GRUWeights, LSTMWeights, Network

TORCH = Path(__file__).parents[2] / "data/checkpoints/torch/packed_bilstm.pt"


def model(folder: Path, state: Any, lowering: Any = "auto") -> Path:
    net = Network("net")
    h = net.input("x", "batch time 5")
    for layer in (0, 1):
        weights = LSTMWeights.from_torch(state, "encoder", layer)
        h = net.lstm(h, weights, name=f"encoder{layer}", lowering=lowering).sequence
    net.output("y", net.dense(h, DenseWeights.from_torch(state, "head"), name="head"))
    net.save(folder / "net.onnx")
    return folder / "net.onnx"


def extracted(file: Path, output: str, layout: str) -> dict[str, Any]:
    target = file.with_name(output)
    words = ["extract", str(file), "-o", str(target), "--layout", layout]
    done = CliRunner().invoke(cli, words)
    assert done.exit_code == 0, done.output
    return dict(graphs.load_weights(target))


@pytest.mark.parametrize("output", ["w.safetensors", "w.npz"])
def test_the_state_dict_comes_back(output: str, tmp_path: Path) -> None:
    state = graphs.load_weights(TORCH)
    found = extracted(model(tmp_path, state), output, "torch")
    np.testing.assert_equal(sorted(found), sorted(state))
    for name, array in state.items():
        np.testing.assert_array_equal(found[name], array)


@pytest.mark.parametrize("layout", ["torch", "keras", "onnx"])
def test_every_layout_is_read_by_its_own_container(layout: str, tmp_path: Path) -> None:
    state = graphs.load_weights(TORCH)
    found = extracted(model(tmp_path, state), "w.safetensors", layout)
    head = {
        "torch": lambda: DenseWeights.from_torch(found, "head"),
        "keras": lambda: DenseWeights.from_keras([found["head/kernel"], found["head/bias"]]),
        "onnx": lambda: DenseWeights(found["head.B"], found["head.C"]),
    }[layout]()
    np.testing.assert_array_equal(head.w, state["head.weight"])
    np.testing.assert_array_equal(head.b, state["head.bias"])
    if layout == "keras":
        names = [f"encoder0/{d}_layer/{a}" for d in ("forward", "backward")
                 for a in ("kernel", "recurrent_kernel", "bias")]  # fmt: skip
        weights = LSTMWeights.from_keras([found[name] for name in names])
        np.testing.assert_array_equal(weights.w, LSTMWeights.from_torch(state, "encoder").w)


def test_bfloat16_stays_bfloat16(tmp_path: Path) -> None:
    net = Network("net", dtype="bfloat16")
    w = np.array([[1.0, -2.5]], ml_dtypes.bfloat16)
    net.output("y", net.dense(net.input("x", "batch 2"), DenseWeights(w), name="head"))
    net.save(tmp_path / "net.onnx")
    found = extracted(tmp_path / "net.onnx", "w.safetensors", "torch")
    np.testing.assert_array_equal(found["head.weight"], w, strict=True)


def gru(folder: Path) -> Path:
    net = Network("net")
    weights = GRUWeights(np.ones((1, 6, 3), "f4"), np.ones((1, 6, 2), "f4"), reset="before")
    net.output("y", net.gru(net.input("x", "batch time 3"), weights, name="g").last)
    net.save(folder / "net.onnx")
    return folder / "net.onnx"


def without_weights(folder: Path) -> Path:
    net = Network("net")
    net.output("y", net.activation(net.input("x", "batch 3"), "relu"))
    net.save(folder / "net.onnx")
    return folder / "net.onnx"


@pytest.mark.parametrize(
    ("make", "output", "said"),
    [
        (gru, "w.safetensors", "layer 'g': GRUWeights.to_torch"),
        (without_weights, "w.safetensors", "no layer with weights is found in"),
        (gru, "w.pt", "its suffix '.pt' tells none"),
        (gru, "net.onnx", "it would be written over"),
    ],
)
def test_what_cannot_be_extracted_is_one_error(
    make: Any, output: str, said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = make(tmp_path)
    before = file.read_bytes()
    with pytest.raises(SystemExit) as stopped:
        main(["extract", str(file), "-o", str(tmp_path / output)])
    np.testing.assert_equal(stopped.value.code, 2)
    assert said in capsys.readouterr().err
    np.testing.assert_equal((file.read_bytes(), len(list(tmp_path.iterdir()))), (before, 1))


def test_the_network_comes_back_as_a_file(tmp_path: Path) -> None:
    before = model(tmp_path, graphs.load_weights(TORCH), "scan")
    files = [tmp_path / name for name in ("w.safetensors", "net.toml", "again.onnx")]
    words = ["extract", str(before), "-o", str(files[0]), "--network", str(files[1])]
    done = CliRunner().invoke(cli, words)
    np.testing.assert_equal(done.exit_code, 0, done.output)
    np.testing.assert_equal(f"of 3 layers, as {files[1]} has them" in done.output, True)
    words = ["build", str(files[1]), "-w", str(files[0]), "-o", str(files[2])]
    np.testing.assert_equal(CliRunner().invoke(cli, words).exit_code, 0)
    assert onnx.load(files[2]).graph == onnx.load(before).graph


def test_a_model_of_others_has_no_network_file(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    proto = onnx.load(model(tmp_path, graphs.load_weights(TORCH)))
    del proto.metadata_props[:]
    onnx.save(proto, tmp_path / "other.onnx")
    words = ["extract", str(tmp_path / "other.onnx"), "-o", str(tmp_path / "w.npz")]
    with pytest.raises(SystemExit, match="2"):
        main([*words, "--network", str(tmp_path / "net.toml")])
    told = "error: model 'net' does not tell the network that it was made from\n"
    np.testing.assert_equal(capsys.readouterr().err.startswith(told), True)
    np.testing.assert_equal(
        [(tmp_path / name).exists() for name in ("w.npz", "net.toml")], [False] * 2
    )
