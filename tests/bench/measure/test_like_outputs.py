"""Outputs of processes held against one reference."""

from pathlib import Path

import numpy as np
import pytest

from onnxwright.bench.measure.engines import copied, save_outputs
from onnxwright.bench.measure.reference import ReferenceComparer, read_outputs
from onnxwright.bench.plan.cases import Subject, make_plan
from onnxwright.bench.plan.settings import Settings
from onnxwright.bench.results.measured import Errors

WANTED = np.ones(3)


def test_like_outputs_are_compared_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = Settings(on=("cpu",))
    (group,) = make_plan(settings, [Subject("net", tmp_path / "net.onnx", ())])
    comparer = ReferenceComparer(settings, tmp_path)
    asked: list[float] = []

    def compared(outputs: Path, budget: float | None) -> Errors:
        error = float(np.abs(read_outputs(outputs)["y"] - WANTED).max())
        asked.append(error)
        return Errors(passed=error < 0.1, max_abs=error)

    monkeypatch.setattr(comparer, "_begin", lambda group, feeds: None)
    monkeypatch.setattr(comparer, "_compared", compared)
    found = []
    for place, off in enumerate((0.0, 0.0, 0.5, 0.0)):
        path = tmp_path / f"out{place}.npz"
        save_outputs(str(path), ["y"], [((WANTED + off).astype(np.float32), "float32")])
        found.append(comparer.errors(group, group.cases[0], tmp_path, path))
    np.testing.assert_equal([each.passed for each in found], [True, True, False, True])
    np.testing.assert_equal(asked, [0.0, 0.5])


def test_copies_are_timed_several_times_and_the_first_is_left_out() -> None:
    made: list[int] = []

    def copy() -> int:
        made.append(len(made))
        return made[-1]

    seconds, last = copied(copy)
    np.testing.assert_equal((len(made), last), (6, 5))
    assert seconds >= 0
