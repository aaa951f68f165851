import numpy as np
import onnx.parser
import pytest

from onnxwright.bench.model.counts import count
from onnxwright.bench.model.shapes import infer_values
from onnxwright.bench.plan.builtin import SIZES, build, families

HEAD = '<ir_version: 8, opset_import: ["" : 17]> m '


@pytest.mark.parametrize(
    ("text", "shapes", "flops"),
    [
        ("(float[2,3] x, float[3,4] w) => (float[2,4] y) { y = MatMul(x, w) }",
         {"x": (2, 3), "w": (3, 4)}, 2 * 2 * 3 * 4),
        ("(float[3,2] x, float[4,3] w, float[4] b) => (float[2,4] y)"
         " { y = Gemm <transA = 1, transB = 1> (x, w, b) }",
         {"x": (3, 2), "w": (4, 3), "b": (4,)}, 2 * 2 * 3 * 4 + 2 * 4),
        ("(float[1,4,8,8] x, float[6,2,3,3] w) => (float[1,6,6,6] y)"
         " { y = Conv <group = 2, kernel_shape = [3, 3]> (x, w) }",
         {"x": (1, 4, 8, 8), "w": (6, 2, 3, 3)}, 2 * 6 * 36 * 2 * 9),
        ("(float[5,2,3] x, float[1,16,3] w, float[1,16,4] r) => (float[5,1,2,4] y)"
         " { y = LSTM <hidden_size = 4> (x, w, r) }",
         {"x": (5, 2, 3), "w": (1, 16, 3), "r": (1, 16, 4)},
         5 * 2 * 4 * (2 * 4 * (3 + 4) + 15)),
        ("(float[1,1,4,4] x) => (float[1,1,2,2] y)"
         " { y = MaxPool <kernel_shape = [2, 2], strides = [2, 2]> (x) }",
         {"x": (1, 1, 4, 4)}, 4 * 4),
        ("(float[5,2,3] x, float[1,16,3] w, float[1,16,4] r, float[1,12] p) => (float[5,1,2,4] y)"
         " { y = LSTM <hidden_size = 4> (x, w, r, , , , , p) }",
         {"x": (5, 2, 3), "w": (1, 16, 3), "r": (1, 16, 4), "p": (1, 12)},
         5 * 2 * 4 * (2 * 4 * (3 + 4) + 15 + 6)),
        ("(float[1,4,5,5] x, float[4,3,2,2] w, float[6] b) => (float[1,6,10,10] y)"
         " { y = ConvTranspose <group = 2, strides = [2, 2]> (x, w, b) }",
         {"x": (1, 4, 5, 5), "w": (4, 3, 2, 2), "b": (6,)}, 2 * 100 * 3 * 4 + 600),
        ("(float[7,2,3] x, float[7,3,4] w) => (float[7,2,4] y)"
         " { y = Einsum <equation = \"bij,bjk->bik\"> (x, w) }",
         {"x": (7, 2, 3), "w": (7, 3, 4)}, 2 * 7 * 2 * 3 * 4),
        ("(float[7,2,3] x, float[3,4] w) => (float[7,2,4] y)"
         " { y = Einsum <equation = \"...j,jk->...k\"> (x, w) }",
         {"x": (7, 2, 3), "w": (3, 4)}, 2 * 7 * 2 * 3 * 4),
        ("(float[2] x, float[3] w) => (float[2,3] y)"
         " { y = Einsum <equation = \"i,j->ij\"> (x, w) }",
         {"x": (2,), "w": (3,)}, 6),
        ("(uint8[2,3] x, int8[3,4] w) => (int32[2,4] y) { y = MatMulInteger(x, w) }",
         {"x": (2, 3), "w": (3, 4)}, 2 * 2 * 3 * 4),
        ("(int8[2,3] x, float s) => (float[2,3] y) { y = DequantizeLinear(x, s) }",
         {"x": (2, 3), "s": ()}, 12),
        ("(float[2,3] x, float[3,4] w) => (float[2,4] y) { y = Gemm(x, w) }",
         {"x": (2, 3), "w": (3, 4)}, 2 * 2 * 3 * 4),
        ("(float[2,3,5] x, float[3] s, float[3] b) => (float[2,3,5] y)"
         " { y = InstanceNormalization(x, s, b) }",
         {"x": (2, 3, 5), "s": (3,), "b": (3,)}, 7 * 30),
        ("(float[2,3] x) => (float[2,3] y) { a = HardSwish(x) y = Floor(a) }", {"x": (2, 3)}, 12),
        ("(float[2,3] x, int64 axis) => (float[2,3] y) { y = CumSum(x, axis) }",
         {"x": (2, 3), "axis": ()}, 6),
        ("(float[2,3] x) => (float[2,3] y) { a = Relu(x) b = Identity(a) y = Neg(b) }",
         {"x": (2, 3)}, 12),
    ],
)  # fmt: skip
def test_formulas(text: str, shapes: dict[str, tuple[int, ...]], flops: int) -> None:
    counts = count(onnx.parser.parse_model(HEAD + text), shapes)
    np.testing.assert_equal((counts.flops, counts.uncounted), (flops, ()))


