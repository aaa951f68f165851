"""Weights in blocks: what the bytes stand for, and which products take them."""

from typing import Any

import numpy as np
import onnx
import onnx.parser
import pytest
from onnx import numpy_helper

from onnxwright.graphs.quantization.blocks import BLOCK_SIZES, packed
from onnxwright.graphs.quantization.run import quantize
from onnxwright.runtime import load

HEAD = '<ir_version: 8, opset_import: ["" : 17]>'


def drawn(*shape: int) -> Any:
    return np.random.default_rng(list(shape)).standard_normal(shape).astype(np.float32)


def unpacked(numbers: Any, scales: Any, bits: int, rows: int) -> Any:
    """Return the weights that packed ones stand for, with no code of the runtime's."""
    if bits == 4:
        numbers = np.stack([numbers & 15, numbers >> 4], axis=-1).reshape(*numbers.shape[:2], -1)
    wide = (numbers.astype(np.float64) - 2 ** (bits - 1)) * scales[..., None]
    return wide.reshape(len(numbers), -1)[:, :rows].T


@pytest.mark.parametrize("bits", [8, 4])
@pytest.mark.parametrize("rows", [32, 100, 128, 300])
def test_every_weight_is_met_to_half_a_step(bits: int, rows: int) -> None:
    W = drawn(rows, 5)
    W[:, 2] = 0
    numbers, scales = packed(W, bits, BLOCK_SIZES[bits])
    np.testing.assert_equal(numbers.dtype, np.uint8)
    off = np.abs(unpacked(numbers, scales, bits, rows) - W)
    blocks = np.arange(rows) // BLOCK_SIZES[bits]
    # One end of the range is a step nearer to the middle than the other.
    np.testing.assert_array_less(off, 1.01 * np.abs(scales.T[blocks]))
    np.testing.assert_array_less(np.median(off / np.abs(scales.T[blocks])), 0.5)
    np.testing.assert_equal(off[:, 2], 0)


@pytest.mark.parametrize("bits", [8, 4])
def test_the_largest_of_a_block_is_met_exactly(bits: int) -> None:
    W = drawn(BLOCK_SIZES[bits], 6)
    numbers, scales = packed(W, bits, BLOCK_SIZES[bits])
    place = np.abs(W).argmax(0), np.arange(6)
    met = unpacked(numbers, scales, bits, len(W))
    np.testing.assert_allclose(met[place], W[place], rtol=1e-6)


PRODUCTS = {
    "MatMul": ("y = MatMul (x, w)", (64, 3)),
    "Gemm": ("y = Gemm (x, w, c)", (64, 3)),
    "Gemm of a transposed B": ("y = Gemm <transB = 1> (x, w, c)", (3, 64)),
    "Gemm without C": ("y = Gemm (x, w)", (64, 3)),
}
KEPT = {
    "a scaled Gemm": ("y = Gemm <alpha = 2.0> (x, w, c)", (64, 3), "scales the product"),
    "a convolution": (
        "i = Unsqueeze (x, two) j = Conv (i, v) y = Squeeze (j, two)",
        (3, 64, 1),
        "Conv",
    ),
    "few rows": ("s = Slice (x, zero, eight, one) y = MatMul (s, w)", (8, 3), "fewer than 32 rows"),
}


def model(body: str, shape: tuple[int, ...]) -> onnx.ModelProto:
    made = onnx.parser.parse_model(
        HEAD
        + "g (float[n, 64] x) => (float[n, 3] y) { a = MatMul (x, big) b = MatMul (a, back) "
        + body.replace("(x", "(b")
        + "}"
    )
    arrays: dict[str, Any] = {
        "w": drawn(*shape),
        "v": drawn(*shape),
        "big": drawn(64, 48),
        "back": drawn(48, 64),
        "c": drawn(3),
        "two": np.array([2]),
        "zero": np.array([0]),
        "eight": np.array([8]),
        "one": np.array([1]),
    }
    used = {name for node in made.graph.node for name in node.input}
    tensors = [numpy_helper.from_array(a, n) for n, a in arrays.items() if n in used]
    made.graph.initializer.extend(tensors)
    return made


@pytest.mark.parametrize("case", PRODUCTS)
@pytest.mark.parametrize(("bits", "most"), [(8, 0.03), (4, 0.3)])
def test_products_read_packed_weights(case: str, bits: int, most: float) -> None:
    net = model(*PRODUCTS[case])
    made = quantize(net, "weight-only", bits=bits)
    onnx.checker.check_model(made.model, full_check=True)
    np.testing.assert_equal([node.form for node in made.nodes], ["MatMulNBits"] * 3)
    x = {"x": drawn(4, 64)}
    wanted = load(net, on="numpy:float64").run(x)["y"]
    got = load(made.model, on="numpy").run(x)["y"]
    error = np.linalg.norm(got - wanted) / np.linalg.norm(wanted)
    np.testing.assert_array_less([1e-6, error], [error, most])
    floats = [t.name for t in made.model.graph.initializer if len(t.dims) == 2 and t.data_type == 1]
    np.testing.assert_equal([name for name in floats if not name.endswith("_scales")], [])


@pytest.mark.parametrize("case", KEPT)
def test_what_has_no_such_form_is_left_with_the_reason(case: str) -> None:
    body, shape, reason = KEPT[case]
    made = quantize(model(body, shape), "weight-only")
    (left,) = made.left
    assert reason in left.reason
    np.testing.assert_equal((left.bytes_before, left.form), (left.bytes_after, left.op))


def test_weights_that_two_read_are_packed_once() -> None:
    net = model("y = MatMul (x, w)", (64, 3))
    net.graph.node.insert(0, onnx.helper.make_node("MatMul", ["x", "w"], ["z"], name="again"))
    net.graph.output.append(onnx.helper.make_tensor_value_info("z", 1, ["n", 3]))
    made = quantize(net, "weight-only").model
    names = [tensor.name for tensor in made.graph.initializer]
    np.testing.assert_equal(names.count("w_8bits"), 1)


def test_bodies_are_reached() -> None:
    net = onnx.parser.parse_model(
        HEAD + "g (float[n, 64] x, bool c) => (float[n, 64] y) { y = If (c) <"
        "then_branch = t () => (float[n, 64] a) { a = MatMul (x, w) },"
        "else_branch = e () => (float[n, 64] b) { b = Identity (x) }> }"
    )
    net.graph.initializer.append(numpy_helper.from_array(drawn(64, 64), "w"))
    made = quantize(net, "weight-only")
    (report,) = made.nodes
    np.testing.assert_equal([report.form, report.where], ["MatMulNBits", "body of If 'If_0'"])
    x = {"x": drawn(2, 64), "c": np.array(True)}
    wanted = load(net, on="numpy").run(x)["y"]
    got = load(made.model, on="numpy").run(x)["y"]
    np.testing.assert_allclose(got, wanted, atol=0.02 * np.abs(wanted).max())
