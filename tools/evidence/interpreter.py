"""Time the NumPy runtime beside onnx.reference and onnxruntime's CPU provider, one thread each.

    python -m tools.evidence.interpreter [--quick] [--only LSTM OCR] [--json FILE] [--clock cpu]

Rounds are interleaved, so that whatever else the machine does meets all three alike; a figure is
the median over the rounds. The shares say where the NumPy runtime's time goes: they come from a
run with NumPy's functions wrapped by a clock ("rest" is copies, gathering and Python itself).
Where onnx.reference cannot run a model, or gives something else, its column says so.
"""

import argparse
import json
import math
import statistics
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
import threadpoolctl
from onnx.reference import ReferenceEvaluator

from onnxwright import runtime
from onnxwright.runtime.interpreter.coverage import coverage

from .interpreter_cases import CASES, LAYERS, Case
from .interpreter_table import Row, processor, summary, text

KINDS = {
    "matrix products": ("dot", "matmul"),
    "tanh": ("tanh",),
    "elementwise": ("add", "multiply", "subtract", "maximum", "divide"),
}
TOLERANCE = 1e-3
"""A greater difference of onnx.reference is called wrong."""
CLOCKS = {"wall": time.perf_counter, "cpu": time.thread_time}


def runners(case: Case) -> dict[str, Callable[[], Any]]:
    """Return one function per runtime that runs the case once."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 3
    session = onnxruntime.InferenceSession(
        case.model.SerializeToString(), options, providers=["CPUExecutionProvider"]
    )
    own = runtime.load(case.model, on="numpy")
    return {
        "numpy": lambda: list(own.run(case.feeds).values()),
        "onnxruntime": lambda: session.run(None, case.feeds),
    }


def reference(case: Case, right: Any) -> tuple[dict[str, Callable[[], Any]], str]:
    """Return onnx.reference's function, if it runs the case at all, and what is wrong with it."""
    try:
        evaluator = ReferenceEvaluator(case.model)
        given: Any = next(iter(evaluator.run(None, case.feeds)))
    except Exception as error:  # whatever it raises, it cannot run the model
        return {}, f"onnx.reference fails ({type(error).__name__})"
    wrong = given.shape != right.shape or difference(given, right) > TOLERANCE
    said = "onnx.reference is wrong" if wrong else ""
    return {"reference": lambda: evaluator.run(None, case.feeds)}, said


def difference(given: Any, right: Any) -> float:
    """Return the greatest difference as a share of the greatest value."""
    return float(abs(given - right).max() / abs(right).max())


def borrowed(case: Case) -> str:
    """Say which of the case's kernels are onnx.reference's."""
    names = {record.node.op_type for record in coverage(case.model) if record.source == "fallback"}
    return f"borrowed: {', '.join(sorted(names))}" if names else ""


def timed(run: Callable[[], Any], clock: Callable[[], float], least: float) -> float:
    """Return the seconds of one call, averaged over as many as take `least` seconds."""
    count, start = 0, clock()
    while (spent := clock() - start) < least or not count:
        run()
        count += 1
    return spent / count if count else math.nan


def measure(case: Case, rounds: int, clock: Callable[[], float], *, net: bool) -> Row:
    """Time one case on all three runtimes, round by round."""
    run = runners(case)
    ours, theirs = run["numpy"]()[0], run["onnxruntime"]()[0]
    third, said = reference(case, theirs)
    run |= third
    samples: dict[str, list[float]] = {name: [] for name in run}
    for _ in range(rounds):
        for name, function in run.items():
            if name == "reference" and len(samples[name]) >= 3:
                continue  # it may take seconds, and its ratio is far from any limit
            samples[name].append(timed(function, clock, 0.02))
    medians = {name: statistics.median(times) for name, times in samples.items()}
    note = "; ".join(filter(None, (said, borrowed(case))))
    return Row(
        case.name,
        net,
        medians["numpy"],
        medians.get("reference"),
        medians["onnxruntime"],
        shares(run["numpy"]),
        difference(ours, theirs),
        note,
    )


def shares(run: Callable[[], Any]) -> dict[str, float]:
    """Return which share of a run, the least disturbed of 15, each kind of function takes."""
    best: dict[str, float] = defaultdict(float)
    least = math.inf
    for _ in range(15):
        spent: dict[str, float] = defaultdict(float)
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

    def __init__(self, function: Any, name: str, spent: dict[str, float]) -> None:
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
def clocked(spent: dict[str, float]) -> Iterator[None]:
    """Wrap NumPy's functions by a clock; those that a kernel bound before are not seen."""
    originals = {name: getattr(np, name) for names in KINDS.values() for name in names}
    try:
        for name, function in originals.items():
            setattr(np, name, Clocked(function, name, spent))
        yield
    finally:
        for name, function in originals.items():
            setattr(np, name, function)


def main() -> None:
    """Read the arguments, time the cases, print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--quick", action="store_true", help="fewer rounds")
    parser.add_argument(
        "--only", nargs="+", default=[""], help="only cases whose name contains one of these"
    )
    parser.add_argument("--clock", choices=sorted(CLOCKS), default="wall")
    parser.add_argument("--json", type=Path, help="write the rows to this file, too")
    arguments = parser.parse_args()
    rounds, rows = 5 if arguments.quick else 31, []
    with threadpoolctl.threadpool_limits(1):
        for make in CASES:
            case, net = make(), make not in LAYERS
            if any(part.lower() in case.name.lower() for part in arguments.only):
                rows.append(measure(case, rounds, CLOCKS[arguments.clock], net=net))
    if not rows:
        parser.error(f"no case has one of {arguments.only} in its name")
    print(
        f"Microseconds, medians of {rounds} interleaved rounds, one thread each, on {processor()}."
    )
    print(f"\n{text(rows)}\n\n{summary(rows)}")
    if arguments.json:
        arguments.json.write_text(json.dumps([asdict(row) for row in rows], indent=1) + "\n")


if __name__ == "__main__":
    main()