def test_bytes_are_inputs_weights_and_outputs_once() -> None:
    model = onnx.parser.parse_model(
        HEAD
        + "(float[n,3] x) => (float[n,3] y) <float[3] w = {1,2,3}> { a = Mul(x, w) y = Neg(a) }"
    )
    np.testing.assert_equal(count(model, {"x": (5, 3)}).bytes, 4 * (15 + 3 + 15))


WEIGHT = "int8[64,64] w = {" + ",".join(["1"] * 4096) + "}"


def test_weights_count_in_bytes_of_their_own_type() -> None:
    model = onnx.parser.parse_model(
        HEAD + f"(float[2,64] x) => (float[2,64] y) <{WEIGHT}, float s = {{0.5}}>"
        " { d = DequantizeLinear(w, s) y = MatMul(x, d) }"
    )
    counts = count(model, {"x": (2, 64)})
    np.testing.assert_equal((counts.bytes, counts.dtype), (4096 + 4 + 2 * 4 * 2 * 64, "float32"))
    np.testing.assert_equal(counts.nodes[0].bytes, 4096 + 4 + 4 * 4096)


def test_products_of_dequantized_factors_are_of_8_bits() -> None:
    model = onnx.parser.parse_model(
        HEAD + f"(int8[2,64] x) => (float[2,64] y) <{WEIGHT}, float s = {{0.5}}>"
        " { d = DequantizeLinear(w, s) e = DequantizeLinear(x, s) y = MatMul(e, d) }"
    )
    np.testing.assert_equal(count(model, {"x": (2, 64)}).dtype, "int8")


@pytest.mark.parametrize(("rows", "read"), [(3, 3 * 64), (500, 4096)])
def test_of_a_table_the_rows_that_are_read_count(rows: int, read: int) -> None:
    model = onnx.parser.parse_model(
        HEAD + f"(int64[{rows}] i) => (int8[{rows},64] y) <{WEIGHT}> {{ y = Gather(w, i) }}"
    )
    counts = count(model, {"i": (rows,)})
    np.testing.assert_equal(counts.bytes, 8 * rows + read + rows * 64)
    np.testing.assert_equal(counts.nodes[0].bytes, 8 * rows + 2 * rows * 64)


def test_numbers_of_four_bits_share_a_byte() -> None:
    values = infer_values(onnx.parser.parse_model(HEAD + "(int4[3,3] x) => (int4[3,3] x) {}"), {})
    np.testing.assert_equal((values["x"].bytes, values["x"].dtype), (5, "int4"))


def test_an_op_without_a_formula_is_named() -> None:
    model = onnx.parser.parse_model(HEAD + "(float[3,3] x) => (float y) { y = Det(x) }")
    np.testing.assert_equal(count(model, {"x": (3, 3)}).uncounted, ("Det",))


@pytest.mark.parametrize("family", families())
def test_every_built_in_case_is_counted_whole(family: str) -> None:
    size = SIZES["small"]
    model = build(family, size).build()
    dims = model.graph.input[0].type.tensor_type.shape.dim
    shape = tuple(size.dims().get(dim.dim_param, dim.dim_value) for dim in dims)
    counts = count(model, {"x": shape})
    np.testing.assert_equal(counts.uncounted, ())
    assert counts.flops > 1e4


def test_the_lecture_form_does_about_as_much_as_the_operator() -> None:
    flops = []
    for family in ("lstm-peephole", "lstm-lecture"):
        model = build(family, SIZES["small"]).build()
        flops.append(count(model, {"x": (1, 16, 32)}).flops)
    np.testing.assert_allclose(flops[0], flops[1], rtol=0.05)


SCAN_OF_A_NUMBER = """<ir_version: 8, opset_import: ["" : 17]> g (float x) => (float y) {
    y = Scan <num_scan_inputs = 1, body = b (float a) => (float c) { c = Neg (a) }> (x) }"""


def test_a_scan_over_a_single_number_has_no_count() -> None:
    found = count(onnx.parser.parse_model(SCAN_OF_A_NUMBER), {"x": ()})
    np.testing.assert_equal(found.uncounted, ["Scan"])
