import importlib.util

import numpy as np
import pytest

from onnxwright import runtime
from onnxwright.runtime.providers import SPECS


def test_numpy_is_always_there() -> None:
    found = {info.on: info.ready for info in runtime.providers()}
    np.testing.assert_equal([found["numpy"], found["numpy:float64"]], [True, True])


@pytest.mark.skipif(not importlib.util.find_spec("onnxruntime"), reason="needs onnxruntime")
def test_the_cpu_provider_starts() -> None:
    infos = {info.on: info for info in runtime.providers()}
    np.testing.assert_equal(infos["cpu"].ready, True)
    assert "azure" not in infos, "it runs no model here"


def test_absent_ones_are_listed_with_what_to_install() -> None:
    infos = {info.on: info for info in runtime.providers(absent=True)}
    np.testing.assert_equal(infos.keys() >= SPECS.keys(), True)
    for name in SPECS.keys() - {info.on for info in runtime.providers()}:
        assert infos[name].detail.startswith("not installed: ")
        np.testing.assert_equal(infos[name].ready, False)
