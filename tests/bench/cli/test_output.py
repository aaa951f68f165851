"""What the output cannot encode is written in another way: nothing fails on its own signs."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import onnx
import onnx.parser
import pytest

from .conftest import Call

MODEL = '<ir_version: 8, opset_import: ["" : 17]> net (float[n, 3] x) => (float[n, 3] y) {y=Neg(x)}'


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder whose path has spaces and letters that ASCII lacks, with a model in it."""
    made = tmp_path / "möde lle"
    made.mkdir()
    onnx.save(onnx.parser.parse_model(MODEL), made / "µ net.onnx")
    return made


def ascii_only(folder: Path, *arguments: str) -> subprocess.CompletedProcess[bytes]:
    """Run a command where Python may write ASCII alone."""
    plain = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    environment = os.environ | plain | {"PYTHONIOENCODING": "ascii"}
    command = [sys.executable, "-m", "onnxwright", *arguments]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, timeout=250)


@pytest.mark.parametrize(
    "arguments",
    [
        ["demo", "--net", "toy_lstm", "--processes", "6", "--out", "d"],
        ["inspect", "µ net.onnx"],
        ["verify", "µ net.onnx"],
        ["run", "µ net.onnx", "--seed", "0"],
        ["providers"],
        ["bench", "µ net.onnx", "--on", "numpy", "--rounds", "3", "--max-rounds", "3",
         "--no-peaks", "--sample-time", "0.01", "--out", "r.jsonl"],
        ["lint", "µ net.onnx", "--target", "cpu"],
    ],
    ids=lambda arguments: arguments[0],
)  # fmt: skip
def test_commands_work_where_only_ascii_is_written(arguments: list[str], folder: Path) -> None:
    done = ascii_only(folder, *arguments)
    np.testing.assert_equal(done.returncode, 0, done.stderr.decode())
    assert b"Traceback" not in done.stderr
    assert max(done.stdout + done.stderr) < 128
    if arguments[0] == "demo":
        assert b"batch 1: us" in done.stdout


def test_an_error_is_told_where_only_ascii_is_written(folder: Path) -> None:
    done = ascii_only(folder, "verify", "nö.onnx")
    np.testing.assert_equal(done.returncode, 2)
    assert b"cannot read n\\" in done.stderr
    assert b"Traceback" not in done.stderr


@pytest.mark.parametrize("name", ["NumPy", "NUMPY:Float64", "numpy"])
def test_names_of_runtimes_are_read_in_any_case(name: str, folder: Path, call: Call) -> None:
    code, out, _ = call("verify", folder / "µ net.onnx", "--on", name)
    np.testing.assert_equal(code, 0)
    assert f"{name.lower()}: the outputs agree with numpy:float64" in out
