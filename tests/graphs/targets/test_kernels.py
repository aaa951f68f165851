import importlib
from typing import Any

import numpy as np
import pytest

from onnxwright.graphs.targets.kernels import Kernel, load_table
from onnxwright.graphs.targets.node import NodeFacts, ValueFacts


def node(op: str, opset: int, domain: str = "", **dtypes: str) -> NodeFacts:
    inputs = {name: ValueFacts(name, dtype) for name, dtype in dtypes.items()}
    return NodeFacts(op, opset, domain=domain, inputs=inputs)


@pytest.mark.parametrize(
    ("kernel", "version", "serves"),
    [
        (Kernel(14, None, {}), 14, True),
        (Kernel(14, None, {}), 22, False),
        (Kernel(7, 13, {}), 7, True),
        (Kernel(7, 13, {}), 13, True),
        (Kernel(7, 13, {}), 14, False),
    ],
)
def test_an_open_ended_kernel_serves_its_own_version_only(
    kernel: Kernel, version: int, serves: bool
) -> None:
    assert kernel.serves(version) is serves


@pytest.mark.parametrize(
    ("table", "asked", "reason"),
    [
        ("cuda", node("MaxPool", 21, X="float"), None),
        ("cuda", node("MaxPool", 22, X="float"), "no kernel for MaxPool of opset 22"),
        ("cuda", node("Conv", 22, X="float", W="float"), None),
        ("cuda", node("LSTM", 22, X="float"), None),
        ("cuda", node("Det", 17, X="float"), "there is no Det kernel"),
        ("webgpu", node("LSTM", 21, X="float"), None),
        ("webgpu", node("LSTM", 22, X="float"), "the newest is for version 14"),
        ("webgpu", node("Gemm", 17, A="double", B="double"), "takes these types: A double"),
        ("webgpu", node("Gemm", 17, A="float"), None),
        ("webgpu", node("Scan", 17), "there is no Scan kernel"),
        ("cpu", node("RNN", 17, X="double"), "no RNN kernel takes these types: X double"),
        ("cpu", node("LSTM", 28, X="float"), None),
        ("cpu", node("DynamicQuantizeLSTM", 1, domain="com.microsoft"), None),
        ("cpu", node("NoSuchOperator", 1, domain="own.domain"), "there is no NoSuchOperator"),
    ],
)
def test_miss(table: str, asked: NodeFacts, reason: str | None) -> None:
    missed = load_table(table).miss(asked)
    if reason is None:
        assert missed is None
    else:
        assert missed is not None
        assert reason in missed


@pytest.mark.parametrize("name", ["cpu", "cuda", "webgpu"])
def test_a_table_says_what_it_was_read_from(name: str) -> None:
    table = load_table(name)
    assert table.source.startswith("kernel table, ")
    assert " of onnxruntime 1." in table.source
    assert len(table.kernels) > 140


def test_the_cpu_table_is_what_the_installed_onnxruntime_registers() -> None:
    onnxruntime = pytest.importorskip("onnxruntime", reason="onnxruntime is not installed")
    table = load_table("cpu")
    if f"onnxruntime {onnxruntime.__version__}" not in table.source:
        pytest.skip(f"the table is for another onnxruntime: {table.source}")
    state = importlib.import_module("onnxruntime.capi.onnxruntime_pybind11_state")
    registered: set[Any] = {
        (f"{kernel.domain}:{kernel.op_name}" if kernel.domain else kernel.op_name)
        for kernel in state.get_all_opkernel_def()
        if kernel.provider == "CPUExecutionProvider"
    }
    np.testing.assert_equal(sorted(registered), sorted(table.kernels))
