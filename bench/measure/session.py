"""One run of the benchmark from settings to results, and going on with one that stopped."""

import contextlib
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from ..errors import BenchError
from ..plan.cases import Group, make_plan
from ..plan.preparation import count_group, feeds_writer, subjects, write_empty_model
from ..plan.settings import Settings
from ..results.document import Header, Results
from ..results.machine import differences
from ..results.measured import Peak
from ..results.rows import summarize
from ..results.store import Journal, read_journal
from .cluster import connect, on_node, together
from .launch import WorkerLimits, launch
from .load_test import parse_loads, run_loads
from .machine import machine
from .matrix import Launcher, Report, RunContext, check_interpreters, header, run_matrix
from .peaks import PeakJob, peak_jobs
from .reference import ReferenceComparer
from .releases import is_release
from .scratch import scratch_folder
from .trial import with_sizes


@dataclass(frozen=True)
class Session:
    """A run that is ready to start."""

    settings: Settings
    journal: Journal
    places: Sequence[tuple[Sequence[Group], RunContext]]
    """The groups of each machine, and what it measures them with: one, or a cluster's nodes."""

    @property
    def groups(self) -> list[Group]:
        """The groups of all machines."""
        return [group for groups, _ in self.places for group in groups]

    def run(self, report: Report) -> Results:
        """Run what the journal lacks and return the results."""
        if self.settings.cluster:
            together([partial(self._matrix, *place, report) for place in self.places])
        else:
            self._run_here(report)
        return summarize(self.journal.header, self.journal.entries)

    def _run_here(self, report: Report) -> None:
        ((groups, context),) = self.places
        jobs = self._peak_jobs(groups, context.folder)
        rounds = max(1, self.settings.rounds * len(groups))
        each_round = -(-len(jobs) // rounds)
        run_matrix(
            groups,
            self.settings,
            self.journal,
            context,
            report,
            after_round=lambda: self._measure(jobs, each_round, report),
        )
        self._measure(jobs, len(jobs), report)
        feeds = {group.id: context.feeds(group) for group in groups}
        run_loads(groups, self.settings, self.journal, feeds, report)

    def _peak_jobs(self, groups: Sequence[Group], folder: Path) -> list[PeakJob]:
        """Return the peaks that the journal lacks, the first last: they are taken from the end."""
        if not self.settings.peaks:
            return []
        known = [entry for entry in self.journal.entries if isinstance(entry, Peak)]
        dtypes = {counts.dtype for counts in self.journal.header.counts.values()}
        return peak_jobs(groups, folder, dtypes, known)[::-1]

    def _measure(self, jobs: list[PeakJob], most: int, report: Report) -> None:
        """Measure the next of the peaks, between two rounds."""
        limits = WorkerLimits(self.settings.timeout_s, self.settings.memory_limit_bytes)
        for _ in range(min(most, len(jobs))):
            for entry in jobs.pop().run(limits):
                self.journal.append(entry)
                report(entry)

    def _matrix(self, groups: Sequence[Group], context: RunContext, report: Report) -> None:
        run_matrix(groups, self.settings, self.journal, context, report)


def planned(settings: Settings) -> list[Group]:
    """Return the groups that a run of these settings has; nothing of them is kept.

    Raises
    ------
    BenchError
        A model, axis, input, environment or load cannot be used.
    """
    parse_loads(settings.loads)
    with scratch_folder() as folder:
        found = with_sizes(subjects(settings, folder), settings, folder)
        groups = make_plan(settings, found)
        check_interpreters(groups)
        feeds = feeds_writer(settings, folder)
        for group in groups:
            feeds(group)
        return groups


@contextlib.contextmanager
def open_session(settings: Settings, path: Path, resume: bool = False) -> Iterator[Session]:
    """Prepare a run whose results go to the journal at `path`.

    Raises
    ------
    BenchError
        The journal is there already and `resume` is False, or it is one of another machine or of
        other models; or a model, axis, input, environment, load or cluster cannot be used.
    """
    if path.exists() and not resume:
        raise BenchError(
            f"{path} is there already", f"go on with it by --resume {path}, or name another file"
        )
    if parse_loads(settings.loads) and settings.cluster:
        raise BenchError("--load does not work with --cluster yet", "measure the load on one node")
    with contextlib.ExitStack() as stack:
        folder = stack.enter_context(scratch_folder())
        found = with_sizes(subjects(settings, folder), settings, folder)
        groups, facts = make_plan(settings, found), machine()
        feeds = feeds_writer(settings, folder)
        if settings.cluster:
            nodes = stack.enter_context(connect(settings.cluster, settings.hardware))
            facts = replace(facts, nodes={label: node.machine for label, node in nodes.items()})
            places = [
                (
                    on_node(groups, label),
                    _context(settings, folder / str(place), feeds, node.launch),
                )
                for place, (label, node) in enumerate(nodes.items())
            ]
        else:
            check_interpreters(groups)
            places = [(groups, _context(settings, folder, feeds, launch))]
        everything = [group for mine, _ in places for group in mine]
        counts = {group.id: count_group(group, feeds(group)) for group in everything}
        head = header(everything, settings, facts, counts)
        journal = Journal(path, head)
        _check_same(journal.header, head, path)
        yield Session(settings, journal, places)


def _context(
    settings: Settings, folder: Path, feeds: Callable[[Group], Path], launcher: Launcher
) -> RunContext:
    folder.mkdir(exist_ok=True)
    write_empty_model(folder)
    return RunContext(folder, feeds, ReferenceComparer(settings, folder), launcher)


def stored_settings(
    path: Path,
    environments: Mapping[str, str],
    cluster: str | None = None,
    served: Mapping[str, str] | None = None,
) -> Settings:
    """Return the settings of the run whose journal is at `path`, with this call's environments.

    A journal may come from anybody: which interpreters are started, and which cluster is asked, is
    said by this call alone: by `environments`, those of ``--env``, and `cluster`; so is what is
    shown to a server, by `served`.

    Raises
    ------
    BenchError
        The journal cannot be read, or its cases need an environment or a cluster that is not given.
    """
    kept = read_journal(path)[0].settings
    _check_environments(path, kept.environments, environments)
    if kept.cluster != cluster:
        raise BenchError(
            f"{path} was begun {'on a cluster' if kept.cluster else 'on this machine'}, which a "
            "journal cannot choose by itself",
            f"say so: --cluster {kept.cluster}" if kept.cluster else "leave out --cluster",
        )
    return replace(kept, environments=dict(environments), served=dict(served or {}))


def _check_environments(path: Path, kept: Mapping[str, str], given: Mapping[str, str]) -> None:
    """Refuse a journal whose environments this call does not name."""
    missing = [name for name in kept if name not in given]
    if not missing:
        return
    by_hand = [name for name in missing if not is_release(name)]
    releases = [name for name in missing if is_release(name)]
    again = [f"--env {name}=/path/to/its/bin/python" for name in by_hand]
    again += [f"--ort {','.join(releases)}"] if releases else []
    raise BenchError(
        f"{path} was begun with an environment called '{missing[0]}', which a journal cannot "
        "choose by itself",
        f"say which interpreter to start: {' '.join(again)}",
    )


def default_journal() -> Path:
    """Return a new journal's path in the user's state folder, named after the time."""
    return state_folder() / f"{datetime.now(UTC):%Y%m%dT%H%M%S.%f}.jsonl"


def baseline_path(name: str) -> Path:
    """Return where the baseline `name` is kept."""
    if not name or set(name) & set("/\\\0") or name.startswith("."):
        raise BenchError(f"{name!r} cannot be a baseline's name", "use letters, digits and dashes")
    return state_folder() / "baselines" / f"{name}.json"


def state_folder() -> Path:
    """Return the folder for results: ``$XDG_STATE_HOME/onnxwright/bench`` or its default."""
    root = os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state"
    return Path(root) / "onnxwright" / "bench"


def _check_same(kept: Header, now: Header, path: Path) -> None:
    unlike = differences(kept.machine, now.machine)
    if unlike:
        raise BenchError(
            f"{path} was begun on another machine ({'; '.join(unlike)})",
            "finish it there, or start a new one here",
        )
    if [case.id for case in kept.cases] != [case.id for case in now.cases]:
        raise BenchError(
            f"{path} has other cases than these settings give",
            "the models have changed since it was begun: start a new one",
        )
