"""The whole demo: files, answers and timings of every net on every runtime."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from ...runtime import Runner, RunnerError, load
from ...runtime.ort.runner import OrtRunner
from ...runtime.providers import NUMPY
from ..digits.cases import Case, case
from ..results.measured import Conditions
from ..verify.reference import REFERENCE
from .answer import Answer, assess
from .speed import Timing, gather, make_requests, run_processes

ALWAYS = (*NUMPY, "cpu")
"""Runtimes that take every net of the demo; another provider may lack an operator."""


@dataclass(frozen=True)
class Row:
    """One net on one runtime.

    `answer` is None where the runtime refused the net, and `problem` then says why. `placement`
    says on which provider of onnxruntime the nodes run, if any of them is not where it was wanted.
    """

    net: str
    parameters: int
    file: str
    file_bytes: int
    on: str
    answer: Answer | None = None
    problem: str | None = None
    placement: str | None = None
    timings: tuple[Timing, ...] = ()


@dataclass(frozen=True)
class Outcome:
    """All rows, and what else happened on the machine while each process measured."""

    rows: tuple[Row, ...]
    conditions: tuple[Conditions, ...]

    @property
    def wrong(self) -> tuple[Row, ...]:
        """The rows whose answer is not the recorded one."""
        return tuple(row for row in self.rows if row.answer and not row.answer.right)


def run(
    nets: Sequence[str],
    runtimes: Sequence[str],
    folder: Path,
    processes: int,
    report: Callable[[str], None],
) -> Outcome:
    """Build the nets into `folder`, prove them on each runtime, then measure them.

    `report` is told what begins: each net, then each of the measuring processes.
    """
    rows: list[Row] = []
    for net in nets:
        report(f"building and proving {net}")
        rows += prove(case(net), runtimes, folder)
    cases = [(row.net, row.on) for row in rows if row.answer]
    report(f"measuring, process 1 of {processes}")
    found = []
    for process in run_processes(make_requests(folder, cases, processes)):
        found.append(process)
        if len(found) < processes:
            report(f"measuring, process {len(found) + 1} of {processes}")
    timed = (
        replace(row, timings=gather(found, row.net, row.on)) if row.answer else row for row in rows
    )
    return Outcome(tuple(timed), tuple(process.conditions for process in found))


def prove(net: Case, runtimes: Sequence[str], folder: Path) -> Iterator[Row]:
    """Save the net, run it on every runtime, and yield a row for each.

    Raises
    ------
    RunnerError
        NumPy or onnxruntime's CPU provider did not take the net.
    """
    path = folder / f"{net.name}.onnx"
    net.build().save(path)
    everything = net.batch(len(net.x))
    reference = load(path, on=REFERENCE).run(everything)[net.output]
    for on in runtimes:
        row = Row(net.name, net.parameters, path.name, path.stat().st_size, on)
        try:
            runner = load(path, on=on)
            answer = assess(net, runner.run(everything)[net.output], reference)
        except RunnerError as error:
            if on in ALWAYS:
                raise
            yield replace(row, problem=error.problem)
        else:
            yield replace(row, answer=answer, placement=_astray(runner))


def _astray(runner: Runner) -> str | None:
    if not isinstance(runner, OrtRunner):
        return None
    placement = runner.placement()
    return placement.describe() if placement.fell_back else None
