"""The command line against a served model."""

import json
from pathlib import Path

import numpy as np
import onnx
import pytest
from click.testing import CliRunner, Result

from onnxwright import runtime
from onnxwright.bench.cli.app import cli
from onnxwright.bench.measure.peaks import peak_jobs
from onnxwright.bench.plan.cases import Subject, make_plan
from onnxwright.bench.plan.settings import Settings
from tests.runtime.remote.feeds import FEEDS, WANTED
from tests.runtime.remote.server import Server

QUICK = ["--rounds", "3", "--max-rounds", "3", "--sample-time", "0.005", "--no-peaks"]


def invoke(*arguments: object, code: int = 0) -> Result:
    result = CliRunner().invoke(cli, [str(each) for each in arguments])
    np.testing.assert_equal(result.exit_code, code, err_msg=f"{result.output} {result.exception}")
    return result


@pytest.mark.parametrize("local", [False, True])
def test_run(server: Server, model: Path, tmp_path: Path, local: bool) -> None:
    np.savez(tmp_path / "in.npz", x=FEEDS["x"], shift=FEEDS["shift"])
    given = [model] if local else []
    output = tmp_path / "out.npz"
    invoke("run", *given, "--on", server.url, "--input", tmp_path / "in.npz", "-o", output)
    with np.load(output) as archive:
        np.testing.assert_equal(dict(archive), WANTED)


def test_run_with_random_inputs_needs_the_model(server: Server, model: Path) -> None:
    invoke("run", model, "--on", server.url, "--seed", 0)
    result = CliRunner().invoke(cli, ["run", "--on", server.url, "--seed", "0"])
    assert "random inputs need the model" in str(result.exception)
    result = CliRunner().invoke(cli, ["run", "--on", "numpy"])
    assert "on='numpy' needs a model and none was given" in str(result.exception)


def test_verify(server: Server, model: Path) -> None:
    result = invoke("verify", model, "--on", server.url, "--provider-option", "timeout=60")
    assert "sums" in result.stdout


def test_verify_finds_a_server_that_is_wrong(server: Server, model: Path) -> None:
    other = onnx.load(model)
    other.graph.initializer[0].CopyFrom(onnx.numpy_helper.from_array(np.ones(3, "f4"), "w"))
    server.runner = runtime.load(other)
    result = invoke("verify", model, "--on", server.url, code=1)
    assert "the first divergent node was not found" in result.stdout


def test_bench(json_server: Server, model: Path) -> None:
    runtimes = ["--on", "numpy", "--on", json_server.url]
    load = ["--load", "closed=2", "--load-time", 0.1]
    result = invoke("bench", model, *runtimes, *load, *QUICK, "--format", "json")
    row = json.loads(result.stdout)["rows"][1]
    np.testing.assert_equal((row["status"], row["processes"], row["device"]), ("ok", 3, "server"))
    np.testing.assert_equal(row["accuracy"]["passed"], True)
    np.testing.assert_equal(row["versions"]["server"], "tester 1.2")
    assert 0 < row["call_overhead_s"] < row["session_s"]
    (under_load,) = row["load"]
    np.testing.assert_equal(under_load["errors"], 0)
    assert under_load["requests"] > 0


def test_a_server_has_one_case_of_the_threads_axis(tmp_path: Path) -> None:
    url = "http://127.0.0.1:1/v2/models/net"
    settings = Settings(on=("numpy", url), axes={"threads": ("1", "2")})
    (group,) = make_plan(settings, [Subject("net", tmp_path / "net.onnx", ())])
    labels = ["numpy threads=1", "numpy threads=2", url, "numpy threads=1"]
    np.testing.assert_equal([case.label for case in group.cases], labels)


def test_a_server_is_not_asked_for_the_machines_peaks(tmp_path: Path) -> None:
    settings = Settings(on=("http://127.0.0.1:1/v2/models/net",))
    groups = make_plan(settings, [Subject("net", tmp_path / "net.onnx", ())])
    jobs = peak_jobs(groups, tmp_path, ["float32"])
    np.testing.assert_equal({job.name for job in jobs}, {"NumPy itself threads=None"})
