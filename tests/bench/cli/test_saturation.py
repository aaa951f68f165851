"""The warning where 8-bit products are wrong on this processor: told where it saturates only."""

from pathlib import Path

import numpy as np
import onnx
import pytest

from onnxwright.bench.cli.saturation import warn_of_saturation
from tests.graphs.targets.test_saturating import model

CASES = [
    (127, "cpu", True, True),
    (127, "cpu@other", True, True),
    (127, "numpy", True, False),
    (64, "cpu", True, False),
    (127, "cpu", False, False),
]


@pytest.mark.parametrize(("largest", "on", "saturates", "told"), CASES)
def test_it_is_told_where_it_matters(
    largest: int,
    on: str,
    saturates: bool,
    told: bool,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    target = "onnxwright.bench.cli.saturation.int8_saturates"
    monkeypatch.setattr(target, lambda: saturates)
    onnx.save(model("QDQ", largest), tmp_path / "m.onnx")
    warn_of_saturation([tmp_path / "m.onnx", "lstm/small"], [on])
    words = " ".join(capsys.readouterr().err.split())
    np.testing.assert_equal("8-bit products saturate on this processor" in words, told)
