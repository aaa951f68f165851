"""Sizes that a model of others really runs at, found by running it before it is measured."""

import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from ...files import read_model
from ...runtime.ort.native import CPU
from ..model.arrays import read_inputs, write_arrays
from ..model.attempts import BUDGET_S, attempts, has_open_dims
from ..model.inputs import fill_inputs
from ..plan.cases import USUAL, Subject
from ..plan.engine import Engine
from ..plan.settings import Settings
from .launch import Ending, WorkerLimits, launch
from .reference import no_kernel
from .wire import Answer, Request

Launcher = Callable[[str, Request, WorkerLimits], Ending[Answer]]
CPU_ENGINE = Engine(on="cpu", provider=CPU)


def with_sizes(
    subjects: Sequence[Subject], settings: Settings, folder: Path, launcher: Launcher = launch
) -> list[Subject]:
    """Return the models, each with sizes at which it runs for the dims that nothing else binds.

    A model is run in a process of its own: on NumPy, or where that lacks a kernel on onnxruntime.
    Where it runs at no sizes, it stays as it is, and its rows say why.
    """
    return [_fitted(subject, settings, folder, launcher) for subject in subjects]


def _fitted(subject: Subject, settings: Settings, folder: Path, launcher: Launcher) -> Subject:
    bound = dict(subject.sizes) | _first_values(subject, settings)
    if subject.built_in or not has_open_dims(subject.inputs, bound):
        return subject
    model = read_model(subject.path, embedded=False)
    names = {info.name for info in subject.inputs}
    given = {name: array for name, array in read_inputs(settings.inputs).items() if name in names}
    engine = CPU_ENGINE if no_kernel(subject.path) else Engine(on="numpy")
    feeds, deadline = folder / "trial.npz", time.monotonic() + BUDGET_S
    request = Request(engine=engine, model=str(subject.path), feeds=str(feeds), once=True)
    limits = WorkerLimits(BUDGET_S, settings.memory_limit_bytes)
    for sizes in attempts(subject.inputs, bound, USUAL):
        filled = fill_inputs(model, subject.inputs, given, dims=sizes, seed=settings.seed)
        write_arrays(feeds, filled, raw=True)
        ending = launcher(sys.executable, request, limits)
        if ending.status == "ok":
            return replace(subject, sizes={**sizes, **subject.sizes})
        if ending.stage != "first run" or time.monotonic() > deadline:
            break
    return subject


def _first_values(subject: Subject, settings: Settings) -> dict[str, int]:
    """Return the first size of each dim that an axis binds."""
    return {
        name: int(values[0])
        for axis, values in settings.axes.items()
        for name in axis.split(",")
        if name in subject.dims and values[0].isdecimal()
    }
