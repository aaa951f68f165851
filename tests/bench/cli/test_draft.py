"""``onnxwright draft`` and then ``build``: from a checkpoint to a proven model."""

import json
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from onnxwright.bench.cli.app import cli, main
from onnxwright.graphs import load_weights

FOLDER = Path(__file__).parents[2] / "data/checkpoints/torch"
LSTM = str(FOLDER / "packed_bilstm.pt")


def invoke(*words: object) -> str:
    done = CliRunner().invoke(cli, [str(word) for word in words])
    assert done.exit_code == 0, done.output
    return done.stdout


def test_from_a_packed_lstm_to_a_proven_model_in_two_commands(tmp_path: Path) -> None:
    net, model = tmp_path / "net.toml", tmp_path / "net.onnx"
    said = invoke("draft", LSTM, "-o", net)
    assert "3 layers from" in said
    assert "5 lines are marked CHOOSE, 0 have to be filled in" in said
    text = net.read_text().replace("# lengths", "lengths").replace("# activation", "activation")
    net.write_text(text)
    with np.load(FOLDER / "packed_bilstm.npz") as recorded:
        whole = {name: recorded[name][1:2] for name in recorded.files}  # the row without padding
    np.savez(tmp_path / "io.npz", **whole)
    invoke("build", net, "-w", LSTM, "-o", model, "--check", tmp_path / "io.npz")
    np.testing.assert_equal(model.exists(), True)


def test_lengths_leave_no_line_to_change_but_the_heads(tmp_path: Path) -> None:
    net, model = tmp_path / "net.toml", tmp_path / "net.onnx"
    assert "2 lines are marked CHOOSE" in invoke("draft", LSTM, "--lengths", "-o", net)
    net.write_text(net.read_text().replace("# activation", "activation"))
    invoke("build", net, "-w", LSTM, "-o", model)
    invoke("extract", model, "-o", tmp_path / "w.npz", "--layout", "torch")
    with np.load(tmp_path / "w.npz") as found:
        state = load_weights(LSTM)
        np.testing.assert_equal({name: found[name] for name in found.files}, dict(state))


def test_a_file_with_an_architecture_is_better_converted(tmp_path: Path) -> None:
    pytest.importorskip("pyfive", reason="the extra 'keras' is not installed")
    file = FOLDER.parent / "keras" / "stack.keras"
    done = CliRunner().invoke(cli, ["draft", str(file), "-o", str(tmp_path / "net.toml")])
    np.testing.assert_equal(done.exit_code, 0)
    assert f"{file} holds its architecture: onnxwright convert {file} -o" in done.stderr


def test_the_running_mean_is_built_by_name(tmp_path: Path) -> None:
    file = FOLDER / "mlp_training.pth"
    facts = json.loads(
        invoke("draft", file, "--entry", "ema", "-o", tmp_path / "n.toml", "--format", "json")
    )
    np.testing.assert_equal((facts["entry"], facts["to_fill_in"]), ("ema", 0))
    np.testing.assert_equal(facts["layers"][0], {"name": "0", "is": "Linear, 6 -> 8"})
    for entry, name in (("ema", "a.onnx"), ("model_state_dict", "b.onnx")):
        invoke("build", tmp_path / "n.toml", "-w", file, "--entry", entry, "-o", tmp_path / name)
    same = (tmp_path / "a.onnx").read_bytes() == (tmp_path / "b.onnx").read_bytes()
    np.testing.assert_equal(same, False)


def complaint(capsys: pytest.CaptureFixture[str], *words: object) -> str:
    with pytest.raises(SystemExit) as stopped:
        main([str(word) for word in words])
    np.testing.assert_equal(stopped.value.code, 2)
    return capsys.readouterr().err


def test_choices_that_were_made_are_not_written_over(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    net = tmp_path / "net.toml"
    net.write_text("mine")
    said = complaint(capsys, "draft", LSTM, "-o", net)
    assert "net.toml is there already" in said
    assert "--force to write over it" in said
    np.testing.assert_equal(net.read_text(), "mine")
    invoke("draft", LSTM, "-o", net, "--force")
    np.testing.assert_equal("[[layer]]" in net.read_text(), True)


def test_the_weights_are_never_written_over(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    copy = tmp_path / "w.pt"
    copy.write_bytes(Path(LSTM).read_bytes())
    complaint(capsys, "draft", copy, "-o", copy, "--force")
    np.testing.assert_equal(copy.read_bytes(), Path(LSTM).read_bytes())
