"""The whole demo: files, answers and timings of every net on every runtime."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from ... import runtime
from ...runtime import RunnerError
from ..digits.cases import Case, case
from .accuracy import JUDGE, Accuracy, assess, compute
from .speed import PROCESSES, Timing, gather, make_requests, run_processes


@dataclass(frozen=True)
class Row:
    """One net on one runtime.

    `accuracy` is None where the runtime refused the net, and `problem` then says why.
    """

    net: str
    parameters: int
    file: str
    file_bytes: int
    on: str
    accuracy: Accuracy | None = None
    problem: str | None = None
    timings: tuple[Timing, ...] = ()


@dataclass(frozen=True)
class Outcome:
    """All rows, and what else happened on the machine while each process measured."""

    rows: tuple[Row, ...]
    conditions: tuple[dict[str, Any], ...]

    @property
    def wrong(self) -> tuple[Row, ...]:
        """The rows whose answer is not the recorded one."""
        return tuple(row for row in self.rows if row.accuracy and not row.accuracy.right)


def steps(nets: Sequence[str]) -> int:
    """Return how often `run` calls `advance`."""
    return len(nets) + PROCESSES


def run(
    nets: Sequence[str], runtimes: Sequence[str], folder: Path, advance: Callable[[str], None]
) -> Outcome:
    """Build the nets into `folder`, prove them on each runtime, then measure them.

    `advance` is called after each step with what comes next.
    """
    rows: list[Row] = []
    for net in nets:
        rows += prove(case(net), runtimes, folder)
        advance("measuring" if net == nets[-1] else "building and proving")
    cases = [(row.net, row.on) for row in rows if row.problem is None]
    processes = []
    for process in run_processes(make_requests(folder, cases)):
        processes.append(process)
        advance("measuring")
    timed = (
        row if row.problem else replace(row, timings=gather(processes, row.net, row.on))
        for row in rows
    )
    return Outcome(tuple(timed), tuple(process["conditions"] for process in processes))


def prove(net: Case, runtimes: Sequence[str], folder: Path) -> Iterator[Row]:
    """Save the net, run it on every runtime, and yield a row for each."""
    path = folder / f"{net.name}.onnx"
    net.build().save(path)
    reference = compute(net, runtime.load(path, on=JUDGE))
    for on in runtimes:
        row = Row(net.name, net.parameters, path.name, path.stat().st_size, on)
        try:
            output = reference if on == JUDGE else compute(net, runtime.load(path, on=on))
        except RunnerError as error:
            yield replace(row, problem=error.problem)
        else:
            yield replace(row, accuracy=assess(net, output, reference))
