"""A series of runs of the same cases: how each case changed from the first run on."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from .compare import compare
from .comparison import Comparison
from .document import SCHEMA_VERSION, Results
from .elements import Count, Duration
from .load_row import Interval
from .views import Shown


@dataclass(frozen=True, kw_only=True)
class SeriesPoint:
    """A case in one run."""

    run: Count
    """The run's place in the series."""
    median_s: Duration
    interval_s: Interval | None
    verdict: str | None
    """Against the first run, None in the first."""


@dataclass(frozen=True, kw_only=True)
class SeriesCase:
    """A case over the runs that have it."""

    id: str
    group: str
    label: str
    points: tuple[SeriesPoint, ...]


@dataclass(frozen=True, kw_only=True)
class Series(Shown):
    """Runs in the order in which they were given, and the last of them against the first."""

    schema_version: int = SCHEMA_VERSION
    kind: Literal["series"] = "series"
    runs: tuple[str, ...]
    cases: tuple[SeriesCase, ...]
    """The cases of the last run."""
    comparison: Comparison


def make_series(
    runs: Sequence[tuple[str, Results]], min_effect: float = 0.02, lenient: bool = False
) -> Series:
    """Return the series of named runs, two or more.

    Raises
    ------
    BenchError
        A run comes from another machine than the first and `lenient` is False, or the two have no
        case in common.
    """
    _, first = runs[0]
    compared = [compare(first, results, min_effect, lenient) for _, results in runs[1:]]
    verdicts = [{row.id: row.verdict for row in found.rows} for found in compared]
    _, last = runs[-1]
    return Series(
        runs=tuple(name for name, _ in runs),
        cases=tuple(
            SeriesCase(
                id=row.id,
                group=row.group,
                label=row.label,
                points=tuple(_points(row.id, [results for _, results in runs], verdicts)),
            )
            for row in last.rows
        ),
        comparison=compared[-1],
    )


def run_names(paths: Sequence[Path]) -> list[str]:
    """Return a short name for each file, whole paths where these would be alike.

    >>> run_names([Path("a/monday.json"), Path("a/tuesday.json")])
    ['monday', 'tuesday']
    """
    stems = [path.stem for path in paths]
    return stems if len(set(stems)) == len(stems) else [str(path) for path in paths]


def _points(
    name: str, runs: Sequence[Results], verdicts: Sequence[dict[str, str]]
) -> list[SeriesPoint]:
    found = []
    for place, results in enumerate(runs):
        row = next((row for row in results.rows if row.id == name), None)
        if row is None or row.median_s is None:
            continue
        found.append(
            SeriesPoint(
                run=place,
                median_s=row.median_s,
                interval_s=row.interval_s,
                verdict=verdicts[place - 1].get(name) if place else None,
            )
        )
    return found
