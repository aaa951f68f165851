import io
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from rich.console import Console

from onnxwright import runtime
from onnxwright.bench.cli.progress import progress
from onnxwright.bench.errors import BenchError
from onnxwright.bench.measure.session import Session
from onnxwright.bench.plan.builtin import SIZES, build, families
from onnxwright.bench.plan.preparation import default_models, subjects
from onnxwright.bench.plan.settings import Settings
from onnxwright.bench.results.measured import Process

from ..conftest import Bench


@pytest.mark.parametrize("family", families())
def test_a_case_is_the_same_every_time_and_runs(family: str) -> None:
    model = build(family, SIZES["small"]).build()
    again = build(family, SIZES["small"]).build()
    np.testing.assert_equal(model.SerializeToString(), again.SerializeToString())
    dims = model.graph.input[0].type.tensor_type.shape.dim
    shape = [SIZES["small"].dims().get(dim.dim_param, dim.dim_value) for dim in dims]
    x = np.random.default_rng(0).standard_normal(shape).astype(np.float32)
    single = runtime.load(model, on="numpy").run({"x": x})["logits"]
    double = runtime.load(model, on="numpy:float64").run({"x": x})["logits"]
    np.testing.assert_allclose(single, double, atol=1e-5)
    assert np.ptp(double) > 0.1, "the signal died on its way"


def test_sizes_and_hidden_make_subjects(tmp_path: Path) -> None:
    np.testing.assert_equal(default_models(["small"])[:2], ("mlp/small", "cnn/small"))
    settings = Settings(models=("gru", "rnn/medium"), axes={"hidden": ("8", "16")})
    found = subjects(settings, tmp_path)
    np.testing.assert_equal(
        [subject.label for subject in found],
        [
            "gru/small hidden=8",
            "gru/small hidden=16",
            "rnn/medium hidden=8",
            "rnn/medium hidden=16",
        ],
    )
    np.testing.assert_equal(found[2].sizes, {"batch": 8, "time": 64})
    np.testing.assert_equal(found[0].dims, ("batch", "time"))


def test_two_models_of_one_name_are_refused(tmp_path: Path) -> None:
    settings = Settings(models=("gru", "gru/small"))
    with pytest.raises(BenchError, match="two models are called gru/small"):
        subjects(settings, tmp_path)


@pytest.mark.parametrize("terminal", [True, False])
def test_progress_tells_of_failures(make_bench: Callable[..., Bench], terminal: bool) -> None:
    bench = make_bench({"numpy": 1e-3})
    groups = bench.groups()
    session = Session(bench.settings, bench.journal(), [(groups, bench.context())])
    stream = io.StringIO()
    console = Console(file=stream, force_terminal=terminal, width=100)
    case = groups[0].cases[0].id
    good = Process(case=case, status="ok", wall_s=1.0)
    crash = Process(case=case, round=1, status="crash", stage="session", message="SIGSEGV [11]")
    with progress(session, console) as report:
        report(good)
        report(crash)
    assert "model batch=1 | numpy: crash in session: SIGSEGV [11]" in stream.getvalue()
    assert "s left" in stream.getvalue()
