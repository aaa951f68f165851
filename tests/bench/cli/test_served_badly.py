"""Servers that fail in the middle of a command: one clear error or a failed row, in time."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import onnx
import pytest

from onnxwright import runtime
from tests.bench.cli.conftest import Call
from tests.runtime.remote.server import Answer, Server, say, serving
from tests.runtime.server.nets import recurrent

LONG = 240.0
"""Seconds that nothing here may take, however busy the machine is."""
QUICK = ["--rounds", "3", "--max-rounds", "3", "--sample-time", "0.005", "--no-peaks"]
OVER = threading.Event()
"""Lets servers end that would never answer."""


def silent() -> Answer:
    OVER.wait(LONG)
    return say({})


def dead() -> Answer:
    return 200, {"Content-Length": "100", "Connection": "close"}, b"{"


def endless() -> Answer:
    return 200, {"Content-Length": "10000"}, b"{"


FAULTS: dict[str, tuple[Callable[[], Answer], str]] = {
    "dies": (dead, "broke off or does not speak HTTP"),
    "is silent": (silent, "did not answer within"),
    "never ends its answer": (endless, "did not answer within"),
    "answers more than was asked": (
        lambda: (200, {"Content-Length": "99999999999"}, b""),
        "it has 99999999999 bytes, more than",
    ),
    "answers another shape": (
        lambda: say({"outputs": [{"name": "y", "datatype": "FP32", "shape": [1], "data": [1]}]}),
        "output 'y' has the shape [1], the model's is",
    ),
    "answers another output": (lambda: say({"outputs": []}), "it lacks output 'y'"),
    "refuses": (lambda: say({"error": "out of memory"}, 500), "HTTP 500: out of memory"),
}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    onnx.save(recurrent("lstm"), "net.onnx")
    return tmp_path


@pytest.fixture
def server(folder: Path) -> Iterator[Server]:
    OVER.clear()
    with serving(runtime.load("net.onnx")) as found:
        yield found
        OVER.set()


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("command", ["run", "verify"])
def test_one_error(server: Server, call: Call, command: str, fault: str) -> None:
    server.answers["infer"], problem = FAULTS[fault]
    options = ["--seed", "0", "--provider-option", "timeout=0.5"]
    before = time.monotonic()
    code, out, err = call(command, "net.onnx", "--on", server.url, *options)
    assert time.monotonic() - before < LONG
    assert (code, out) == (2, ""), out + err
    first, second = err.splitlines()[-2:]
    assert first.startswith("error: "), err
    assert problem in first
    assert second.strip()


@pytest.mark.parametrize(
    ("fault", "asked"), [("dies", 40), ("is silent", 40), ("answers another shape", 1)]
)
def test_a_failed_row(
    server: Server, call: Call, monkeypatch: pytest.MonkeyPatch, fault: str, asked: int
) -> None:
    """The server answers so many requests, and then fails."""
    answer, problem = FAULTS[fault]
    count = iter(range(10**6))
    usual: Any = server.infer

    def infer(*request: Any) -> Answer:
        found: Answer = usual(*request) if next(count) < asked else answer()
        return found

    monkeypatch.setattr(server, "infer", infer)
    runtimes = ["--on", "numpy", "--on", server.url, "--served", "timeout=0.5"]
    code, _, err = call("bench", "net.onnx", *runtimes, *QUICK, "--export-json", "r.json")
    local, remote = json.loads(Path("r.json").read_text())["rows"]
    assert (code, local["status"], remote["status"]) == (0, "ok", "error"), err
    assert problem in remote["message"]
    assert remote["stage"] in ("first run", "steady run")
