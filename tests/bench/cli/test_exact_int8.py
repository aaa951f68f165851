"""``--exact-int8``: what onnxruntime is asked for, and what NumPy does anyway."""

import numpy as np
import pytest

from onnxwright.bench.cli.options import EXACT_INT8, load_options, options_on
from onnxwright.runtime import load


@pytest.mark.parametrize(("on", "expected"), [("cpu", {"config": EXACT_INT8}), ("numpy", {})])
def test_only_onnxruntime_is_asked(on: str, expected: dict[str, object]) -> None:
    native = load_options(None, True, None, False, ())
    np.testing.assert_equal(options_on(on, native), expected)


def test_onnxruntime_then_sums_what_would_saturate_in_16_bits() -> None:
    pytest.importorskip("onnxruntime")
    import onnx.parser

    model = onnx.parser.parse_model(
        '<ir_version: 8, opset_import: ["" : 17]>'
        "g (uint8[2,2] a, int8[2,2] b) => (int32[2,2] y) { y = MatMulInteger (a, b) }"
    )
    feeds = {"a": np.full((2, 2), 255, np.uint8), "b": np.full((2, 2), 127, np.int8)}
    out = load(model, on="cpu", config=EXACT_INT8).run(feeds)["y"]
    np.testing.assert_equal(out, np.full((2, 2), 2 * 255 * 127))
