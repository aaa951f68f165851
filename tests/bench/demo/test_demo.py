"""The command as a user runs it."""

import json
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import onnx
import pytest
from click.testing import CliRunner

from onnxwright.bench.cli.app import cli
from onnxwright.bench.demo import session
from onnxwright.bench.demo.speed import Measured, Request
from onnxwright.bench.digits import data
from onnxwright.bench.results.elements import Sample, WarmUp
from onnxwright.bench.results.measured import Conditions

QUICK = ["demo", "--processes", "6"]


def start(folder: Path, *arguments: str, before: str = "") -> subprocess.CompletedProcess[str]:
    """Run the command line in a process of its own, in `folder`."""
    code = f"import sys; {before}\nfrom onnxwright.bench.cli.app import main; main(sys.argv[1:])"
    return subprocess.run(
        [sys.executable, "-c", code, *arguments], cwd=folder, capture_output=True, text=True
    )


def instead_of_processes(requests: Sequence[Request]) -> Iterator[Measured]:
    warm = WarmUp(calls=1, steady=True, calls_until_steady=0, seconds=0.0)
    one = Sample(median_s=1e-5, samples_s=(1e-5,), loops=1, warm_up=warm)
    for request in requests:
        taken = {(net, on, batch): one for net, on in request.cases for batch in (1, 64)}
        yield Measured(taken, Conditions(other_cores=2.0))


def test_it_works_from_an_empty_folder(tmp_path: Path) -> None:
    pytest.importorskip("onnxruntime")
    done = start(tmp_path, *QUICK, "--net", "rnn_tanh", "--net", "toy_lstm")
    np.testing.assert_equal(done.returncode, 0, done.stderr)
    folder = tmp_path / "onnxwright-demo"
    np.testing.assert_equal(
        sorted(path.name for path in folder.iterdir()),
        ["results.json", "rnn_tanh.onnx", "toy_lstm.onnx"],
    )
    onnx.checker.check_model(onnx.load(folder / "toy_lstm.onnx"), full_check=True)
    results = json.loads((folder / "results.json").read_text())
    np.testing.assert_equal((results["schema_version"], results["right"]), (1, True))
    np.testing.assert_equal(
        {(row["net"], row["on"]) for row in results["rows"]}
        >= {("toy_lstm", "cpu"), ("toy_lstm", "numpy"), ("rnn_tanh", "numpy:float64")},
        True,
    )
    np.testing.assert_equal("450 of 450 classes the same" in " ".join(done.stdout.split()), True)
    np.testing.assert_equal("measuring, process 6 of 6" in done.stderr, True)


def test_it_works_without_onnxruntime_and_says_so(tmp_path: Path) -> None:
    arguments = [*QUICK, "--net", "toy_lstm", "--format", "json", "--out", "here"]
    done = start(tmp_path, *arguments, before="sys.modules['onnxruntime'] = None")
    np.testing.assert_equal(done.returncode, 0, done.stderr)
    np.testing.assert_equal("pip install 'onnxwright[cpu]'" in done.stderr, True)
    printed = json.loads(done.stdout)
    np.testing.assert_equal([row["on"] for row in printed["rows"]], ["numpy:float64", "numpy"])
    np.testing.assert_equal((tmp_path / "here" / "results.json").exists(), True)


def test_a_wrong_net_ends_with_1(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(session, "run_processes", instead_of_processes)
    recorded = data.logits("rnn_tanh")
    monkeypatch.setattr(data, "logits", lambda name: recorded + np.float32(2e-4))
    done = CliRunner().invoke(cli, ["demo", "--net", "rnn_tanh", "--out", str(tmp_path / "out")])
    np.testing.assert_equal(done.exit_code, 1, done.output)
    np.testing.assert_equal("WRONG" in done.stdout, True)
    np.testing.assert_equal("error: rnn_tanh on numpy is wrong: 4500 of 4500" in done.stderr, True)
    np.testing.assert_equal((tmp_path / "out" / "results.json").exists(), True)


def test_a_busy_machine_is_warned_of(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(session, "run_processes", instead_of_processes)
    done = CliRunner().invoke(cli, ["demo", "--net", "toy_lstm", "--out", str(tmp_path)])
    np.testing.assert_equal(done.exit_code, 0, done.output)
    np.testing.assert_equal("the machine was not quiet while measuring (busy)" in done.stderr, True)


def test_a_folder_that_cannot_be_made_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    done = start(tmp_path, "demo", "--out", "file/folder")
    np.testing.assert_equal(done.returncode, 2)
    np.testing.assert_equal(
        done.stderr.splitlines(),
        ["error: cannot make the folder file/folder: Not a directory", "  give another with --out"],
    )
