"""A run that was recorded once, and runs made of it: slower ones, and such with many rows."""

from dataclasses import replace
from functools import cache
from pathlib import Path

from onnxwright.bench.results.document import Results, Row
from onnxwright.bench.results.measured import Process
from onnxwright.bench.results.rows import concluded
from onnxwright.bench.results.store import read_results

PATH = Path(__file__).parents[2] / "data" / "reports" / "run.json"


@cache
def recorded() -> Results:
    """Return three nets on three runtimes at two sizes, under load, one of them wrong."""
    return read_results(PATH)


def slower(results: Results, label: str, times: float) -> Results:
    """Return the run as if a runtime had taken so many times as long."""
    names = {row.id for row in results.rows if row.label == label}
    return replace(
        results,
        rows=tuple(_row(row, times) if row.id in names else row for row in results.rows),
        processes=tuple(
            _process(each, times) if each.case in names else each for each in results.processes
        ),
    )


def many(count: int) -> Results:
    """Return a run of so many rows: the recorded ones again and again, as other models."""
    base = recorded()
    copies = -(-count // len(base.rows))
    parts = [_renamed(base, f"-{copy}") for copy in range(copies)]
    whole = replace(
        base,
        rows=tuple(row for part in parts for row in part.rows)[:count],
        processes=tuple(process for part in parts for process in part.processes),
        counts={group: found for part in parts for group, found in part.counts.items()},
        floors={group: floor for part in parts for group, floor in part.floors.items()},
        conclusions=(),
    )
    return concluded(whole)


def _renamed(results: Results, ending: str) -> Results:
    groups = {
        row.group: row.group.replace(row.model, row.model + ending, 1) for row in results.rows
    }
    return replace(
        results,
        rows=tuple(
            replace(
                row,
                id=row.id + ending,
                model=row.model + ending,
                group=groups[row.group],
            )
            for row in results.rows
        ),
        processes=tuple(
            replace(process, case=process.case + ending) for process in results.processes
        ),
        counts={groups[group]: found for group, found in results.counts.items() if group in groups},
        floors={groups[group]: floor for group, floor in results.floors.items()},
    )


def _row(row: Row, times: float) -> Row:
    low, high = row.interval_s or (0.0, 0.0)
    return replace(
        row,
        median_s=row.median_s and row.median_s * times,
        interval_s=(low * times, high * times) if row.interval_s else None,
    )


def _process(process: Process, times: float) -> Process:
    if process.result is None:
        return process
    steady = process.result.steady_run
    slow = replace(steady, median_s=steady.median_s * times)
    return replace(process, result=replace(process.result, steady_run=slow))
