"""Compare two sets of results from separate sessions; unlike machines are refused."""

from dataclasses import replace

from ..errors import BenchError
from ..stats import independent_ratio, judge
from .comparison import ComparedRow, Comparison
from .document import Results, Row
from .machine import differences
from .rows import final_verdict

FEWEST = 3
"""Processes that a side needs for a ratio."""


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
    unlike = differences(base.machine, new.machine)
    if unlike and not lenient:
        raise BenchError(
            f"the results come from unlike machines: {'; '.join(unlike)}",
            "measure both on one machine, or say --lenient to compare all the same",
        )
    olds = {row.id: row for row in base.rows}
    news = {row.id: row for row in new.rows}
    shared = [name for name in news if name in olds]
    if not shared:
        raise BenchError(
            f"no case is in both results: {len(olds)} there, {len(news)} here",
            "measure the same models on the same runtimes with the same axes",
        )
    return Comparison(
        min_effect=min_effect,
        differs=(*unlike, *_other_differences(base, new)),
        missing=tuple(name for name in olds if name not in news),
        added=tuple(name for name in news if name not in olds),
        rows=tuple(_compared(base, new, olds[name], news[name], min_effect) for name in shared),
    )


def exit_code(comparison: Comparison, inconclusive_fails: bool = False) -> int:
    """Return 1 where a case is slower, failed or inaccurate, 3 if asked and unclear, else 0."""
    verdicts = {row.verdict for row in comparison.rows}
    if verdicts & {"slower", "inaccurate", "failed"}:
        return 1
    return 3 if inconclusive_fails and "inconclusive" in verdicts else 0


def _compared(base: Results, new: Results, old: Row, row: Row, min_effect: float) -> ComparedRow:
    told = ComparedRow(
        id=row.id,
        group=row.group,
        label=row.label,
        base_median_s=old.median_s,
        new_median_s=row.median_s,
        verdict="inconclusive",
    )
    if row.status != "ok":
        worse = "failed" if old.status == "ok" else "failed before too"
        return replace(told, verdict=worse, note=row.message)
    theirs, mine = _medians(base, row.id), _medians(new, row.id)
    if min(len(theirs), len(mine)) < FEWEST:
        return replace(told, note=f"fewer than {FEWEST} processes on a side")
    ratio = independent_ratio(mine, theirs)
    floors = [each.floors.get(row.group) for each in (base, new)]
    noisy = next((floor for floor in floors if floor and not floor.honest), None)
    return replace(
        told,
        verdict=final_verdict(judge(ratio, min_effect), row.accuracy, noisy),
        ratio=ratio.value,
        low=ratio.low,
        high=ratio.high,
        pairs=ratio.pairs,
    )


def _medians(results: Results, name: str) -> list[float]:
    return [
        process.result.steady_run.median_s
        for process in results.processes
        if process.case == name and process.status == "ok" and process.result is not None
    ]


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
