"""``run``, ``verify`` and ``bench`` against models that ``serve`` serves."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest

from onnxwright import runtime
from onnxwright.runtime.server.serving import serving
from onnxwright.runtime.server.settings import Addresses, Batching, SequenceLimits
from tests.bench.cli.conftest import Call
from tests.runtime.server.nets import random, recurrent, spec

QUICK = ["--rounds", "3", "--max-rounds", "3", "--sample-time", "0.005", "--no-peaks"]
LOAD = ["--load", "closed=2", "--load-time", "0.1"]


@pytest.fixture(scope="module")
def served() -> Iterator[Addresses]:
    """Serve an LSTM as it is, one with states at the clients, and one with states here."""
    streaming = recurrent("lstm", streaming=True)
    models = [
        spec(recurrent("lstm"), "plain", batching=Batching(4)),
        spec(streaming, "client"),
        spec(streaming, "server", sequences=SequenceLimits()),
    ]
    with serving(models) as addresses:
        yield addresses


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    onnx.save(recurrent("lstm"), "plain.onnx")
    onnx.save(recurrent("lstm", streaming=True), "stream.onnx")
    np.save("x.npy", random(1, 6, 4))
    return tmp_path


def url(addresses: Addresses, name: str) -> str:
    return f"{addresses.http}/v2/models/{name}"


def test_run_of_a_sequence(served: Addresses, folder: Path, call: Call) -> None:
    line = ["run", "stream.onnx", "--on", url(served, "server"), "--input", "x=x.npy"]
    np.testing.assert_equal(call(*line, "-o", "out.npz")[0], 0)
    local = runtime.load("stream.onnx")
    states = {info.name: np.zeros((1, 8), np.float32) for info in local.inputs[1:]}
    wanted = local.run({"x": np.load("x.npy"), **states})
    with np.load("out.npz") as found:
        np.testing.assert_equal(dict(found), {"y": wanted["y"]})


@pytest.mark.parametrize(
    ("model", "name"), [("plain", "plain"), ("stream", "client"), ("stream", "server")]
)
def test_verify(served: Addresses, folder: Path, call: Call, model: str, name: str) -> None:
    line = [
        "verify",
        f"{model}.onnx",
        "--on",
        url(served, name),
        "--on",
        "numpy",
        "--dim",
        "batch=1",
    ]
    chunks = ["--chunks", "3,4,1"] if model == "stream" else []
    code, out, err = call(*line, *chunks)
    np.testing.assert_equal(code, 0, err_msg=out + err)
    np.testing.assert_equal(out.count("fed in chunks of 3, 4, 1 steps"), 2 if chunks else 0)


def test_verify_says_that_a_sequence_has_a_batch_of_1(
    served: Addresses, folder: Path, call: Call
) -> None:
    code, _, err = call("verify", "stream.onnx", "--on", url(served, "server"))
    np.testing.assert_equal(code, 2)
    assert "a sequence whose states the server keeps has a batch of 1, not 2" in err
    assert "random inputs take --dim batch=1" in err


@pytest.mark.parametrize(("model", "name"), [("plain", "plain"), ("stream", "server")])
def test_bench_shows_the_servers_part(
    served: Addresses, folder: Path, call: Call, model: str, name: str
) -> None:
    runtimes = ["--on", "numpy", "--on", url(served, name)]
    line = ["bench", f"{model}.onnx", *runtimes, *LOAD, *QUICK, "--export-json", "r.json"]
    code, out, err = call(*line)
    np.testing.assert_equal(code, 0, err_msg=out + err)
    rows: list[dict[str, Any]] = json.loads(Path("r.json").read_text())["rows"]
    local, remote = rows
    np.testing.assert_equal((local["server"], remote["status"]), (None, "ok"))
    np.testing.assert_equal(remote["accuracy"]["passed"], True)
    for part in (remote, remote["load"][0]):
        assert 0 < part["server"]["compute_s"] < part["median_s"]
        assert part["server"]["queue_s"] >= 0
        assert 1 <= part["server"]["batch"] <= 4
    np.testing.assert_equal(remote["load"][0]["errors"], 0)
    told = out.splitlines()
    assert any(line.split()[:4] == ["load", "median", "queue", "compute"] for line in told), out
    assert any(line.split()[:3] == ["one", "by", "one"] for line in told), out


def test_bench_names_what_fails_and_goes_on(folder: Path, call: Call) -> None:
    gone = "http://127.0.0.1:1/v2/models/plain"
    line = ["bench", "plain.onnx", "--on", "numpy", "--on", gone, *QUICK, "--export-json", "r.json"]
    call(*line)
    local, remote = json.loads(Path("r.json").read_text())["rows"]
    np.testing.assert_equal((local["status"], remote["status"]), ("ok", "error"))
    assert "nothing listens at 127.0.0.1:1" in remote["message"]
