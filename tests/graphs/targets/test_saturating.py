"""Which models an x86 processor without VNNI computes wrongly."""

from typing import Any

import numpy as np
import onnx
import onnx.parser
import pytest
from onnx import numpy_helper

from onnxwright.graphs.targets import Severity, lint
from onnxwright.graphs.targets.saturating import multiplies_bytes, saturating_nodes

HEAD = '<ir_version: 8, opset_import: ["" : 17, "com.microsoft" : 1]>'
MODELS = {
    "MatMulInteger": "g (uint8[n, 2] x) => (int32[n, 2] y) { [it] y = MatMulInteger (x, w) }",
    "QDQ": "g (uint8[n, 2] x) => (float[n, 2] y) { a = DequantizeLinear (x, s)"
    "b = DequantizeLinear (w, s) [it] y = MatMul (a, b) }",
    "weights alone": "g (float[n, 2] x) => (float[n, 2] y)"
    "{ b = DequantizeLinear (w, s) [it] y = MatMul (x, b) }",
}


def model(form: str, largest: int, dtype: Any = np.int8) -> onnx.ModelProto:
    made = onnx.parser.parse_model(HEAD + MODELS[form])
    weights = np.array([[1, -largest], [0, 2]]).astype(dtype)
    for name, array in (("w", weights), ("s", np.array(0.5, np.float32))):
        made.graph.initializer.append(numpy_helper.from_array(array, name))
    return made


@pytest.mark.parametrize(("largest", "found"), [(64, False), (65, True), (127, True)])
@pytest.mark.parametrize("form", ["MatMulInteger", "QDQ"])
def test_weights_beyond_seven_bits_may_saturate(form: str, largest: int, found: bool) -> None:
    nodes = saturating_nodes(model(form, largest))
    operator = "MatMul" if form == "QDQ" else form
    np.testing.assert_equal(nodes, [f"{operator} 'it'"] if found else [])


@pytest.mark.parametrize(("form", "dtype"), [("weights alone", np.int8), ("QDQ", np.uint8)])
def test_other_products_do_not(form: str, dtype: Any) -> None:
    np.testing.assert_equal(saturating_nodes(model(form, 100, dtype)), [])


@pytest.mark.parametrize(("target", "told"), [("cpu", True), ("cuda", False)])
def test_lint_says_so_for_the_cpu(target: str, told: bool) -> None:
    found = [each for each in lint(model("QDQ", 127), target) if each.rule == "int8-saturates"]
    np.testing.assert_equal([each.severity for each in found], [Severity.UNKNOWN] * told)


@pytest.mark.parametrize("form", MODELS)
def test_models_that_may_saturate_are_known_without_their_weights(form: str) -> None:
    light = model(form, 127)
    del light.graph.initializer[:]
    np.testing.assert_equal(multiplies_bytes(light), True)
    plain = onnx.parser.parse_model(HEAD + "g (float[n] x) => (float[n] y) { y = Relu (x) }")
    np.testing.assert_equal(multiplies_bytes(plain), False)
