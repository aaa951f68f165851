"""Time the NumPy runtime beside onnx.reference and onnxruntime's CPU provider, one thread each.

    python tools/evidence/interpreter.py [--quick] [--only LSTM] [--json FILE] [--clock cpu]

Rounds are interleaved, so that whatever else the machine does meets all three alike; a figure is
the median over the rounds. The shares say where the NumPy runtime's time goes: they come from a
run with NumPy's functions wrapped by a clock ("rest" is copies, gathering and Python itself).
"""

import argparse
import json
import math
import statistics
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
import threadpoolctl
from interpreter_cases import CASES, Case
from onnx.reference import ReferenceEvaluator

from onnxwright import runtime

KINDS = {
    "matrix products": ("dot", "matmul"),
    "tanh": ("tanh",),
    "elementwise": ("add", "multiply", "subtract", "maximum", "divide"),
}
CLOCKS = {"wall": time.perf_counter, "cpu": time.thread_time}


@dataclass(frozen=True)
class Row:
    """Medians in seconds, and what share of the NumPy runtime's time each kind of work takes."""

    case: str
    numpy: float
    reference: float
    onnxruntime: float
    shares: dict[str, float]
    error: float
    """The greatest difference to onnxruntime, as a share of its greatest value."""


def runners(case: Case) -> dict[str, Callable[[], Any]]:
    """Return one function per runtime that runs the case once."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 3
    session = onnxruntime.InferenceSession(
        case.model.SerializeToString(), options, providers=["CPUExecutionProvider"]
    )
    own, reference = runtime.load(case.model, on="numpy"), ReferenceEvaluator(case.model)
    return {
        "numpy": lambda: list(own.run(case.feeds).values()),
        "onnxruntime": lambda: session.run(None, case.feeds),
        "reference": lambda: reference.run(None, case.feeds),
    }


def timed(run: Callable[[], Any], clock: Callable[[], float], least: float) -> float:
    """Return the seconds of one call, averaged over as many as take `least` seconds."""
    count, start = 0, clock()
    while (spent := clock() - start) < least or not count:
        run()
        count += 1
    return spent / count if count else math.nan


def measure(case: Case, rounds: int, clock: Callable[[], float]) -> Row:
    """Time one case on all three runtimes, round by round."""
    run = runners(case)
    ours, theirs = run["numpy"]()[0], run["onnxruntime"]()[0]
    samples: dict[str, list[float]] = {name: [] for name in run}
    for _ in range(rounds):
        for name, function in run.items():
            if name == "reference" and len(samples[name]) >= 3:
                continue  # it may take seconds, and its ratio is far from any limit
            samples[name].append(timed(function, clock, 0.02))
    medians = {name: statistics.median(times) for name, times in samples.items()}
    error = float(abs(ours - theirs).max() / abs(theirs).max())
    return Row(case.name, **medians, shares=shares(run["numpy"]), error=error)


def shares(run: Callable[[], Any]) -> dict[str, float]:
    """Return which share of a run, the least disturbed of 15, each kind of function takes."""
    best, least = Counter[str](), math.inf
    for _ in range(15):
        spent: Counter[str] = Counter()
        with clocked(spent):
            start = time.perf_counter()
            run()
            total = time.perf_counter() - start
        if total < least:
            best, least = spent, total
    found = {kind: sum(best[name] for name in names) / least for kind, names in KINDS.items()}
    return found | {"rest": max(0.0, 1 - sum(found.values()))}


class Clocked:
    """A NumPy function that notes the time it takes; all else of it (``reduce``) is unchanged."""

    def __init__(self, function: Any, name: str, spent: Counter[str]) -> None:
        self.function, self.name, self.spent = function, name, spent

    def __call__(self, *arguments: Any, **keywords: Any) -> Any:
        """Call the function."""
        start = time.perf_counter()
        result = self.function(*arguments, **keywords)
        self.spent[self.name] += time.perf_counter() - start
        return result

    def __getattr__(self, name: str) -> Any:
        """Return what the function itself has."""
        return getattr(self.function, name)


@contextmanager
def clocked(spent: Counter[str]) -> Iterator[None]:
    """Wrap NumPy's functions by a clock; those that a kernel bound before are not seen."""
    originals = {name: getattr(np, name) for names in KINDS.values() for name in names}
    try:
        for name, function in originals.items():
            setattr(np, name, Clocked(function, name, spent))
        yield
    finally:
        for name, function in originals.items():
            setattr(np, name, function)


def text(rows: list[Row]) -> str:
    """Return the rows as a Markdown table."""
    lines = [
        "| case | NumPy runtime | onnxruntime | onnx.reference | / onnxruntime | reference / "
        "| limited by |",
        "|---|---:|---:|---:|---:|---:|---|",
    ]
    for row in rows:
        limits = sorted(row.shares.items(), key=lambda item: -item[1])
        why = ", ".join(f"{kind} {share:.0%}" for kind, share in limits if share >= 0.15)
        lines.append(
            f"| {row.case} | {1e6 * row.numpy:,.0f} | {1e6 * row.onnxruntime:,.0f} "
            f"| {1e6 * row.reference:,.0f} | {row.numpy / row.onnxruntime:.2f} "
            f"| {row.reference / row.numpy:.1f} | {why} |"
        )
    return "\n".join(lines)


def summary(rows: list[Row]) -> str:
    """Return the geometric means; the chained Adds are left out of the second."""
    faster = statistics.geometric_mean([row.reference / row.numpy for row in rows])
    work = [row for row in rows if "Adds" not in row.case]
    ratios = [row.numpy / row.onnxruntime for row in work]
    lines = [f"onnx.reference takes {faster:.1f} times as long (geometric mean)"]
    if work:
        lines.append(
            f"onnxruntime is {statistics.geometric_mean(ratios):.2f} times as fast (geometric mean "
            f"without the Adds), {max(ratios):.2f} times at most"
        )
    lines += [f"a node costs {row.numpy * 1e3:.2f} us" for row in rows if "1000" in row.case]
    return "\n".join(lines)


def main() -> None:
    """Read the arguments, time the cases, print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--quick", action="store_true", help="fewer rounds")
    parser.add_argument("--only", default="", help="only cases whose name contains this")
    parser.add_argument("--clock", choices=sorted(CLOCKS), default="wall")
    parser.add_argument("--json", type=Path, help="write the rows to this file, too")
    arguments = parser.parse_args()
    rounds, rows = 5 if arguments.quick else 31, []
    with threadpoolctl.threadpool_limits(1):
        for make in CASES:
            case = make()
            if arguments.only.lower() in case.name.lower():
                rows.append(measure(case, rounds, CLOCKS[arguments.clock]))
    print(f"Microseconds, medians of {rounds} interleaved rounds, one thread each.\n")
    print(text(rows))
    print(f"\n{summary(rows)}")
    if arguments.json:
        arguments.json.write_text(json.dumps([asdict(row) for row in rows], indent=1) + "\n")


if __name__ == "__main__":
    main()
