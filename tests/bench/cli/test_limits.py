"""What a model may take is an option of every command that runs one; sequences are outputs too."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnx.parser
import pytest

from .conftest import Call

LOOP = """<ir_version: 8, opset_import: ["" : 17]>
    g (int64 n, float[2] x) => (float[2] y) {
        t = Constant <value = bool {1}> ()
        y = Loop (n, t, x) <body = b (int64 i, bool c, float[2] a) => (bool d, float[2] e) {
            d = Identity (c)  e = Add (a, a)
        }>
    }"""
TILE = """<ir_version: 8, opset_import: ["" : 17]>
    g (float[n] x, int64[1] times) => (float[m] y) { y = Tile (x, times) }"""
SPLIT = """<ir_version: 8, opset_import: ["" : 17]>
    g (float[n] x, int64[k] sizes) => (seq(float[m]) y) {
        y = SplitToSequence <axis = 0> (x, sizes)
    }"""


def saved(folder: Path, text: str, **feeds: object) -> list[str | Path]:
    """Save a model and its inputs; return the arguments that name them."""
    onnx.save(onnx.parser.parse_model(text), folder / "m.onnx")
    arrays: Any = {name: np.asarray(feed) for name, feed in feeds.items()}
    np.savez(folder / "in.npz", **arrays)
    return [folder / "m.onnx", "--input", folder / "in.npz"]


@pytest.mark.parametrize("command", ["run", "verify"])
def test_steps_are_limited(command: str, tmp_path: Path, call: Call) -> None:
    given = saved(tmp_path, LOOP, n=10, x=np.ones(2, np.float32))
    np.testing.assert_equal(call(command, *given, "--max-steps", "10")[0], 0)
    code, _, stderr = call(command, *given, "--max-steps", "9")
    np.testing.assert_equal(code, 2)
    assert "9 steps" in stderr


@pytest.mark.parametrize("command", ["run", "verify"])
def test_memory_is_limited(command: str, tmp_path: Path, call: Call) -> None:
    given = saved(tmp_path, TILE, x=np.ones(1 << 10, np.float32), times=[1 << 9])
    np.testing.assert_equal(call(command, *given, "--memory-limit", "8M")[0], 0)
    code, _, stderr = call(command, *given, "--memory-limit", "1M")
    np.testing.assert_equal(code, 2)
    assert "1 MiB" in stderr


def test_the_judge_is_limited_beside_another_runtime(tmp_path: Path, call: Call) -> None:
    pytest.importorskip("onnxruntime")
    given = saved(tmp_path, LOOP, n=10, x=np.ones(2, np.float32))
    np.testing.assert_equal(call("verify", *given, "--on", "cpu", "--max-steps", "10")[0], 0)
    np.testing.assert_equal(call("verify", *given, "--on", "cpu", "--max-steps", "9")[0], 2)


def test_sequences_of_unequal_length_are_verified(tmp_path: Path, call: Call) -> None:
    given = saved(tmp_path, SPLIT, x=np.arange(6, dtype=np.float32), sizes=[1, 2, 3])
    code, stdout, _ = call("verify", *given, "--format", "json")
    np.testing.assert_equal((code, json.loads(stdout)["outputs"][0]["shape"]), (0, [6]))
    code, stdout, _ = call("run", *given, "--format", "json")
    np.testing.assert_equal((code, json.loads(stdout)["outputs"][0]["max"]), (0, 5))
    code, _, stderr = call("run", *given, "-o", tmp_path / "out.npz")
    np.testing.assert_equal(code, 2)
    assert "the output 'y' is a sequence" in stderr
