"""Run the plan: one process a case and round, each kept on disk before the next begins."""

import math
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

from ..errors import BenchError
from ..model.counts import Counts
from ..model.interface import model_bytes
from ..plan.cases import Case, Group
from ..plan.settings import Settings
from ..results.document import CaseFacts, Header
from ..results.machine import Machine
from ..results.measured import Entry, Errors, Measurement, Process
from ..results.rows import by_round
from ..results.store import Journal
from . import conditions
from .launch import Ending, WorkerLimits, launch
from .profiles import read_profile
from .schedule import failed, finished, order
from .wire import Answer, Request

Launcher = Callable[[str, Request, WorkerLimits], Ending[Answer]]
MOST_CHECKED = 1 << 24
"""Numbers in the outputs of a case of which every process is checked, and not the first alone."""
Report = Callable[[Entry], None]
"""Told of every process that has ended."""


class Comparer(Protocol):
    """Says how far a process's outputs are from the truth."""

    def errors(self, group: Group, case: Case, feeds: Path, outputs: Path) -> Errors:
        """Return the errors that go into the row."""
        ...


@dataclass(frozen=True)
class RunContext:
    """What a run needs besides its plan; tests replace the launcher."""

    folder: Path
    """A temporary folder for feeds, outputs and profiles."""
    feeds: Callable[[Group], Path]
    """Return the ``.npz`` with a group's inputs."""
    comparer: Comparer
    launcher: Launcher = launch


def run_matrix(
    groups: Sequence[Group],
    settings: Settings,
    journal: Journal,
    context: RunContext,
    report: Report = lambda entry: None,
    after_round: Callable[[], None] = lambda: None,
) -> None:
    """Run every process of the plan that the journal does not hold yet.

    Which process comes next follows from the plan and the journal alone, so a run that was
    killed goes on where it stopped.
    """
    for group in groups:
        held = {case.id for case in group.cases}
        done = {
            place: process
            for place, process in by_round(journal.entries).items()
            if process.case in held
        }
        number = 0
        while not finished(group, done, number, settings):
            alive = [c for c in order(group, number, settings.seed) if not failed(c, done)]
            for case in alive:
                if (case.id, number) not in done:
                    first = done.get((case.id, 0))
                    checked = first is None or few_outputs(first)
                    entry = run_process(group, case, number, settings, context, checked)
                    journal.append(entry)
                    done[case.id, number] = entry
                    report(entry)
            if not alive:
                break
            after_round()
            number += 1


def few_outputs(first: Process) -> bool:
    """Say whether a case has so few numbers in its outputs that every process is checked."""
    rows = first.accuracy.outputs if first.accuracy is not None else ()
    return sum(math.prod(row.shape) for row in rows) <= MOST_CHECKED


def run_process(
    group: Group,
    case: Case,
    number: int,
    settings: Settings,
    context: RunContext,
    checked: bool = True,
) -> Process:
    """Run one process and return its entry; the first of a case also tells placement.

    Its outputs are held against the reference where they are to be `checked`.
    """
    outputs = context.folder / "outputs.npz"
    request = make_request(group, case, settings, context)
    if checked:
        request = replace(request, outputs=str(outputs))
    if number == 0 and case.device != "server" and not case.again:
        request = replace(request, profile_to=str(context.folder / "profile"))
    limits = WorkerLimits(settings.timeout_s, settings.memory_limit_bytes)
    ending, here = conditions.observed(lambda: context.launcher(case.python, request, limits))
    around = ending.conditions or here
    good = ending.result is not None
    accuracy = None
    if good and checked:
        accuracy = context.comparer.errors(group, case, context.feeds(group), outputs)
    outputs.unlink(missing_ok=True)
    return Process(
        case=case.id,
        round=number,
        status=ending.status,
        stage=ending.stage,
        message=ending.message,
        wall_s=ending.wall_s,
        conditions=around,
        flags=tuple(conditions.flags(around)),
        result=None if ending.result is None else measurement(ending.result),
        accuracy=accuracy,
    )


def measurement(answer: Answer) -> Measurement:
    """Return what a worker measured, with the profile out of its file."""
    if answer.steady_run is None:
        raise ValueError("the worker was asked for a single run: nothing was measured")
    profile = None if answer.profile is None else read_profile(answer.profile)
    told = {**vars(answer), "steady_run": answer.steady_run, "profile": profile}
    return Measurement(**told)


def make_request(group: Group, case: Case, settings: Settings, context: RunContext) -> Request:
    """Return the worker's request for one process."""
    strict = settings.strict and case.on != "cpu"
    return Request(
        engine=case.engine,
        model=str(group.subject_of(case).path),
        feeds=str(context.feeds(group)),
        limits=settings.allowed(case.on),
        session_config={"session.disable_cpu_ep_fallback": "1"} if strict else {},
        sample_s=settings.sample_s,
        empty_model=str(context.folder / "empty.onnx"),
    )


def check_interpreters(groups: Sequence[Group]) -> None:
    """Raise BenchError when a case's interpreter is not there: that is a mistake, not a result."""
    for python in {case.python for group in groups for case in group.cases}:
        if not (os.path.isfile(python) and os.access(python, os.X_OK)):
            raise BenchError(
                f"{python} is not a Python interpreter that can be run",
                "give --env NAME=PYTHON the path of the environment's bin/python",
            )


def header(
    groups: Sequence[Group], settings: Settings, machine: Machine, counts: Mapping[str, Counts]
) -> Header:
    """Return the journal's first line: settings, machine, every case, operations per group."""
    cases = tuple(facts(group, case) for group in groups for case in group.cases)
    return Header(settings=settings, machine=machine, counts=counts, cases=cases)


def facts(group: Group, case: Case) -> CaseFacts:
    """Return what results say about a case before it is measured."""
    return CaseFacts(
        id=case.id,
        group=group.id,
        model=group.subject_of(case).label,
        model_bytes=model_bytes(group.subject_of(case).path),
        sizes=group.sizes,
        label=case.label,
        on=case.on,
        provider=case.provider,
        environment=case.environment,
        device=case.device,
        threads=case.threads,
        provider_options=case.provider_options,
        again=case.again,
    )
