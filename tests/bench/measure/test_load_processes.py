"""Clients under load that are processes of their own."""

import sys
from pathlib import Path

import numpy as np
import onnx.parser
import pytest

from onnxwright.bench.measure.launch import LOAD_TEST, WorkerLimits, run_script
from onnxwright.bench.measure.load_processes import joined, wait_for
from onnxwright.bench.measure.wire import LoadRequest
from onnxwright.bench.plan.engine import Engine
from onnxwright.bench.results.elements import Loaded, Share

MODEL = """
    <ir_version: 8, opset_import: ["" : 17]>
    tanh (float[batch, 3] x) => (float[batch, 3] y) { y = Tanh(x) }
"""


def load(tmp_path: Path, name: str) -> tuple[str, str, Loaded | None]:
    onnx.save(onnx.parser.parse_model(MODEL), tmp_path / "m.onnx")
    np.savez(tmp_path / "x.npz", x=np.ones((2, 3), np.float32))
    request = LoadRequest(
        engine=Engine(on="numpy"),
        model=str(tmp_path / name),
        feeds=str(tmp_path / "x.npz"),
        clients=2,
        rate=None,
        seconds=0.1,
        seed=0,
        warmup_s=0.01,
        processes=True,
    )
    ending = run_script(sys.executable, LOAD_TEST, request, WorkerLimits(100.0))
    return ending.status, ending.message or "", ending.result


def test_processes_ask_side_by_side(tmp_path: Path) -> None:
    status, message, loaded = load(tmp_path, "m.onnx")
    np.testing.assert_equal((status, message), ("ok", ""))
    assert loaded is not None
    assert loaded.requests >= len(loaded.latencies_s) >= 2
    assert loaded.mean_s is not None
    np.testing.assert_array_less(loaded.mean_s * loaded.requests, 2 * loaded.wall_s)


def test_a_process_that_cannot_open_the_model_ends_all(tmp_path: Path) -> None:
    status, message, loaded = load(tmp_path, "none.onnx")
    np.testing.assert_equal((status, loaded), ("error", None))
    assert "a client ended: cannot read" in message, message


def test_what_several_measured_is_one() -> None:
    told = Share(queue_s=0.1, compute_s=0.2, batch=1.0)
    one = Loaded(latencies_s=(0.1,), requests=1, wall_s=1.0, mean_s=0.1, server=told)
    two = Loaded(latencies_s=(0.2,), requests=3, wall_s=2.0, mean_s=0.3, errors=1, first_error="x")
    both = joined([one, two])
    np.testing.assert_equal((both.latencies_s, both.requests, both.wall_s), ((0.1, 0.2), 4, 2.0))
    np.testing.assert_equal((both.errors, both.first_error), (1, "x"))
    np.testing.assert_allclose(both.mean_s or 0, 0.25)
    np.testing.assert_equal(both.server, told)


def test_nobody_waits_for_ever(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("onnxwright.bench.measure.load_processes.LONGEST_S", 0.0)
    with pytest.raises(TimeoutError, match="the other clients did not begin"):
        wait_for(str(tmp_path / "go"))
