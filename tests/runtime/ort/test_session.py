"""A fake onnxruntime stands in for builds that cannot be installed everywhere."""

import sys
from collections.abc import Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import onnx
import onnx.parser
import pytest

from onnxwright import runtime

DOUBLE = onnx.parser.parse_model("""<ir_version: 8, opset_import: ["" : 17]>
    double (float[n, 3] x) => (float[n, 3] y) { y = Add(x, x) }""")


class Settings:
    def __init__(self) -> None:
        self.entries: dict[str, str] = {}

    def add_session_config_entry(self, name: str, value: str) -> None:
        self.entries[name] = value


def fake(
    available: Sequence[str],
    started: Sequence[str] = (),
    placed: Sequence[tuple[str, str]] = (),
    fails: Exception | None = None,
) -> SimpleNamespace:
    """Return a module that lists `available`, and whose sessions have the providers `started`."""
    opened: list[Any] = []

    class InferenceSession:
        def __init__(self, source: Any, settings: Settings, providers: Any, **_: int) -> None:
            opened.append((settings, providers))
            if fails is not None:
                raise fails

        def get_providers(self) -> list[str]:
            return list(started)

        def disable_fallback(self) -> None:
            pass

        def get_provider_graph_assignment_info(self) -> list[Any]:
            return [
                SimpleNamespace(
                    ep_name=provider,
                    get_nodes=lambda op=op: [SimpleNamespace(name="", op_type=op, domain="")],
                )
                for provider, op in placed
            ]

    return SimpleNamespace(
        __version__="9.9",
        get_available_providers=lambda: list(available),
        InferenceSession=InferenceSession,
        SessionOptions=Settings,
        GraphOptimizationLevel=SimpleNamespace(ORT_ENABLE_ALL=99, ORT_DISABLE_ALL=0),
        ExecutionMode=SimpleNamespace(ORT_PARALLEL=1),
        opened=opened,
    )


CPU, CUDA = "CPUExecutionProvider", "CUDAExecutionProvider"


@pytest.mark.parametrize(
    ("module", "problem"),
    [
        (
            fake([CPU]),
            r"'cuda' \(CUDAExecutionProvider\) is not in this onnxruntime 9.9, which has cpu\n"
            r".*pip install 'onnxwright\[gpu\]'",
        ),
        (
            fake([CUDA, CPU], started=[CPU]),
            "'cuda' .* is in this onnxruntime 9.9 but did not start .*\ninstall NVIDIA's driver",
        ),
        (
            fake([CUDA, CPU], started=[CUDA, CPU], placed=[(CPU, "GRU"), (CPU, "Add")]),
            "'cuda' takes none of the model's 2 nodes; .* all of them on cpu\n",
        ),
        (
            fake(
                [CUDA, CPU], fails=RuntimeError("fallback to CPU EP has been explicitly disabled")
            ),
            "'cuda' did not start or does not run every node of the model, and strict=True",
        ),
        (
            fake([CUDA, CPU], fails=RuntimeError("EP Error: Please install TensorRT libraries as")),
            r"is in this onnxruntime 9.9 but did not start \(its driver or device is missing\)\n",
        ),
        (
            fake([CUDA, CPU], fails=RuntimeError("[ONNXRuntimeError] : 9 : FAIL : no\n kernel")),
            "'cuda' refuses the model: no kernel\n",
        ),
    ],
)
def test_a_provider_that_is_not_there_is_never_replaced(
    module: SimpleNamespace, problem: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "onnxruntime", module)
    with pytest.raises(runtime.ProviderError, match=problem):
        runtime.load(DOUBLE, on="cuda")


@pytest.mark.parametrize("strict", [False, True])
@pytest.mark.parametrize(
    ("told", "shown"),
    [
        ("libcublas.so.13: cannot open shared object file", "did not start: libcublas.so.13: "),
        ("x.so: undefined symbol: Provider_GetHost", "did not start"),
    ],
)
def test_the_library_that_is_missing_is_named(
    told: str, shown: str, strict: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(path: str) -> None:
        raise OSError(told)

    (tmp_path / "capi").mkdir()
    (tmp_path / "capi" / "libonnxruntime_providers_cuda.so").touch()
    text = "fallback to CPU EP has been explicitly disabled"
    module = fake([CUDA, CPU], started=[CPU], fails=RuntimeError(text) if strict else None)
    module.__file__ = str(tmp_path / "__init__.py")
    monkeypatch.setitem(sys.modules, "onnxruntime", module)
    monkeypatch.setattr("ctypes.CDLL", refuse)
    with pytest.raises(runtime.ProviderError, match=shown) as caught:
        runtime.load(DOUBLE, on="cuda", strict=strict)
    np.testing.assert_equal("Provider_GetHost" in str(caught.value), False)


def test_cuda_from_wheels_is_loaded_first_and_in_silence(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    module = fake([CUDA, CPU], started=[CUDA, CPU], placed=[(CUDA, "MatMul")])
    calls: list[int] = []

    def preload() -> None:
        calls.append(len(module.opened))
        print("Failed to load libcublas")

    module.preload_dlls = preload
    monkeypatch.setitem(sys.modules, "onnxruntime", module)
    runtime.load(DOUBLE, on="cuda")
    np.testing.assert_equal([calls, capsys.readouterr().out], [[0], ""])


def test_a_mixed_session_is_opened_and_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    module = fake([CUDA, CPU], started=[CUDA, CPU], placed=[(CUDA, "MatMul"), (CPU, "GRU")])
    monkeypatch.setitem(sys.modules, "onnxruntime", module)
    runner: Any = runtime.load(DOUBLE, on="cuda")
    np.testing.assert_equal(
        runner.placement().describe(), "1 of 2 nodes on cuda, 1 on cpu (GRU x1)"
    )


def test_tf32_is_off_unless_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    module = fake([CUDA, CPU], started=[CUDA, CPU], placed=[(CUDA, "MatMul")])
    monkeypatch.setitem(sys.modules, "onnxruntime", module)
    plain: Any = runtime.load(DOUBLE, on="cuda")
    np.testing.assert_equal(module.opened[-1][1], [(CUDA, {"use_tf32": "0"})])
    assert "without TF32" in plain.precision
    fast: Any = runtime.load(DOUBLE, on="cuda", provider_options={"use_tf32": 1})
    np.testing.assert_equal(module.opened[-1][1], [(CUDA, {"use_tf32": "1"})])
    assert "with TF32" in fast.precision


def test_strict_forbids_the_cpu_provider_by_onnxruntimes_own_switch(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    module = fake([CUDA, CPU], started=[CUDA, CPU], placed=[(CUDA, "MatMul")])
    monkeypatch.setitem(sys.modules, "onnxruntime", module)
    runtime.load(DOUBLE, on="cuda", strict=True, threads=3, optimization="none")
    settings = module.opened[-1][0]
    np.testing.assert_equal(settings.entries["session.disable_cpu_ep_fallback"], "1")
    np.testing.assert_equal(settings.intra_op_num_threads, 3)
    np.testing.assert_equal(settings.graph_optimization_level, 0)
