"""``bench --ort`` and several ``--env``: the same model in several environments, in one run."""

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnx.parser
import pytest

from onnxwright.bench.measure import pip_environments
from onnxwright.bench.measure.pip_environments import Environment

from .conftest import Call

QUICK = ["--rounds", "3", "--max-rounds", "3", "--sample-time", "0.005", "--no-peaks"]
MODEL = """<ir_version: 8, opset_import: ["" : 17]>
    tanh (float[batch, 3] x) => (float[batch, 3] y) { y = Tanh(x) }"""


@pytest.fixture(autouse=True)
def model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    onnx.save(onnx.parser.parse_model(MODEL), "net.onnx")


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Let no pip run: this interpreter is every release; return those that are asked for."""
    asked: list[str] = []

    def ensure(release: str, say: Callable[[str], None]) -> Environment:
        asked.append(release)
        return Environment(release, release, Path(sys.executable))

    monkeypatch.setattr(pip_environments, "ensure", ensure)
    return asked


def measured(call: Call, *arguments: str) -> dict[str, Any]:
    code, out, err = call("bench", *arguments, "--format", "json")
    np.testing.assert_equal(code, 0, err)
    told: dict[str, Any] = json.loads(out)
    return told


def labels(told: dict[str, Any]) -> list[str]:
    return [row["label"] for row in told["rows"]]


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (["--ort", "1.31,1.30.0"], ["cpu@1.30.0", "cpu@1.31"]),
        (
            ["--ort", "1.30,1.31", "--on", "numpy", "--on", "cpu"],
            ["numpy", "cpu@1.30", "cpu@1.31"],
        ),
        (["--ort", "1.30,1.31", "--against", "1.31"], ["cpu@1.31", "cpu@1.30"]),
        (["--env", f"old={sys.executable}", "--ort", "1.31"], ["cpu@old", "cpu@1.31"]),
    ],
)
def test_cpu_is_measured_on_each(
    options: list[str], expected: list[str], made: list[str], call: Call
) -> None:
    told = measured(call, "net.onnx", *QUICK, *options)
    np.testing.assert_equal(labels(told), expected)
    np.testing.assert_equal([row["status"] for row in told["rows"]], ["ok"] * len(expected))
    np.testing.assert_equal({f"cpu@{name}" for name in made} <= set(expected), True)


def test_environments_by_hand_need_no_on(call: Call) -> None:
    given = [text for name in ("v1", "v2") for text in ("--env", f"{name}={sys.executable}")]
    told = measured(call, "net.onnx", *QUICK, *given)
    np.testing.assert_equal(labels(told), ["cpu@v1", "cpu@v2"])


def test_a_dry_run_makes_nothing(made: list[str], call: Call, tmp_path: Path) -> None:
    code, out, err = call("bench", "net.onnx", "--ort", "1.30,1.31", "--dry-run")
    np.testing.assert_equal((code, made), (0, []))
    assert out.startswith("net batch=1: cpu@1.30, cpu@1.31\n")
    assert f"would be in {tmp_path / 'cache'}" in err or "would be in" in err
    np.testing.assert_equal((tmp_path / "cache").exists(), False)


def test_a_journal_cannot_ask_for_releases(made: list[str], call: Call) -> None:
    measured(call, "net.onnx", *QUICK, "--ort", "1.30,1.31", "--out", "r.jsonl")
    made.clear()
    code, _, err = call("bench", "--resume", "r.jsonl")
    np.testing.assert_equal((code, made), (2, []))
    assert "was begun with an environment called '1.30', which a journal cannot choose" in err
    assert "say which interpreter to start: --ort 1.30,1.31" in err
    told = measured(call, "--resume", "r.jsonl", "--ort", "1.30,1.31")
    np.testing.assert_equal((labels(told), made), (["cpu@1.30", "cpu@1.31"], ["1.30", "1.31"]))
