"""How far a run is, on stderr: a moving line on a terminal, a line per group elsewhere."""

import contextlib
from collections.abc import Iterator

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from ..measure.matrix import Report
from ..measure.session import Session
from ..plan.cases import Case, Group
from ..reports.cells import cell
from ..reports.units import seconds
from ..results.measured import Process
from .terminal import tell


@contextlib.contextmanager
def progress(session: Session, console: Console) -> Iterator[Report]:
    """Yield the function that is told of every process."""
    if not console.is_terminal:
        yield _plain(session, console)
        return
    columns = (BarColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task("", total=len(session.groups))

        def report(group: Group, case: Case, number: int, entry: Process) -> None:
            place = session.groups.index(group)
            part = min(number / session.settings.rounds, 0.95)
            bar.update(task, completed=place + part, description=cell(_line(case, number, entry)))
            if entry.status != "ok":
                tell(console, _failure(case, entry))

        yield report


def _plain(session: Session, console: Console) -> Report:
    """Report the first process of each group and every failure, a line each."""
    begun: set[str] = set()

    def report(group: Group, case: Case, number: int, entry: Process) -> None:
        if group.id not in begun:
            begun.add(group.id)
            line = f"measuring {group.id} ({len(begun)} of {len(session.groups)})"
            tell(console, line)
        if entry.status != "ok":
            tell(console, _failure(case, entry))

    return report


def _line(case: Case, number: int, entry: Process) -> str:
    done = entry.result is not None and entry.status == "ok"
    said = seconds(entry.result.steady_run.median_s) if done and entry.result else entry.status
    return f"{case.id}: round {number + 1}, {said}"


def _failure(case: Case, entry: Process) -> str:
    return f"{case.id}: {entry.status} in {entry.stage}: {entry.message}"
