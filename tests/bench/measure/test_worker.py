import io
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import ml_dtypes
import numpy as np
import onnx.parser
import pytest

from onnxwright.bench.measure import worker
from onnxwright.bench.measure.launch import WORKER
from onnxwright.bench.measure.profiles import read_profile
from onnxwright.bench.measure.reference import read_outputs
from onnxwright.bench.model.arrays import write_arrays
from onnxwright.bench.plan.preparation import write_empty_model
from onnxwright.bench.plan.settings import Settings


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (worker.native.AbsentError("none"), "missing provider"),
        (worker.native.NotStartedError("none"), "missing provider"),
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


LOOP = """<ir_version: 8, opset_import: ["" : 17]>
    g (float[n, 3] x) => (float[n, 3] y) {
        t = Constant <value = bool {1}> ()
        n = Constant <value = int64 {10}> ()
        y = Loop (n, t, x) <body = b (int64 i, bool c, float[k, 3] a) => (bool d, float[k, 3] e) {
            d = Identity (c)  e = Add (a, a)
        }>
    }"""


@pytest.mark.parametrize("on", ["numpy", "numpy:float64"])
@pytest.mark.parametrize(("steps", "holds"), [(9, True), (10, False)])
def test_the_limits_hold_in_the_worker(
    on: str, steps: int, holds: bool, request_base: dict[str, Any]
) -> None:
    onnx.save(onnx.parser.parse_model(LOOP), request_base["model"])
    limits = Settings(max_steps=steps).allowed(on)
    _, said = answer({**request_base, "on": on, "once": True, "limits": limits})
    np.testing.assert_equal("more than 9 steps" in json.dumps(said), holds)


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


@pytest.mark.cuda
def test_a_cuda_device_is_measured_with_its_copies(
    request_base: dict[str, Any], tmp_path: Path
) -> None:
    library = pytest.importorskip("onnxruntime", reason="needs onnxruntime")
    if "CUDAExecutionProvider" not in library.get_available_providers():
        pytest.skip("this onnxruntime has no CUDA provider")
    request = {**request_base, "on": "cuda", "provider": "CUDAExecutionProvider"}
    _, said = answer({**request, "profile_to": str(tmp_path / "profile")})
    bound = said["result"]["bound_run"]
    assert bound["to_device_s"] > 0
    assert bound["from_device_s"] > 0
    placed = {node[2] for node in said["result"]["profile"]["placement"]}
    np.testing.assert_equal(placed, {"CUDAExecutionProvider"})


BF16 = """
    <ir_version: 8, opset_import: ["" : 17]>
    half (bfloat16[batch, 3] x) => (bfloat16[batch, 3] y, float[batch, 3] z) {
        y = Identity(x)
        z = Cast<to = 1>(x)
    }
"""


@pytest.mark.parametrize("provider", [None, "CPUExecutionProvider"])
def test_bfloat16_goes_in_and_comes_out(
    provider: str | None, request_base: dict[str, Any], tmp_path: Path
) -> None:
    if provider:
        pytest.importorskip("onnxruntime", reason="needs onnxruntime")
    onnx.save(onnx.parser.parse_model(BF16), tmp_path / "m.onnx")
    x = np.array([[1.0, -2.5, 0.0078125]], ml_dtypes.bfloat16)
    write_arrays(tmp_path / "x.npz", {"x": x}, raw=True)
    request = {**request_base, "on": "cpu" if provider else "numpy", "provider": provider}
    _, said = answer(request)
    assert said["result"]["steady_run"]["median_s"] > 0, said
    outputs = read_outputs(Path(request["outputs"]))
    np.testing.assert_equal(outputs["y"].dtype.name, "bfloat16")
    np.testing.assert_array_equal(outputs["y"].astype(np.float32), x.astype(np.float32))
    np.testing.assert_array_equal(outputs["z"], x.astype(np.float32))
