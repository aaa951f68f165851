"""How far a run is, on stderr: a bar with the time that is left, or a line per step elsewhere."""

import contextlib
from collections.abc import Iterator

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from ..measure.matrix import Report
from ..measure.remaining import Remaining
from ..measure.session import Session
from ..reports.printable import printable
from ..reports.units import seconds
from ..results.measured import Entry, Peak, Process
from .dry_run import duration
from .terminal import tell

AROUND = 52
"""Columns of the bar, the time and what is left, beside which the line stands."""


@contextlib.contextmanager
def progress(session: Session, console: Console) -> Iterator[Report]:
    """Yield the function that is told of every process."""
    left = Remaining(session.groups, session.settings)
    for entry in session.journal.entries:
        left.count(entry)
    if not console.is_terminal:
        yield _plain(session, left, console)
        return
    columns = (
        BarColumn(bar_width=20),
        TimeElapsedColumn(),
        TextColumn("{task.fields[left]}"),
        TextColumn("{task.description}"),
    )
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task("", total=1.0, left=_left(left))

        def report(entry: Entry) -> None:
            left.add(entry)
            line = printable(_line(entry))[: max(console.width - AROUND, 10)]
            bar.update(task, completed=left.part, left=_left(left), description=escape(line))
            if failure := _failure(entry):
                tell(console, failure)

        yield report


def _plain(session: Session, left: Remaining, console: Console) -> Report:
    """Report the first process of each group, the first load, and every failure, a line each."""
    groups = {case.id: group.id for group in session.groups for case in group.cases}
    begun: set[str] = set()

    def report(entry: Entry) -> None:
        left.add(entry)
        if not isinstance(entry, Peak):
            step = groups[entry.case] if isinstance(entry, Process) else "load"
            if step not in begun:
                begun.add(step)
                count = f" ({len(begun)} of {len(session.groups)})" if step != "load" else ""
                tell(console, f"measuring {step}{count}, {_left(left)}")
        if failure := _failure(entry):
            tell(console, failure)

    return report


def _left(left: Remaining) -> str:
    return f"about {duration(left.seconds)} left"


def _line(entry: Entry) -> str:
    if isinstance(entry, Peak):
        return f"peaks: {entry.probe}"
    if not isinstance(entry, Process):
        return f"load: {entry.case}, {entry.load}"
    said = seconds(entry.result.steady_run.median_s) if entry.result else entry.status
    return f"{entry.case}: round {entry.round + 1}, {said}"


def _failure(entry: Entry) -> str | None:
    if isinstance(entry, Peak) or entry.status == "ok":
        return None
    return f"{entry.case}: {entry.status} in {entry.stage}: {entry.message}"
