"""The runs that tell how far 8-bit rounding moves a reference, each in a process of its own."""

from collections.abc import Callable, Sequence
from pathlib import Path

import onnx

from ...errors import OnnxwrightError
from ...files import read_model
from ..model.arrays import write_arrays
from ..plan.engine import Engine
from ..verify.reference import REFERENCE
from ..verify.rounding import Arrays, rounding_otherwise

Compute = Callable[[Engine, Path, Path], Arrays | None]
"""Runs a model (second) with the feeds in a file (third); None where that fails."""


class RunFailedError(OnnxwrightError):
    """A run for comparison that gave nothing: the reference is then compared without room."""


class WorkerRuns:
    """Runs of one model by workers, as :class:`~..verify.rounding.Runs` has them."""

    def __init__(self, model: Path, folder: Path, compute: Compute) -> None:
        self._model, self._folder, self._compute = model, folder, compute

    def reference(self, feeds: Arrays, names: Sequence[str]) -> Arrays:
        """As `Runs.reference`."""
        return self._run(REFERENCE, self._model, feeds)

    def float32(self, feeds: Arrays, names: Sequence[str]) -> Arrays:
        """As `Runs.float32`."""
        return self._run("numpy", self._model, feeds)

    def otherwise(self, feeds: Arrays, names: Sequence[str]) -> Arrays:
        """As `Runs.otherwise`."""
        path = self._folder / "other-rounding.onnx"
        onnx.save(rounding_otherwise(read_model(self._model)), path)
        return self._run(REFERENCE, path, feeds)

    def _run(self, on: str, model: Path, feeds: Arrays) -> Arrays:
        path = self._folder / "other-feeds.npz"
        write_arrays(path, feeds, raw=True)
        found = self._compute(Engine(on=on), model, path)
        if found is None:
            raise RunFailedError(
                "a run with other rounding gave nothing", "see the rows of the results"
            )
        return found
