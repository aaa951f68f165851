"""What runners say of themselves, and what ``help()`` shows of the runtime."""

import inspect
from typing import Any

import numpy as np
import onnx.parser
import pytest

from onnxwright import runtime

MODEL = onnx.parser.parse_model("""<ir_version: 8, opset_import: ["" : 17]>
    g (float[b, 3] x, int64 n) => (float[b, 3] y) { y = Relu (x) }""")


@pytest.mark.parametrize(
    ("on", "kind", "dtype"),
    [
        ("numpy", "NumpyRunner", "float32"),
        ("numpy:float64", "NumpyRunner", "float64"),
        ("cpu", "OrtRunner", "float32"),
    ],
)
def test_a_runner_is_one_line(on: str, kind: str, dtype: str) -> None:
    if on == "cpu":
        pytest.importorskip("onnxruntime")
    runner: Any = runtime.load(MODEL, on=on)
    line = f"<{kind} on {on}: x (b 3, float32), n (scalar, int64) -> y (b 3, {dtype})>"
    np.testing.assert_equal(repr(runner), line)
    escaped = line.replace("<", "&lt;").replace(">", "&gt;")
    np.testing.assert_equal(runner._repr_html_(), f"<code>{escaped}</code>")


def test_names_of_a_model_are_no_markup() -> None:
    model = onnx.ModelProto.FromString(MODEL.SerializeToString())
    model.graph.input[1].name = "<script>"
    page = runtime.load(model)._repr_html_()  # type: ignore[attr-defined]
    assert "<script>" not in page
    assert "&lt;script&gt;" in page


@pytest.mark.parametrize("name", runtime.__all__)
def test_signatures_name_arrays(name: str) -> None:
    thing: Any = getattr(runtime, name)
    members = inspect.getmembers(thing, callable) if inspect.isclass(thing) else []
    public = [one for label, one in members if not label.startswith("_")]
    written = [str(inspect.signature(one)) for one in (thing, *public) if inspect.isfunction(one)]
    long = [text for text in written if "numpy.ndarray" in text or "numpy._typing" in text]
    np.testing.assert_equal(long, [])
