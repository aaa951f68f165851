"""The float64 reference: errors of every case against one reference a group."""

import contextlib
import hashlib
import json
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import ml_dtypes
import numpy as np
from numpy.typing import NDArray

from ...files import read_model
from ...runtime import RunnerError, coverage
from ...runtime.interpreter.registry import NodeInfo
from ...runtime.ort.native import CPU
from ...runtime.ort.options import LEVELS
from ...texts import listed
from ..model.arrays import read_npz
from ..plan.cases import Case, Group
from ..plan.engine import Engine
from ..plan.settings import Settings
from ..results.measured import Errors
from ..verify.accuracy import Accuracy, Tolerance, compare, default_tolerance, with_room
from ..verify.against import within
from ..verify.reference import REFERENCE, borrowed_words
from ..verify.rounding import Rounding
from .launch import Ending, WorkerLimits, launch
from .rounding_runs import RunFailedError, WorkerRuns
from .wire import Answer, Request

Arrays = dict[str, NDArray[Any]]


@dataclass(frozen=True)
class Reference:
    """What the cases of a group are held against."""

    arrays: Arrays | None
    """None where it could not be computed."""
    lacks: str = ""
    """Why it is not the float64 reference, or is none; "" where it is."""


class ReferenceComparer:
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
        self._held: tuple[str, Reference] = ("", Reference(None))
        self._rounding: Rounding | None = None
        self._borrowed = ""
        self._notes: dict[Path, str] = {}
        """What is said of operators that the reference borrows kernels for, by model."""
        self._rooms: Mapping[str, float] | None = None
        """What 8-bit rounding may move the group's outputs by, None while nobody has asked."""
        self._known: dict[tuple[bytes, bool], Errors] = {}
        """Errors by the digest of the outputs, which most processes give alike to the last bit, and
        whether another model gave them."""

    def errors(self, group: Group, case: Case, feeds: Path, outputs: Path) -> Errors:
        """Return the errors of the arrays in `outputs`, the worst of all outputs and each alone.

        A case of another model than the group's passes within the settings' budget.

        ``passed`` is None, with a ``note``, where no reference could be computed. Where NumPy has
        no kernel, onnxruntime's own answer is the reference: then the errors, which would not be
        those against float64, are left out.
        """
        if self._held[0] != group.id:
            self._begin(group, feeds)
        with outputs.open("rb") as stream:
            digest = hashlib.file_digest(stream, "sha256").digest()
        other = group.subject_of(case) is not group.subject
        if (digest, other) not in self._known:
            budget = self._settings.budget if other else None
            self._known[digest, other] = self._compared(outputs, budget)
        return self._known[digest, other]

    def _compared(self, outputs: Path, budget: float | None) -> Errors:
        reference = self._held[1]
        if reference.arrays is None:
            return Errors(passed=None, note=f"no float64 reference: {reference.lacks}")
        got = read_outputs(outputs)
        compared = [
            compare(name, got[name], want, self._tolerance(got[name].dtype))
            for name, want in reference.arrays.items()
            if name in got  # a server that keeps the states does not give them
        ]
        if budget is None and not reference.lacks:
            compared = [self._roomed(row, got, reference.arrays) for row in compared]
        if budget is not None:
            compared = [replace(row, passed=within(row, budget)) for row in compared]
        if reference.lacks:
            return Errors(
                passed=all(row.passed for row in compared),
                note=f"no float64 reference: {reference.lacks}; held against onnxruntime's own "
                "answer, not optimised",
            )
        return replace(worst(compared), note=self._borrowed)

    def _roomed(self, row: Accuracy, got: Arrays, wanted: Arrays) -> Accuracy:
        """Return the comparison with room for 8-bit rounding, where it needs some."""
        if row.passed or self._rounding is None:
            return row
        if self._rooms is None:
            self._rooms = dict.fromkeys(wanted, 0.0)
            with contextlib.suppress(RunFailedError):
                self._rooms = self._rounding.allowances(wanted)
        mine, name = got[row.output], row.output
        tolerance = self._tolerance(mine.dtype)
        return with_room(row, mine, wanted[name], tolerance, self._rooms[name])

    def _begin(self, group: Group, feeds: Path) -> None:
        """Compute the reference of a group, and look whether its model rounds to 8 bits."""
        self._held, self._known = (group.id, self._reference(group, feeds)), {}
        self._rooms = None
        runs = WorkerRuns(group.subject.path, self._folder, self._run)
        model = read_model(group.subject.path, embedded=False)
        path = group.subject.path
        if path not in self._notes:  # a model is compiled once for all its shapes
            self._notes[path] = borrowed_note(path)
        self._borrowed = self._notes[path]
        self._rounding = Rounding(model, read_npz(feeds), runs)

    def _run(self, engine: Engine, model: Path, feeds: Path) -> Arrays | None:
        return self._compute(sys.executable, engine, model, feeds).arrays

    def _tolerance(self, dtype: np.dtype[Any]) -> Tolerance:
        default, asked = default_tolerance(dtype), self._settings
        return Tolerance(
            default.atol if asked.atol is None else asked.atol,
            default.rtol if asked.rtol is None else asked.rtol,
        )

    def _reference(self, group: Group, feeds: Path) -> Reference:
        path = group.subject.path
        found = self._compute(sys.executable, Engine(on=REFERENCE), path, feeds)
        own = next((case for case in group.cases if case.provider), None)
        lacking = no_kernel(group.subject.path) if found.arrays is None else []
        if not lacking:
            return found
        lacks = f"the NumPy runtime has no kernel for {listed(lacking, most=4)}"
        if own is None:
            return Reference(None, lacks)
        engine = Engine(on="cpu", provider=CPU, threads=own.engine.threads)
        found = self._compute(own.python, engine, path, feeds, LEVELS["none"])
        return replace(found, lacks=lacks)

    def _compute(
        self, python: str, engine: Engine, model: Path, feeds: Path, level: str = LEVELS["all"]
    ) -> Reference:
        path = self._folder / "reference.npz"
        request = Request(
            engine=engine,
            model=str(model),
            feeds=str(feeds),
            limits=self._settings.allowed(engine.on),
            level=level,
            outputs=str(path),
            once=True,
        )
        limits = WorkerLimits(self._settings.timeout_s, self._settings.memory_limit_bytes)
        ending = self._launcher(python, request, limits)
        if ending.status != "ok":
            return Reference(None, f"{ending.status}: {ending.message}")
        return Reference(read_outputs(path))


def borrowed_note(path: Path) -> str:
    """Say which operators the onnx package's reference kernels compute, "" where there are none."""
    try:
        names = sorted({node.op_type for node in _nodes_by(path, "fallback")})
    except RunnerError:
        return ""  # told where the model is run
    return borrowed_words(names) if names else ""


def no_kernel(path: Path) -> list[str]:
    """Return the operators of a model that the NumPy runtime has no kernel for."""
    absent = _nodes_by(path, "none")
    return sorted({".".join(filter(None, (node.domain, node.op_type))) for node in absent})


def _nodes_by(path: Path, source: str) -> list[NodeInfo]:
    """Return the nodes of a model that `source` computes on NumPy, as coverage calls it."""
    records = coverage(read_model(path, embedded=False))
    return [record.node for record in records if record.source == source]


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
