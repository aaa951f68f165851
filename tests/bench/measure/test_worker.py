import io
import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import onnx.parser
import pytest

from onnxwright.bench.measure import worker
from onnxwright.bench.measure.launch import WORKER
from onnxwright.bench.measure.profiles import read_profile
from onnxwright.bench.plan.preparation import write_empty_model


class Clock:
    """A clock that only moves when a call takes time."""

    def __init__(self) -> None:
        self.now = 0.0

    def perf_counter(self) -> float:
        return self.now

    def perf_counter_ns(self) -> int:
        return round(self.now * 1e9)

    def process_time(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    fake = Clock()
    monkeypatch.setattr(worker, "time", fake)
    return fake


def taking(clock: Clock, times: list[float]) -> worker.Call:
    """Return a call that takes the given times in turn, the last one for ever."""

    def call() -> None:
        clock.now += times.pop(0) if len(times) > 1 else times[0]

    return call


@pytest.mark.parametrize(
    ("times", "window", "expected"),
    [
        ([1.0, 1.0, 1.0, 1.0], 2, 0),
        ([5.0, 4.0, 1.0, 1.0, 1.0, 1.0], 2, 2),
        ([1.0, 1.0, 1.021, 1.021], 2, None),
        ([1.0, 1.0, 1.019, 1.019], 2, 0),
        ([1.0, 1.0, 1.0], 2, None),
        ([], 2, None),
    ],
)
def test_steady_from(times: list[float], window: int, expected: int | None) -> None:
    np.testing.assert_equal(worker.steady_from(times, window), expected)


@pytest.mark.parametrize(("seconds", "loops"), [(1.0, 1), (1e-4, 1), (6e-5, 2), (1e-6, 128)])
def test_a_sample_is_long_enough_for_the_clock(clock: Clock, seconds: float, loops: int) -> None:
    np.testing.assert_equal(worker.calibrate(taking(clock, [seconds])), loops)


def test_timed_is_the_mean_of_its_calls(clock: Clock) -> None:
    np.testing.assert_allclose(worker.timed(taking(clock, [1.0, 2.0, 6.0]), 3), 3.0)


def test_warm_up_waits_for_steadiness(clock: Clock) -> None:
    falling = [float(x) for x in np.geomspace(1e-3, 1e-4, 60)]
    warm = worker.warm_up(taking(clock, [*falling, 1e-4]), 1, limit_s=1.0)
    assert warm["steady"]
    assert 50 <= warm["calls_until_steady"] <= 70


def test_warm_up_gives_up_when_it_never_gets_steady(clock: Clock) -> None:
    growing = [1e-3 * 1.02**n for n in range(400)]
    warm = worker.warm_up(taking(clock, growing), 1, limit_s=0.3)
    assert not warm["steady"]
    np.testing.assert_equal(warm["calls_until_steady"], None)


def test_sampling_stops_by_time_and_by_number(clock: Clock) -> None:
    fast = worker.sample(taking(clock, [1e-3]), {"sample_s": 0.05, "max_samples": 1000})
    assert len(fast["samples_s"]) in (50, 51)
    few = worker.sample(taking(clock, [1e-3]), {"sample_s": 0.05, "max_samples": 7})
    np.testing.assert_equal(len(few["samples_s"]), 7)
    slow = worker.sample(taking(clock, [2.0]), {"sample_s": 0.05})
    np.testing.assert_equal(len(slow["samples_s"]), 3)
    np.testing.assert_allclose(slow["median_s"], 2.0)


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (worker.MissingProviderError("none"), "missing provider"),
        (ModuleNotFoundError("no onnxruntime"), "not installed"),
        (MemoryError(), "out of memory"),
        (ValueError("bad\n model"), "error"),
    ],
)
def test_errors_become_statuses(error: Exception, kind: str) -> None:
    np.testing.assert_equal(worker.describe(error)["kind"], kind)
    assert "\n" not in worker.describe(error)["message"]


MODEL = """
    <ir_version: 8, opset_import: ["" : 17]>
    tanh (float[batch, 3] x) => (float[batch, 3] file) { y = Neg(x) file = Tanh(y) }
"""


@pytest.fixture
def request_base(tmp_path: Path) -> dict[str, Any]:
    onnx.save(onnx.parser.parse_model(MODEL), tmp_path / "m.onnx")
    np.savez(tmp_path / "x.npz", x=np.ones((2, 3), np.float32))
    write_empty_model(tmp_path)
    return {
        "model": str(tmp_path / "m.onnx"),
        "empty_model": str(tmp_path / "empty.onnx"),
        "feeds": str(tmp_path / "x.npz"),
        "outputs": str(tmp_path / "out.npz"),
        "sample_s": 0.01,
        "warmup_s": 0.01,
    }


