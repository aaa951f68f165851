"""Compare results from separate sessions; unlike machines are refused.

With one session a side the unit is the process, and what sets whole sessions apart is no part of
the intervals. With several sessions a side the session is the unit, and it is.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from statistics import median

from ..errors import BenchError
from ..stats import independent_ratio, judge
from ..stats.verdict import FEWEST_PAIRS
from .comparison import ComparedRow, Comparison
from .document import Floor, Results, Row
from .machine import differences
from .rows import final_verdict

FEWEST = 3
"""Processes that a side needs for a ratio."""
FEWEST_SESSIONS = 4
"""Sessions that a side needs, where they are the unit: four and four give 95 % at the least."""


@dataclass(frozen=True)
class Side:
    """The sessions of one side."""

    sessions: Sequence[Results]

    @property
    def first(self) -> Results:
        """The session that stands for the others where they are alike."""
        return self.sessions[0]

    def rows(self) -> dict[str, Row]:
        """Return, by case, the first row that failed or is wrong in any session, else a good one.

        Cases that a session lacks are left out.
        """
        tables = [{row.id: row for row in each.rows} for each in self.sessions]
        shared = [name for name in tables[0] if all(name in table for table in tables)]
        return {name: min((table[name] for table in tables), key=_sound) for name in shared}

    def times(self, name: str) -> list[float]:
        """Return the seconds of each process, or of each session where there are several."""
        if len(self.sessions) == 1:
            return _medians(self.first, name)
        return [median(times) for each in self.sessions if (times := _medians(each, name))]

    def noisy(self, group: str) -> Floor | None:
        """Return the noise of a session in which identical processes came out as different."""
        floors = [each.floors.get(group) for each in self.sessions]
        return next((floor for floor in floors if floor and not floor.honest), None)


def compare(
    base: Results, new: Results, min_effect: float = 0.02, lenient: bool = False
) -> Comparison:
    """Return one row per case that both have, with the ratio new / base and a verdict.

    Cases are the same when model, sizes, runtime and options are.

    Raises
    ------
    BenchError
        The machines differ and `lenient` is False, or no case is in both.
    """
    return _compare(Side([base]), Side([new]), min_effect, lenient)


def compare_sessions(
    bases: Sequence[Results],
    news: Sequence[Results],
    min_effect: float = 0.02,
    lenient: bool = False,
) -> Comparison:
    """As `compare`, of several sessions a side: each gives one time for each case.

    Raises
    ------
    BenchError
        As of `compare`; or a side has fewer than four sessions, or one session stands there twice.
    """
    fewest = min(len(bases), len(news))
    if fewest < FEWEST_SESSIONS:
        raise BenchError(
            f"{fewest} sessions a side decide nothing, however large the difference",
            f"measure at least {FEWEST_SESSIONS} a side, best in turns: base, new, base, new, ...",
        )
    every = [session.processes for session in (*bases, *news)]
    for place, processes in enumerate(every, 1):
        if (earlier := every.index(processes) + 1) < place:
            raise BenchError(
                f"the files {earlier} and {place} hold the same session",
                "give each session once: a copy is no repetition",
            )
    return _compare(Side(bases), Side(news), min_effect, lenient)


def exit_code(comparison: Comparison, inconclusive_fails: bool = False) -> int:
    """Return 1 where a case is slower, failed or inaccurate, 3 if asked and unclear, else 0."""
    verdicts = {row.verdict for row in comparison.rows}
    if verdicts & {"slower", "inaccurate", "failed"}:
        return 1
    return 3 if inconclusive_fails and "inconclusive" in verdicts else 0


def _compare(base: Side, new: Side, min_effect: float, lenient: bool) -> Comparison:
    everything = [*base.sessions[1:], *new.sessions]
    unlike = _each(differences(base.first.machine, other.machine) for other in everything)
    if unlike and not lenient:
        raise BenchError(
            f"the results come from unlike machines: {'; '.join(unlike)}",
            "measure both on one machine, or say --lenient to compare all the same",
        )
    olds, news = base.rows(), new.rows()
    shared = [name for name in news if name in olds]
    if not shared:
        raise BenchError(
            f"no case is in both results: {len(olds)} there, {len(news)} here",
            "measure the same models on the same runtimes with the same axes",
        )
    others = _each(_other_differences(base.first, other) for other in everything)
    return Comparison(
        min_effect=min_effect,
        sessions=min(len(base.sessions), len(new.sessions)),
        differs=(*unlike, *others),
        missing=tuple(name for name in olds if name not in news),
        added=tuple(name for name in news if name not in olds),
        rows=tuple(_compared(base, new, olds[name], news[name], min_effect) for name in shared),
    )


def _compared(base: Side, new: Side, old: Row, row: Row, min_effect: float) -> ComparedRow:
    theirs, mine = base.times(row.id), new.times(row.id)
    told = ComparedRow(
        id=row.id,
        group=row.group,
        label=row.label,
        base_median_s=median(theirs) if theirs else old.median_s,
        new_median_s=median(mine) if mine else row.median_s,
        verdict="inconclusive",
    )
    if row.status != "ok":
        worse = "failed" if old.status == "ok" else "failed before too"
        return replace(told, verdict=worse, note=row.message)
    unit, fewest, decides = _unit(base, new)
    if min(len(theirs), len(mine)) < fewest:
        return replace(told, note=f"fewer than {fewest} {unit} on a side")
    ratio = independent_ratio(mine, theirs)
    noisy = base.noisy(row.group) or new.noisy(row.group)
    return replace(
        told,
        verdict=final_verdict(judge(ratio, min_effect, decides), row.accuracy, noisy),
        ratio=ratio.value,
        low=ratio.low,
        high=ratio.high,
        pairs=ratio.pairs,
    )


def _unit(base: Side, new: Side) -> tuple[str, int, int]:
    """Return what a side's times are of, how many give a ratio, and how many a verdict."""
    if len(base.sessions) == len(new.sessions) == 1:
        return "processes", FEWEST, FEWEST_PAIRS
    return "sessions", FEWEST_SESSIONS, FEWEST_SESSIONS


def _medians(results: Results, name: str) -> list[float]:
    return [
        process.result.steady_run.median_s
        for process in results.processes
        if process.case == name and process.status == "ok" and process.result is not None
    ]


def _sound(row: Row) -> int:
    """Return 0 for a row that failed, 1 for a wrong one, 2 for a good one."""
    return 0 if row.status != "ok" else 1 if row.inaccurate else 2


def _other_differences(base: Results, new: Results) -> list[str]:
    """Return what else may explain a change: versions and settings."""
    found: list[str] = []
    before, after = base.machine.packages, new.machine.packages
    for package in sorted({*before, *after}):
        found += _unlike(package, before.get(package), after.get(package))
    for name in ("python", "kernel", "governor"):
        found += _unlike(name, getattr(base.machine, name), getattr(new.machine, name))
    for name in ("seed", "inputs", "sample_s", "strict"):
        found += _unlike(f"--{name}", getattr(base.settings, name), getattr(new.settings, name))
    return found


def _unlike(name: str, before: object, after: object) -> list[str]:
    return [] if before == after else [f"{name}: {before} and {after}"]


def _each(lists: Iterable[Sequence[str]]) -> tuple[str, ...]:
    """Return what stands in any of the lists, each once."""
    return tuple(dict.fromkeys(line for lines in lists for line in lines))
