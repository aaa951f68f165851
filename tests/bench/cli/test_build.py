"""``onnxwright build``, and the digits nets as network files."""

import json
import re
from importlib.resources import files
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from onnxwright.bench.cli.app import cli, main
from onnxwright.bench.cli.commands.build import DIGEST_KEY
from onnxwright.bench.digits import data, nets
from onnxwright.graphs.spec import read_network
from onnxwright.graphs.weights import load_weights

DIGITS = Path(str(files("onnxwright.bench.digits")))


def arguments(name: str, weights: str, out: Path) -> list[str]:
    network, arrays = DIGITS / f"networks/{name}.toml", DIGITS / f"weights/{weights}.safetensors"
    return ["build", str(network), "--weights", str(arrays), "-o", str(out)]


@pytest.mark.parametrize("name", data.NAMES)
def test_the_digits_files_give_the_digits_nets(name: str) -> None:
    weights = load_weights(DIGITS / f"weights/{name}.safetensors")
    made = read_network(DIGITS / f"networks/{name}.toml", weights).build()
    np.testing.assert_equal(made.graph == nets.build(name).build().graph, True)


def test_build_says_what_it_built(tmp_path: Path) -> None:
    out = tmp_path / "lstm.onnx"
    done = CliRunner().invoke(cli, [*arguments("lstm", "lstm", out), "--format", "json"])
    facts = json.loads(done.stdout)
    np.testing.assert_equal(facts["model_bytes"], out.stat().st_size)
    np.testing.assert_equal((facts["inputs"], facts["outputs"]), (["x"], ["logits"]))
    np.testing.assert_equal((facts["opset"], len(facts["metadata"][DIGEST_KEY])), (17, 64))


def test_build_twice_gives_the_same_bytes(tmp_path: Path) -> None:
    outs = [tmp_path / "a.onnx", tmp_path / "b.onnx"]
    for out in outs:
        CliRunner().invoke(cli, arguments("gru", "gru", out), catch_exceptions=False)
    np.testing.assert_equal(outs[0].read_bytes(), outs[1].read_bytes())


def test_options_take_the_place_of_the_file(tmp_path: Path) -> None:
    more = ["--opset", "20", "--dtype", "float16", "--format", "json"]
    done = CliRunner().invoke(cli, [*arguments("mlp", "mlp", tmp_path / "mlp.onnx"), *more])
    facts = json.loads(done.stdout)
    np.testing.assert_equal((facts["opset"], facts["parameter_bytes"]), (20, 2 * 6570))


@pytest.mark.parametrize(
    ("argv", "message"),
    [
        (
            ["lstm", "gru"],
            r"networks/lstm.toml:11: layer 'lstm0', weights: LSTMWeights.from_torch: "
            r"rnn.weight_hh_l0 has shape \[96, 32\], needs \[4H=96, H=24\]",
        ),
        (["absent", "gru"], "networks/absent.toml: cannot be read: No such file"),
        (["lstm", "absent"], "weights/absent.safetensors: cannot be read: no such file"),
    ],
)
def test_a_mistake_exits_with_2_and_two_lines(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], argv: list[str], message: str
) -> None:
    out = tmp_path / "net.onnx"
    with pytest.raises(SystemExit, match=r"^2$"):
        main(arguments(argv[0], argv[1], out))
    lines = capsys.readouterr().err.splitlines()
    np.testing.assert_equal((len(lines), lines[0].startswith("error: ")), (2, True))
    np.testing.assert_equal(re.search(message, lines[0]) is not None, True, err_msg=lines[0])
    np.testing.assert_equal(out.exists(), False)


def test_an_array_in_two_files_is_refused(tmp_path: Path) -> None:
    more = ["-w", str(DIGITS / "weights/lstm.safetensors")]
    done = CliRunner().invoke(cli, [*arguments("lstm", "lstm", tmp_path / "a.onnx"), *more])
    with pytest.raises(Exception, match=r"array 'fc.bias' is in an earlier file too"):
        raise done.exception or AssertionError("it was accepted")
