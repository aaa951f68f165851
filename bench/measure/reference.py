"""The float64 judge: errors of every case against one reference a group."""

import json
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import ml_dtypes
import numpy as np
from numpy.typing import NDArray

from ..plan.cases import Group
from ..plan.engine import Engine
from ..plan.settings import Settings
from ..results.measured import Errors
from ..verify.accuracy import Accuracy, Tolerance, compare, default_tolerance
from .launch import Ending, WorkerLimits, launch
from .wire import Answer, Request

Arrays = dict[str, NDArray[Any]]


class Judge:
    """Computes each group's reference once, in a process of its own, and compares with it."""

    def __init__(
        self,
        settings: Settings,
        folder: Path,
        launcher: Callable[[str, Request, WorkerLimits], Ending[Answer]] = launch,
    ) -> None:
        self._settings = settings
        self._folder = folder
        self._launcher = launcher
        self._reference: tuple[str, Arrays | str] = ("", "")

    def errors(self, group: Group, feeds: Path, outputs: Path) -> Errors:
        """Return the errors of the arrays in `outputs`, the worst of all outputs and each alone.

        ``passed`` is None, with a ``note``, where the judge could not compute the reference.
        """
        if self._reference[0] != group.id:
            self._reference = (group.id, self._compute(group, feeds))
        reference = self._reference[1]
        if isinstance(reference, str):
            return Errors(passed=None, note=f"no float64 reference: {reference}")
        got = read_outputs(outputs)
        compared = [
            compare(name, got[name], want, self._tolerance(got[name].dtype))
            for name, want in reference.items()
        ]
        return worst(compared)

    def _tolerance(self, dtype: np.dtype[Any]) -> Tolerance:
        default, asked = default_tolerance(dtype), self._settings
        return Tolerance(
            default.atol if asked.atol is None else asked.atol,
            default.rtol if asked.rtol is None else asked.rtol,
        )

    def _compute(self, group: Group, feeds: Path) -> Arrays | str:
        path = self._folder / "reference.npz"
        request = Request(
            engine=Engine(on="numpy:float64"),
            model=str(group.subject.path),
            feeds=str(feeds),
            limits=self._settings.allowed("numpy:float64"),
            outputs=str(path),
            once=True,
        )
        limits = WorkerLimits(self._settings.timeout_s, self._settings.memory_limit_bytes)
        ending = self._launcher(sys.executable, request, limits)
        if ending.status != "ok":
            return f"{ending.status}: {ending.message}"
        return read_outputs(path)


def read_outputs(path: Path) -> Arrays:
    """Return the arrays that a worker saved, under the outputs' names."""
    with np.load(path, allow_pickle=False) as archive:
        names, kinds = (json.loads(str(archive[key])) for key in ("names", "elements"))
        arrays = [archive[f"arr_{index}"] for index in range(len(names))]
    return {
        name: array.view(getattr(ml_dtypes, kind)) if hasattr(ml_dtypes, kind) else array
        for name, array, kind in zip(names, arrays, kinds, strict=True)
    }


def worst(compared: Sequence[Accuracy]) -> Errors:
    """Return the largest of each error over the outputs, top-1 at its lowest, and all outputs."""

    def largest(field: str) -> float | None:
        return max((v for a in compared if (v := getattr(a, field)) is not None), default=None)

    return Errors(
        passed=all(a.passed for a in compared),
        max_abs=largest("max_abs"),
        max_rel=largest("max_rel"),
        rel_l2=largest("rel_l2"),
        max_ulp=largest("max_ulp"),
        top1=min((a.top1 for a in compared if a.top1 is not None), default=None),
        outputs=tuple(compared),
    )
