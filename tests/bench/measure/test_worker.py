import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import ml_dtypes
import numpy as np
import onnx.parser
import pytest

from onnxwright.bench.codec import decode, encode
from onnxwright.bench.measure.answering import describe
from onnxwright.bench.measure.launch import START
from onnxwright.bench.measure.load_test_worker import KEPT
from onnxwright.bench.measure.profiles import read_profile
from onnxwright.bench.measure.reference import read_outputs
from onnxwright.bench.measure.wire import Answer, LoadRequest, PeaksRequest, Request
from onnxwright.bench.model.arrays import write_arrays
from onnxwright.bench.plan.engine import Engine
from onnxwright.bench.plan.preparation import write_empty_model
from onnxwright.bench.plan.settings import Settings
from onnxwright.bench.results.elements import Loaded
from onnxwright.runtime.ort import native


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (native.AbsentError("none"), "missing provider"),
        (native.NotStartedError("none"), "missing provider"),
        (ModuleNotFoundError("no onnxruntime"), "not installed"),
        (MemoryError(), "out of memory"),
        (ValueError("bad\n model"), "error"),
    ],
)
def test_errors_become_statuses(error: Exception, kind: str) -> None:
    np.testing.assert_equal(describe(error).kind, kind)
    assert "\n" not in describe(error).message


MODEL = """
    <ir_version: 8, opset_import: ["" : 17]>
    tanh (float[batch, 3] x) => (float[batch, 3] file) { y = Neg(x) file = Tanh(y) }
"""


@pytest.fixture
def asked(tmp_path: Path) -> Request:
    onnx.save(onnx.parser.parse_model(MODEL), tmp_path / "m.onnx")
    np.savez(tmp_path / "x.npz", x=np.ones((2, 3), np.float32))
    write_empty_model(tmp_path)
    return Request(
        engine=Engine(on="numpy"),
        model=str(tmp_path / "m.onnx"),
        empty_model=str(tmp_path / "empty.onnx"),
        feeds=str(tmp_path / "x.npz"),
        outputs=str(tmp_path / "out.npz"),
        sample_s=0.01,
        warmup_s=0.01,
    )


CPU = Engine(on="cpu", provider="CPUExecutionProvider", threads=1)


def reply(request: Request | LoadRequest, worker: str = "worker") -> tuple[list[str], Any]:
    """Run a worker as a script; return its stages and its last line."""
    ran = subprocess.run(
        [sys.executable, str(START), worker],
        input=json.dumps(encode(request)),
        capture_output=True,
        text=True,
    )
    lines = [json.loads(line) for line in ran.stdout.splitlines()]
    return [line["stage"] for line in lines[:-1]], lines[-1]


def answer(request: Request) -> tuple[list[str], Answer]:
    stages, last = reply(request)
    return stages, decode(Answer, last["result"])


def test_the_numpy_runtime_is_measured(asked: Request) -> None:
    stages, found = answer(asked)
    np.testing.assert_equal(
        stages, ["import", "session", "first run", "steady run", "call overhead"]
    )
    for name in ("import_s", "session_s", "first_run_s", "call_overhead"):
        assert getattr(found, name) > 0, name
    assert found.steady_run is not None
    assert found.steady_run.median_s > 0
    with np.load(str(asked.outputs)) as saved:
        np.testing.assert_equal(json.loads(str(saved["names"])), ["file"])
        np.testing.assert_allclose(saved["arr_0"], np.tanh(-np.ones((2, 3))), rtol=1e-6)


def test_the_numpy_runtime_tells_the_time_of_each_node(asked: Request, tmp_path: Path) -> None:
    found = answer(replace(asked, profile_to=str(tmp_path / "profile")))[1]
    assert found.profile is not None
    profile = read_profile(found.profile)
    said = [(node.node, node.op, node.provider, node.calls) for node in profile.nodes]
    np.testing.assert_equal(said, [("y", "Neg", "numpy", 1), ("file", "Tanh", "numpy", 1)])
    assert all(0 < node.seconds < 1 for node in profile.nodes), profile


def test_a_provider_is_measured_bound_and_profiled(asked: Request, tmp_path: Path) -> None:
    pytest.importorskip("onnxruntime", reason="needs onnxruntime")
    found = answer(replace(asked, engine=CPU, profile_to=str(tmp_path / "profile")))[1]
    assert found.bound_run is not None
    assert found.profile is not None
    assert found.bound_run.median_s > 0
    np.testing.assert_equal(
        found.profile.placement,
        (("", "Neg", "CPUExecutionProvider"), ("", "Tanh", "CPUExecutionProvider")),
    )
    assert Path(found.profile.file).is_file()


@pytest.mark.parametrize("stage", ["call overhead", "profile"])
def test_a_further_stage_that_fails_leaves_the_others(
    asked: Request, tmp_path: Path, stage: str
) -> None:
    broken: dict[str, dict[str, Any]] = {
        "call overhead": {"empty_model": str(tmp_path / "none.onnx")},
        "profile": {"profile_to": str(tmp_path / "none" / "profile")},
    }
    found = answer(replace(asked, **broken[stage]))[1]
    np.testing.assert_equal(list(found.failed), [stage])
    assert found.steady_run is not None


