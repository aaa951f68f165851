"""The nine CNNs that the onnx package carries with weights cut down to constants."""

from pathlib import Path

import numpy as np
import onnx
import onnx.backend.test
import pytest
from numpy.typing import NDArray

from onnxwright.runtime.interpreter import NumpyRunner

FOLDER = Path(onnx.backend.test.__file__).parent / "data" / "light"
MODELS = sorted(path for path in FOLDER.glob("light_*.onnx"))


def image(shape: tuple[int | str | None, ...]) -> NDArray[np.float32]:
    """The ramp that the suite feeds: arange / size."""
    dims = [dim if isinstance(dim, int) else 1 for dim in shape]
    size = int(np.prod(dims))
    return (np.arange(size).reshape(dims) / size).astype(np.float32)


def test_all_nine_are_there() -> None:
    np.testing.assert_equal(len(MODELS), 9)


@pytest.mark.parametrize("path", MODELS, ids=lambda path: path.stem.removeprefix("light_"))
def test_it_gives_what_the_suite_expects(path: Path) -> None:
    runner = NumpyRunner(onnx.load(path))
    feeds = {info.name: image(info.shape or ()) for info in runner.inputs}
    stored = onnx.TensorProto.FromString(path.with_name(f"{path.stem}_output_0.pb").read_bytes())
    (actual,) = runner.run(feeds).values()
    np.testing.assert_allclose(actual, onnx.numpy_helper.to_array(stored), rtol=1e-3, atol=1e-7)
