"""Does the benchmark tell the truth? Run it on cases whose answer is known.

Each trial is one run of ``onnxwright bench`` at its default settings over four cases of one
model, a chain of Tanh nodes, on onnxruntime's CPU provider with one thread: the baseline, the
same again twice (two A/A comparisons), and a chain with 5 % more nodes (an artificial slow-down
of 5 %). Passes when at most 5 % of the A/A comparisons are called faster or slower, and at least
95 % of the slow-downs are called slower.

    python -m tools.evidence.bench_honesty [--trials 20] [--json FILE]
"""

import argparse
import itertools
import json
import sys
import tempfile
import time
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import onnx
from rich.console import Console

from onnxwright.bench.codec import encode
from onnxwright.bench.measure.launch import Ending, WorkerLimits, launch
from onnxwright.bench.measure.machine import machine
from onnxwright.bench.measure.matrix import RunContext, header, run_matrix
from onnxwright.bench.measure.wire import Answer, Request
from onnxwright.bench.plan.cases import Subject, make_plan
from onnxwright.bench.plan.preparation import feeds_writer, write_empty_model
from onnxwright.bench.plan.settings import Settings
from onnxwright.bench.results.document import Results
from onnxwright.bench.results.measured import Errors
from onnxwright.bench.results.rows import summarize
from onnxwright.bench.results.store import Journal

NODES, SLOWER_NODES = 40, 42
WIDTH = 16384
"""Elements of each node's tensor: 64 KiB, so that the arithmetic decides and not the memory."""


class Unjudged:
    """Accuracy is not the question here."""

    def errors(self, *_: Any) -> Errors:
        """Return that every output is right."""
        return Errors(passed=True)


def write_chain(path: Path, nodes: int) -> None:
    """Write a model of `nodes` Tanh nodes, one after the other, over float32 [1, WIDTH]."""
    names = [f"v{index}" for index in range(nodes + 1)]
    graph = onnx.helper.make_graph(
        [onnx.helper.make_node("Tanh", [a], [b]) for a, b in itertools.pairwise(names)],
        "chain",
        [onnx.helper.make_tensor_value_info(names[0], onnx.TensorProto.FLOAT, [1, WIDTH])],
        [onnx.helper.make_tensor_value_info(names[-1], onnx.TensorProto.FLOAT, [1, WIDTH])],
    )
    opset = onnx.helper.make_opsetid("", 17)
    onnx.save(onnx.helper.make_model(graph, opset_imports=[opset], ir_version=8), path)


def run_trial(seed: int, folder: Path) -> Results:
    """Run one benchmark and return the results document."""
    write_chain(folder / "chain.onnx", NODES)
    write_chain(folder / "slower.onnx", SLOWER_NODES)
    slow = folder / "python-slow"
    slow.symlink_to(sys.executable)  # tells the slow case apart where processes are started
    # The link itself would not find its environment's packages: the real interpreter is started.
    environments = {"same": sys.executable, "slow": str(slow)}

    def launcher(python: str, request: Request, limits: WorkerLimits) -> Ending[Answer]:
        if python == str(slow):
            request = replace(request, model=str(folder / "slower.onnx"))
        return launch(sys.executable, request, limits)

    settings = Settings(
        on=("cpu", "cpu@same", "cpu@slow"),
        axes={"threads": ("1",)},
        environments=environments,
        seed=seed,
    )
    groups = make_plan(settings, [Subject("chain", folder / "chain.onnx", ())])
    write_empty_model(folder)
    journal = Journal(folder / "run.jsonl", header(groups, settings, machine(), {}))
    context = RunContext(folder, feeds_writer(settings, folder), Unjudged(), launcher)
    run_matrix(groups, settings, journal, context)
    return summarize(journal.header, journal.entries)


def verdicts(results: Results) -> dict[str, Any]:
    """Return the verdicts of one trial, before the noise floor may overrule them."""
    rows = {row.label: row for row in results.rows}
    same, slow = (rows[f"cpu@{name} threads=1"].versus for name in ("same", "slow"))
    if same is None or slow is None:
        raise ValueError("the baseline has nothing to be compared with")
    return {
        "same": [results.floors["chain"].verdict, same.speed_alone],
        "slow": slow.verdict,
        "slow_ratio": [slow.low, slow.ratio, slow.high],
        "rounds": rows["cpu threads=1"].processes,
        "flags": rows["cpu threads=1"].flags,
    }


def main() -> None:
    """Run the trials and exit with 1 where the benchmark is not honest or not sharp enough."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--trials", type=int, default=20)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    console, trials = Console(stderr=True), []
    for seed in range(options.trials):
        start = time.monotonic()
        with tempfile.TemporaryDirectory() as name:
            trials.append(verdicts(run_trial(seed, Path(name))))
        taken = time.monotonic() - start
        console.print(f"{seed + 1}: {trials[-1]} {taken:.0f} s", markup=False, highlight=False)
        if options.json:
            options.json.write_text(
                json.dumps({"machine": encode(machine()), "trials": trials}, indent=1)
            )
    same = Counter(verdict for trial in trials for verdict in trial["same"])
    slow = Counter(trial["slow"] for trial in trials)
    wrong = (same["faster"] + same["slower"]) / same.total()
    print(f"A/A: {same.total()} comparisons, {dict(same)}: {wrong:.1%} wrong, 5 % allowed")
    print(f"5 % slower: {dict(slow)}: {slow['slower'] / slow.total():.0%} found, 95 % asked")
    sys.exit(0 if wrong <= 0.05 and slow["slower"] / slow.total() >= 0.95 else 1)


if __name__ == "__main__":
    main()
