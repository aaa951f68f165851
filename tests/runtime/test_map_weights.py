"""Weights in a file beside the model, which somebody changes while the model is in use."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnx.parser
import pytest
from click.testing import CliRunner
from onnx import numpy_helper

from onnxwright import runtime
from onnxwright.bench.cli.app import cli
from onnxwright.bench.measure.engines import choose_engine
from onnxwright.bench.measure.wire import Opening
from onnxwright.bench.plan.engine import Engine
from onnxwright.bench.plan.settings import Settings
from onnxwright.files import read_apart

W = np.arange(4, dtype=np.float32)
FEEDS = {"x": np.ones(4, np.float32)}


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    model = onnx.parser.parse_model("""<ir_version: 8, opset_import: ["" : 17]>
        g (float[4] x) => (float[4] y) { y = Add (x, w) }""")
    model.graph.initializer.append(numpy_helper.from_array(W, "w"))
    path = tmp_path / "m.onnx"
    onnx.save(model, path, save_as_external_data=True, location="w.bin", size_threshold=0)
    return path


def edit(data: Path) -> None:
    """Write other numbers over the same bytes, at another time."""
    data.write_bytes((W + 5).tobytes())
    later = data.stat().st_mtime_ns + 2_000_000_000
    os.utime(data, ns=(later, later))


def truncate(data: Path) -> None:
    os.truncate(data, 0)


def replace(data: Path) -> None:
    """Put another file of the same size and time in its place."""
    status = data.stat()
    other = data.with_suffix(".new")
    other.write_bytes(data.read_bytes())
    os.utime(other, ns=(status.st_atime_ns, status.st_mtime_ns))
    other.replace(data)


CHANGES = [edit, truncate, replace, Path.unlink]


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("on", ["numpy", "numpy:float64"])
def test_a_change_between_two_runs_is_noticed(
    saved: Path, change: Callable[[Path], Any], on: str
) -> None:
    runner = runtime.load(saved, on=on)
    np.testing.assert_array_equal(runner.run(FEEDS)["y"], W + 1)
    change(saved.with_name("w.bin"))
    problem = r"w\.bin was changed since the model was loaded.*\nload the model again; .*--no-map"
    with pytest.raises(runtime.RunnerError, match=problem):
        runner.run(FEEDS)
    with pytest.raises(runtime.RunnerError, match=problem):
        getattr(runner, "profile")(FEEDS)  # noqa: B009 (only NumPy's runner has it)


@pytest.mark.parametrize("change", CHANGES)
def test_a_copy_does_not_mind(saved: Path, change: Callable[[Path], Any]) -> None:
    runner = runtime.load(saved, map_weights=False)
    change(saved.with_name("w.bin"))
    np.testing.assert_array_equal(runner.run(FEEDS)["y"], W + 1)


def test_only_true_and_false_are_taken(saved: Path) -> None:
    with pytest.raises(runtime.ProviderError, match="map_weights must be True or False, got 0"):
        runtime.load(saved, map_weights=0)


@pytest.mark.parametrize("command", ["run", "verify"])
def test_the_command_line_can_ask_for_a_copy(
    saved: Path, command: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def copied(path: Any, *, map_external: bool) -> Any:
        assert not map_external, f"{path} is mapped"
        return read_apart(path, map_external=False)

    monkeypatch.setattr("onnxwright.runtime.loading.read_apart", copied)
    np.save(saved.with_name("x.npy"), FEEDS["x"])
    given = [command, str(saved), "--input", f"x={saved.with_name('x.npy')}"]
    result = CliRunner().invoke(cli, [*given, "--no-map"])
    np.testing.assert_equal(result.exit_code, 0, result.output)


@pytest.mark.parametrize("on", ["numpy", "numpy:float64"])
def test_the_benchmark_maps_weights_or_copies_them(saved: Path, on: str) -> None:
    def call(mapped: bool) -> Callable[[], Any]:
        limits = Settings(map_weights=mapped).allowed(on)
        opening = Opening(engine=Engine(on=on), model=str(saved), feeds="", limits=limits)
        engine = choose_engine(opening)
        engine.load_library()
        return engine.open(str(saved), FEEDS)

    mapped, copied = call(mapped=True), call(mapped=False)
    edit(saved.with_name("w.bin"))
    with pytest.raises(runtime.RunnerError, match=r"was changed since.*\n.*\(--no-map\) keeps"):
        mapped()
    np.testing.assert_equal(copied()["y"], W + 1)
