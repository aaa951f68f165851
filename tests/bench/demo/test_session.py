from pathlib import Path
from typing import Any

import numpy as np
import pytest

from onnxwright import runtime
from onnxwright.bench.demo import session
from onnxwright.bench.demo.session import prove
from onnxwright.bench.digits.cases import case
from onnxwright.runtime import ProviderError

TOY = case("toy_lstm")


def refusing(refused: str) -> Any:
    def load(path: Path, on: str) -> Any:
        if on == refused:
            raise ProviderError(f"{on} has no kernel for LSTM", "use another")
        return runtime.load(path, on=on)

    return load


def test_a_net_is_saved_and_proved_on_each_runtime(tmp_path: Path) -> None:
    judge, numpy = prove(TOY, ["numpy:float64", "numpy"], tmp_path)
    assert judge.answer is not None
    assert numpy.answer is not None
    np.testing.assert_equal((judge.answer.right, numpy.answer.right), (True, True))
    np.testing.assert_equal(judge.answer.judged.max_abs, 0.0)
    np.testing.assert_equal((judge.on, numpy.on), ("numpy:float64", "numpy"))
    np.testing.assert_equal(numpy.file_bytes, (tmp_path / numpy.file).stat().st_size)


def test_a_provider_that_refuses_a_net_is_a_row(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(session, "load", refusing("webgpu"))
    numpy, webgpu = prove(TOY, ["numpy", "webgpu"], tmp_path)
    np.testing.assert_equal((numpy.problem, webgpu.answer), (None, None))
    np.testing.assert_equal(webgpu.problem, "webgpu has no kernel for LSTM")


@pytest.mark.parametrize("on", ["numpy", "cpu"])
def test_the_runtimes_that_take_everything_may_not_refuse(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, on: str
) -> None:
    monkeypatch.setattr(session, "load", refusing(on))
    with pytest.raises(ProviderError, match=f"{on} has no kernel for LSTM\nuse another"):
        list(prove(TOY, [on], tmp_path))
