"""The nine CNNs of onnx's backend tests on NumPy and on onnxruntime."""

import importlib
from typing import Any

import numpy as np
import pytest

from onnxwright import runtime

from .light_models import NAMES, light_feeds, light_model


def test_there_are_nine() -> None:
    np.testing.assert_equal(len(NAMES), 9)


@pytest.mark.parametrize("name", NAMES)
def test_agrees_with_onnxruntime(name: str) -> None:
    pytest.importorskip("onnxruntime")
    ort: Any = importlib.import_module("onnxruntime")
    model = light_model(name)
    feeds = light_feeds(model)
    options = ort.SessionOptions()
    options.log_severity_level = 3
    session = ort.InferenceSession(
        model.SerializeToString(), options, providers=["CPUExecutionProvider"]
    )
    (wanted,) = session.run(None, feeds)
    del session
    (got,) = runtime.load(model, on="numpy").run(feeds).values()
    assert wanted.std() > 1e-3 * abs(wanted).max()  # or nothing would be told apart
    np.testing.assert_allclose(got, wanted, rtol=1e-3, atol=1e-4 * abs(wanted).max())
