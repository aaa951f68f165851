"""Errors on the command line: two lines for people, one JSON document for programs."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any, NoReturn

import click
import numpy as np
import pytest

from onnxwright.bench.cli import app
from onnxwright.errors import OnnxwrightError

from .conftest import Call


@pytest.mark.parametrize(
    ("arguments", "problem", "remedy"),
    [
        (
            ["biuld"],
            "onnxwright has no command 'biuld'",
            "did you mean 'build'? see onnxwright --help",
        ),
        (
            ["run", "--sed", "1"],
            "onnxwright run has no option --sed",
            "did you mean '--seed'? see onnxwright run --help",
        ),
        (
            ["run", "--formt", "1"],
            "onnxwright run has no option --formt",
            "did you mean '--format'? see onnxwright run --help",
        ),
        (
            ["demo", "--net", "lent"],
            "invalid value for '--net': 'lent' is not one of ",
            "did you mean 'lenet'? see onnxwright demo --help",
        ),
        (["lint", "m", "-t"], "option '-t' requires an argument", "see onnxwright lint --help"),
        (
            ["verify", "m", "--atol", "x"],
            "invalid value for '--atol': 'x' is not",
            "see onnxwright",
        ),
        (["run", "none.onnx"], "cannot read none.onnx: No such file", "check the path"),
    ],
)
@pytest.mark.parametrize("wanted", [[], ["--format", "json"], ["--format=json"]])
def test_an_error_is_two_lines_and_json_where_asked(
    arguments: list[str], problem: str, remedy: str, wanted: list[str], call: Call
) -> None:
    code, stdout, stderr = call(*arguments[:1], *wanted, *arguments[1:])
    lines = stderr.splitlines()
    np.testing.assert_equal([code, len(lines)], [2, 2])
    assert lines[0].startswith(f"error: {problem}")
    assert lines[1].startswith(f"  {remedy}")
    found = json.loads(stdout) if wanted else None
    told = {"error": lines[0].removeprefix("error: "), "remedy": lines[1].strip()}
    np.testing.assert_equal(found, told if wanted else None)


def test_without_arguments_the_help_is_shown(call: Call) -> None:
    code, stdout, stderr = call()
    np.testing.assert_equal([code, stderr], [0, ""])
    assert stdout.startswith("Usage: onnxwright")


def test_an_interrupt_is_no_regression(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(_: object) -> NoReturn:
        raise KeyboardInterrupt

    monkeypatch.setattr(click.Group, "invoke", lambda self, ctx: interrupted(ctx))
    code, stdout, _ = call("providers")
    np.testing.assert_equal([code, stdout], [130, ""])


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (MemoryError(), "error: there is not enough memory for this\n  close other programs"),
        (
            OSError(28, "No space left"),
            "error: the system refused: [Errno 28] No space left\n  check",
        ),
    ],
)
def test_what_the_system_refuses_is_told(
    error: Exception, told: str, call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(_: object) -> NoReturn:
        raise error

    monkeypatch.setattr(app.LazyGroup, "invoke", lambda self, ctx: refused(ctx))
    code, _, stderr = call("providers")
    np.testing.assert_equal((code, stderr.startswith(told)), (2, True), err_msg=stderr)


def test_a_long_error_loses_its_middle_and_its_control_characters(
    call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(_: object) -> NoReturn:
        raise OnnxwrightError("begin\x1b[2J" + "x" * 4_000_000 + "end", "remedy")

    monkeypatch.setattr(app.LazyGroup, "invoke", lambda self, ctx: refused(ctx))
    code, _, stderr = call("providers")
    np.testing.assert_equal(code, 2)
    assert stderr.startswith(r"error: begin\x1b[2Jxxx")
    assert stderr.endswith("end\n  remedy\n")
    np.testing.assert_array_less(len(stderr), 700)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="the device that is full is Linux's")
@pytest.mark.parametrize("streams", [["stdout"], ["stderr"], ["stdout", "stderr"]])
@pytest.mark.parametrize("wanted", ["table", "json"])
def test_a_full_disk_behind_a_stream_leaves_the_exit_code(streams: list[str], wanted: str) -> None:
    command = [sys.executable, "-m", "onnxwright", "run", "none.onnx", "--format", wanted]
    buffered = {key: value for key, value in os.environ.items() if key != "PYTHONUNBUFFERED"}
    with Path("/dev/full").open("w") as full:
        outputs: dict[str, Any] = {
            "env": buffered,
            "stdout": subprocess.PIPE,
            "stderr": subprocess.PIPE,
        }
        outputs |= dict.fromkeys(streams, full)
        done = subprocess.run(command, **outputs, text=True, check=False)
    np.testing.assert_equal(done.returncode, 2)
    assert "Traceback" not in (done.stdout or "") + (done.stderr or "")
