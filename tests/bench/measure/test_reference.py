"""Outputs of processes against the group's reference, with room for 8-bit rounding."""

from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest

from onnxwright.bench.measure.reference import ReferenceComparer, read_outputs
from onnxwright.bench.model.arrays import write_arrays
from onnxwright.bench.plan.cases import Subject, make_plan
from onnxwright.bench.plan.settings import Settings
from tests.bench.verify.test_rounding import STEP, qdq

X = (np.random.default_rng(2).uniform(-0.4, 0.4, (4, 8)) * STEP).astype(np.float32)
X[1, 2] = 2.5 * STEP * (1 + 1e-7)
BELOW = X.copy()
BELOW[1, 2] = 2.4999 * STEP


def computed(folder: Path, model: onnx.ModelProto, x: Any) -> Path:
    """Return the outputs that a process gives, in the file that it writes."""
    onnx.save(model, folder / "other.onnx")
    write_arrays(folder / "x.npz", {"x": x}, raw=True)
    settings = Settings(models=(), on=("numpy",))
    comparer = ReferenceComparer(settings, folder)
    subject = Subject("other", folder / "other.onnx", ("n",))
    (group,) = make_plan(settings, [subject])
    comparer.errors(group, group.cases[0], folder / "x.npz", _any_outputs(folder))
    (folder / "reference.npz").rename(folder / "outputs.npz")
    return folder / "outputs.npz"


def _any_outputs(folder: Path) -> Path:
    np.savez(folder / "none.npz", names="[]", elements="[]")
    return folder / "none.npz"


@pytest.mark.parametrize(
    ("model", "x", "passed"),
    [
        (qdq(), X, True),
        (qdq(), BELOW, True),
        (qdq(zero=120), 100 * X, False),
    ],
    ids=["the same", "a flip", "a wrong zero point"],
)
def test_a_flip_passes_and_a_wrong_zero_point_does_not(
    model: onnx.ModelProto, x: Any, passed: bool, tmp_path: Path
) -> None:
    outputs = computed(tmp_path, model, x)
    onnx.save(qdq(), tmp_path / "m.onnx")
    feeds = tmp_path / "feeds.npz"
    write_arrays(feeds, {"x": X if passed else x}, raw=True)
    settings = Settings(models=(), on=("numpy",))
    (group,) = make_plan(settings, [Subject("m", tmp_path / "m.onnx", ("n",))])
    errors = ReferenceComparer(settings, tmp_path).errors(group, group.cases[0], feeds, outputs)
    np.testing.assert_equal(errors.passed, passed)
    assert read_outputs(outputs)["y"].shape == (4, 3)