@pytest.mark.parametrize("engine", [Engine(on="numpy"), CPU], ids=lambda engine: engine.on)
@pytest.mark.parametrize("rate", [None, 200.0])
def test_a_model_is_put_under_load(asked: Request, engine: Engine, rate: float | None) -> None:
    if engine.provider:
        pytest.importorskip("onnxruntime", reason="needs onnxruntime")
    request = LoadRequest(
        engine=engine,
        model=asked.model,
        feeds=asked.feeds,
        warmup_s=0.01,
        clients=2,
        rate=rate,
        seconds=0.2,
        seed=0,
    )
    stages, last = reply(request, "load_test_worker")
    np.testing.assert_equal(stages, ["import", "session", "warm-up", "load"])
    loaded = decode(Loaded, last["result"])
    assert loaded.requests > 0
    kept = min(loaded.requests, KEPT)
    np.testing.assert_equal((loaded.errors, len(loaded.latencies_s)), (0, kept))


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
def test_the_limits_hold_in_the_worker(on: str, steps: int, holds: bool, asked: Request) -> None:
    onnx.save(onnx.parser.parse_model(LOOP), asked.model)
    limits = Settings(max_steps=steps).allowed(on)
    _, last = reply(replace(asked, engine=Engine(on=on), once=True, limits=limits))
    np.testing.assert_equal("more than 9 steps" in json.dumps(last), holds)


def test_once_means_one_run(asked: Request) -> None:
    stages, found = answer(replace(asked, engine=Engine(on="numpy:float64"), once=True))
    np.testing.assert_equal(stages, ["import", "session", "first run"])
    np.testing.assert_equal(found.steady_run, None)


def test_a_missing_provider_is_an_answer(asked: Request) -> None:
    pytest.importorskip("onnxruntime", reason="needs onnxruntime")
    engine = Engine(on="cann", provider="CANNExecutionProvider")
    stages, last = reply(replace(asked, engine=engine))
    np.testing.assert_equal(last["error"]["kind"], "missing provider")
    np.testing.assert_equal(stages[-1], "session")


@pytest.mark.parametrize("worker", ["worker", "load_test_worker", "peaks_numpy"])
def test_workers_start_with_the_standard_library_alone(asked: Request, worker: str) -> None:
    """Without any installed package a worker comes as far as importing NumPy, and says so."""
    requests: dict[str, Any] = {
        "worker": asked,
        "load_test_worker": LoadRequest(
            engine=CPU, model="", feeds="", clients=1, rate=None, seconds=1.0, seed=0
        ),
        "peaks_numpy": PeaksRequest(threads=1, size=2),
    }
    ran = subprocess.run(
        [sys.executable, "-S", "-E", str(START), worker],
        input=json.dumps(encode(requests[worker])),
        capture_output=True,
        text=True,
    )
    np.testing.assert_equal(
        [json.loads(line) for line in ran.stdout.splitlines()],
        [
            {"stage": "import"},
            {"error": {"kind": "not installed", "message": "No module named 'numpy'"}},
        ],
        err_msg=ran.stderr,
    )


@pytest.mark.cuda
def test_a_cuda_device_is_measured_with_its_copies(asked: Request, tmp_path: Path) -> None:
    library = pytest.importorskip("onnxruntime", reason="needs onnxruntime")
    if "CUDAExecutionProvider" not in library.get_available_providers():
        pytest.skip("this onnxruntime has no CUDA provider")
    engine = Engine(on="cuda", provider="CUDAExecutionProvider")
    found = answer(replace(asked, engine=engine, profile_to=str(tmp_path / "profile")))[1]
    bound = found.bound_run
    assert bound is not None
    assert found.profile is not None
    assert (bound.to_device_s or 0) > 0
    assert (bound.from_device_s or 0) > 0
    placed = {node[2] for node in found.profile.placement}
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
    provider: str | None, asked: Request, tmp_path: Path
) -> None:
    if provider:
        pytest.importorskip("onnxruntime", reason="needs onnxruntime")
    onnx.save(onnx.parser.parse_model(BF16), tmp_path / "m.onnx")
    x = np.array([[1.0, -2.5, 0.0078125]], ml_dtypes.bfloat16)
    write_arrays(tmp_path / "x.npz", {"x": x}, raw=True)
    engine = Engine(on="cpu" if provider else "numpy", provider=provider)
    _, found = answer(replace(asked, engine=engine))
    np.testing.assert_equal((found.steady_run is None, found.failed), (False, {}))
    outputs = read_outputs(Path(str(asked.outputs)))
    np.testing.assert_equal(outputs["y"].dtype.name, "bfloat16")
    np.testing.assert_array_equal(outputs["y"].astype(np.float32), x.astype(np.float32))
    np.testing.assert_array_equal(outputs["z"], x.astype(np.float32))