def answer(request: dict[str, Any]) -> tuple[list[str], dict[str, Any]]:
    """Run the worker as a script; return its stages and its answer."""
    ran = subprocess.run(
        [sys.executable, str(WORKER)], input=json.dumps(request), capture_output=True, text=True
    )
    lines = [json.loads(line) for line in ran.stdout.splitlines()]
    return [line["stage"] for line in lines[:-1]], lines[-1]


def test_the_numpy_runtime_is_measured(request_base: dict[str, Any]) -> None:
    stages, said = answer({**request_base, "on": "numpy"})
    np.testing.assert_equal(
        stages, ["import", "session", "first run", "steady run", "call overhead"]
    )
    result = said["result"]
    for name in ("import_s", "session_s", "first_run_s", "call_overhead"):
        assert result[name] > 0, name
    assert result["steady_run"]["median_s"] > 0
    with np.load(request_base["outputs"]) as saved:
        np.testing.assert_equal(json.loads(str(saved["names"])), ["file"])
        np.testing.assert_allclose(saved["arr_0"], np.tanh(-np.ones((2, 3))), rtol=1e-6)


def test_the_numpy_runtime_tells_the_time_of_each_node(
    request_base: dict[str, Any], tmp_path: Path
) -> None:
    request = {**request_base, "on": "numpy", "profile_to": str(tmp_path / "profile")}
    profile = read_profile(answer(request)[1]["result"]["profile"])
    assert profile is not None
    said = [
        (node["node"], node["op"], node["provider"], node["calls"]) for node in profile["nodes"]
    ]
    np.testing.assert_equal(said, [("y", "Neg", "numpy", 1), ("file", "Tanh", "numpy", 1)])
    assert all(0 < node["seconds"] < 1 for node in profile["nodes"]), profile


def test_a_provider_is_measured_bound_and_profiled(
    request_base: dict[str, Any], tmp_path: Path
) -> None:
    pytest.importorskip("onnxruntime", reason="needs onnxruntime")
    request = {**request_base, "on": "cpu", "provider": "CPUExecutionProvider"}
    _, said = answer({**request, "profile_to": str(tmp_path / "profile"), "threads": 1})
    result = said["result"]
    assert result["bound_run"]["median_s"] > 0
    np.testing.assert_equal(
        result["profile"]["placement"],
        [["", "Neg", "CPUExecutionProvider"], ["", "Tanh", "CPUExecutionProvider"]],
    )
    assert Path(result["profile"]["file"]).is_file()


def test_once_means_one_run(request_base: dict[str, Any]) -> None:
    stages, said = answer({**request_base, "on": "numpy:float64", "once": True})
    np.testing.assert_equal(stages, ["import", "session", "first run"])
    assert "steady_run" not in said["result"]


def test_a_missing_provider_is_an_answer(request_base: dict[str, Any]) -> None:
    pytest.importorskip("onnxruntime", reason="needs onnxruntime")
    stages, said = answer({**request_base, "on": "cann", "provider": "CANNExecutionProvider"})
    np.testing.assert_equal(said["error"]["kind"], "missing provider")
    np.testing.assert_equal(stages[-1], "session")


def test_the_worker_imports_nothing_of_the_project() -> None:
    source = io.StringIO(WORKER.read_text())
    imports = [line for line in source if line.startswith(("import ", "from "))]
    allowed = sys.stdlib_module_names
    np.testing.assert_equal(
        [line for line in imports if line.split()[1].split(".")[0] not in allowed], []
    )


def test_the_loop_adds_less_than_a_microsecond_to_a_call() -> None:
    def call() -> None:
        pass

    def bare(loops: int) -> float:
        start = time.perf_counter()
        for _ in range(loops):
            call()
        return (time.perf_counter() - start) / loops

    reference = min(bare(4096) for _ in range(50))
    for loops in (1, worker.calibrate(call)):
        assert min(worker.timed(call, loops) for _ in range(50)) - reference < 1e-6, loops


@pytest.mark.cuda
def test_a_cuda_device_is_measured_with_its_copies(
    request_base: dict[str, Any], tmp_path: Path
) -> None:
    library = pytest.importorskip("onnxruntime", reason="needs onnxruntime")
    if "CUDAExecutionProvider" not in library.get_available_providers():
        pytest.skip("this onnxruntime has no CUDA provider")
    request = {**request_base, "on": "cuda", "provider": "CUDAExecutionProvider"}
    _, said = answer({**request, "profile_to": str(tmp_path / "profile")})
    if said.get("error", {}).get("kind") == "missing provider":
        pytest.skip(f"CUDA did not start: {said['error']['message']}")
    bound = said["result"]["bound_run"]
    assert bound["to_device_s"] > 0
    assert bound["from_device_s"] > 0
    placed = {node[2] for node in said["result"]["profile"]["placement"]}
    np.testing.assert_equal(placed, {"CUDAExecutionProvider"})
