"""``onnxwright serve`` as a process, and the other commands against it."""

import json
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest

from onnxwright import runtime
from tests.bench.cli.conftest import Call
from tests.runtime.server.nets import net

COMMAND = "import sys; from onnxwright.bench.cli.app import main; main(sys.argv[1:])"
FEEDS: dict[str, Any] = {"x": np.ones((2, 3), np.float32), "shift": np.array([7, -1])}


@contextmanager
def process(arguments: Sequence[object]) -> Iterator[subprocess.Popen[str]]:
    """Start ``onnxwright serve``, and end it if the test has not."""
    line = [sys.executable, "-c", COMMAND, "serve", "--port", "0", *map(str, arguments)]
    with subprocess.Popen(line, stdout=-1, stderr=-1, text=True) as started:
        try:
            yield started
        finally:
            started.kill()


def told(started: subprocess.Popen[str]) -> str:
    assert started.stdout is not None
    return started.stdout.readline()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("a/1", "a/10", "b/2"):
        (tmp_path / name).mkdir(parents=True)
        onnx.save(net(), tmp_path / name / "model.onnx")
    return tmp_path


@pytest.mark.parametrize("ending", [signal.SIGTERM, signal.SIGINT])
def test_it_says_where_it_is_and_ends_when_it_is_told(folder: Path, ending: int) -> None:
    with process([f"tagger={folder / 'a/1/model.onnx'}", "--max-batch", 4]) as started:
        line = told(started)
        url = line.removeprefix("serving at ").removesuffix(" (Ctrl+C stops)\n")
        assert url.endswith("/v2/models/tagger")
        runner = runtime.load(on=url)
        np.testing.assert_equal(runner.run(FEEDS)["sums"], [14, -2])
        started.send_signal(ending)
        out, err = started.communicate(timeout=60)
    np.testing.assert_equal((started.returncode, out, err), (0, "", ""))


def test_a_folder_of_models_and_the_address_as_json(folder: Path) -> None:
    with process(["--repository", folder, "--format", "json"]) as started:
        document = json.loads(told(started))
        names = [(each["name"], each["version"]) for each in document["models"]]
        np.testing.assert_equal(names, [("a", "1"), ("a", "10"), ("b", "2")])
        for each in document["models"]:
            np.testing.assert_equal(runtime.load(on=each["url"]).run(FEEDS)["sums"], [14, -2])


@pytest.mark.parametrize(
    ("options", "warning"),
    [
        ([], "everybody who reaches this port may ask: --token-file or --token-env asks them"),
        (["--token-file", "token"], "the token comes unencrypted: --tls-cert and --tls-key keep"),
    ],
)
def test_a_server_that_others_reach_says_so(
    folder: Path, monkeypatch: pytest.MonkeyPatch, options: list[str], warning: str
) -> None:
    monkeypatch.chdir(folder)
    (folder / "token").write_text("abc\n")
    with process(["b/2/model.onnx", "--host", "0.0.0.0", *options]) as started:
        assert told(started).startswith("serving at http://0.0.0.0:")
        started.send_signal(signal.SIGTERM)
        _, err = started.communicate(timeout=60)
    assert warning in " ".join(err.split())


def test_a_port_that_is_taken(folder: Path, call: Call) -> None:
    model = folder / "b/2/model.onnx"
    with process([model, "--format", "json"]) as started:
        port = json.loads(told(started))["http"].rpartition(":")[2]
        code, _, err = call("serve", model, "--port", port)
    np.testing.assert_equal(code, 2)
    assert f"cannot listen at 127.0.0.1:{port}: " in err
