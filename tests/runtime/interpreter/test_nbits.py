"""MatMulNBits against the product with its weights written out, and against onnxruntime."""

from typing import Any

import numpy as np
import onnx
import pytest
from onnx import helper, numpy_helper

from onnxwright.runtime.interpreter import NumpyRunner

N, K, ROWS = 5, 40, 3
A = np.random.default_rng(0).standard_normal((ROWS, K)).astype(np.float32)
CASES = [
    (bits, block, zeros)
    for bits in (2, 4, 8)
    for block in (16, 32)
    for zeros in ("none", "packed", "floats")
]


def arrays(bits: int, block: int, zeros: str) -> dict[str, Any]:
    random, blocks = np.random.default_rng(1), -(-K // block)
    found = {
        "B": random.integers(0, 256, (N, blocks, block * bits // 8)).astype(np.uint8),
        "s": random.uniform(0.01, 0.02, (N, blocks)).astype(np.float32),
    }
    if zeros == "packed":
        found["z"] = random.integers(0, 256, (N, -(-blocks * bits // 8))).astype(np.uint8)
    elif zeros == "floats":
        found["z"] = random.uniform(0, 2**bits, (N, blocks)).astype(np.float32)
    return found


def written_out(given: dict[str, Any], bits: int, block: int) -> Any:
    """Return the weights [K, N], number by number."""

    def number(row: Any, place: int) -> int:
        bit = place * bits
        byte = int(row.reshape(-1)[bit // 8])
        return (byte >> (bit % 8)) & ((1 << bits) - 1)

    W = np.empty((K, N))
    for n in range(N):
        for k in range(K):
            b = k // block
            zero: float = 2 ** (bits - 1)
            if "z" in given:
                packed = given["z"].dtype == np.uint8
                zero = number(given["z"][n], b) if packed else given["z"][n, b]
            W[k, n] = (number(given["B"][n], k) - zero) * given["s"][n, b]
    return W


def model(
    given: dict[str, Any], *, constant: bool = True, bits: int, block_size: int, level: int = 0
) -> onnx.ModelProto:
    attributes: dict[str, Any] = {
        "K": K,
        "N": N,
        "bits": bits,
        "block_size": block_size,
        "accuracy_level": level,
    }
    node = helper.make_node(
        "MatMulNBits", ["A", *given], ["Y"], domain="com.microsoft", **attributes
    )
    tensors = [numpy_helper.from_array(value, name) for name, value in given.items()]
    fed = {"A": A} if constant else {"A": A, **given}
    inputs = [
        helper.make_tensor_value_info(name, helper.np_dtype_to_tensor_dtype(v.dtype), v.shape)
        for name, v in fed.items()
    ]
    outputs = [helper.make_tensor_value_info("Y", 1, ["m", N])]
    graph = helper.make_graph([node], "one", inputs, outputs, tensors if constant else [])
    imports = [helper.make_opsetid("", 17), helper.make_opsetid("com.microsoft", 1)]
    return helper.make_model(graph, opset_imports=imports, ir_version=8)


@pytest.mark.parametrize(("bits", "block", "zeros"), CASES)
@pytest.mark.parametrize("constant", [True, False])
def test_the_weights_are_unpacked(bits: int, block: int, zeros: str, constant: bool) -> None:
    given = arrays(bits, block, zeros)
    runner = NumpyRunner(model(given, constant=constant, bits=bits, block_size=block))
    actual = runner.run({"A": A} if constant else {"A": A, **given})["Y"]
    expected = A.astype(np.float64) @ written_out(given, bits, block)
    np.testing.assert_allclose(actual, expected, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize(
    ("bits", "block", "zeros"), [c for c in CASES if c[0] > 2 and c[2] != "floats"]
)
def test_onnxruntime_computes_the_same(bits: int, block: int, zeros: str) -> None:
    given = arrays(bits, block, zeros)
    expected = on_cpu(model(given, bits=bits, block_size=block))
    actual = NumpyRunner(model(given, bits=bits, block_size=block)).run({"A": A})["Y"]
    np.testing.assert_allclose(actual, expected, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("bits", [4, 8])
def test_at_accuracy_level_4_onnxruntime_rounds_alike_or_not_at_all(bits: int) -> None:
    given = arrays(bits, 32, "none")
    rounding = model(given, bits=bits, block_size=32, level=4)
    expected, rounded = on_cpu(rounding), NumpyRunner(rounding).run({"A": A})["Y"]
    unrounded = NumpyRunner(model(given, bits=bits, block_size=32)).run({"A": A})["Y"]
    differences = [float(np.abs(expected - each).max()) for each in (rounded, unrounded)]
    np.testing.assert_array_less(min(differences), 1e-4)
    np.testing.assert_array_less(1e-3, np.abs(rounded - unrounded).max())


def test_rows_are_rounded_block_by_block() -> None:
    given = arrays(8, 16, "none")
    rounding = model(given, bits=8, block_size=16, level=4)
    actual = NumpyRunner(rounding).run({"A": A})["Y"]
    rows = np.zeros((ROWS, 48))
    rows[:, :K] = A
    blocks = rows.reshape(ROWS, 3, 16)
    step = np.abs(blocks).max(-1, keepdims=True) / 127
    kept = (np.rint(blocks / step) * step).reshape(ROWS, 48)[:, :K]
    np.testing.assert_allclose(actual, kept @ written_out(given, 8, 16), rtol=1e-4, atol=1e-4)


def on_cpu(one: onnx.ModelProto) -> Any:
    ort = pytest.importorskip("onnxruntime")
    session = ort.InferenceSession(one.SerializeToString(), providers=["CPUExecutionProvider"])
    return session.run(None, {"A": A})[0]
