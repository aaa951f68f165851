"""Compare what lint says with what engines do, over many models of one node.

    python -m tools.evidence.survey_targets cpu openvino=VENV/bin/python

Where check_targets.py asks whether a rule still holds, this asks which rule is missing: a line is
printed for every model on which the engine's answer is not the one that lint foretells.
"""

import argparse
import itertools
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from onnxwright.graphs.targets import Severity, lint
from tests.graphs.targets.examples import example

from .check_targets import Answer, answer, in_company

Spec = dict[str, Any]
FORETOLD = {
    Severity.WRONG: "wrong",
    Severity.UNSUPPORTED: "refused",
    Severity.FALLBACK: "falls back",
}
ACTIVATIONS = {
    "RNN": [["Sigmoid"], ["Relu"], ["Softsign"], ["Affine"]],
    "GRU": [["Sigmoid", "Sigmoid"], ["Sigmoid", "Relu"], ["HardSigmoid", "Tanh"]],
    "LSTM": [["Sigmoid", "Tanh", "Relu"], ["Sigmoid", "Softsign", "Tanh"], ["HardSigmoid"] * 3],
}
STATES = {"RNN": ["initial_h"], "GRU": ["initial_h"], "LSTM": ["initial_h", "initial_c"]}


def main() -> None:
    """Survey the engines named on the command line; exit with 1 where lint is mistaken."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("engines", nargs="+", metavar="TARGET[=WHERE]")
    parser.add_argument("--all", action="store_true", help="print agreements, too")
    arguments = parser.parse_args()
    mistaken = 0
    for engine in arguments.engines:
        name, _, where = engine.partition("=")
        rows = list(surveyed(name, where or sys.executable))
        wrong = [row for row in rows if row[1] != row[2].outcome]
        for spec, said, told in rows if arguments.all else wrong:
            print(f"{name:9} lint: {said:10} engine: {told.outcome:10} {spec} {told.detail}")
        print(f"{name}: lint and engine agree on {len(rows) - len(wrong)} of {len(rows)}")
        mistaken += len(wrong)
    sys.exit(mistaken > 0)


def surveyed(name: str, where: str) -> Iterator[tuple[Spec, str, Answer]]:
    """Yield each model with what lint foretells and what the engine does."""
    bfloat16 = name in ("cpu", "webgpu")  # the other probes' NumPy does not know the type
    specs = [spec for spec in survey() if bfloat16 or spec.get("dtype") != "bfloat16"]
    specs = [{**(in_company(name) if spec["op"] in STATES else {}), **spec} for spec in specs]
    with ThreadPoolExecutor(2) as pool:
        answers = pool.map(lambda spec: _answer(name, where, spec), specs)
        for spec, told in zip(specs, answers, strict=True):
            yield spec, foretold(name, spec), told


def _answer(name: str, where: str, spec: Spec) -> Answer:
    try:
        return answer(name, where, spec)
    except Exception as error:  # the reference may refuse a model; the survey goes on
        return Answer(f"no reference: {str(error)[:80]}")


def foretold(name: str, spec: Spec) -> str:
    """Return the outcome that the worst finding stands for."""
    verdicts = [finding.severity for finding in lint(example(spec), name)]
    if Severity.UNSUPPORTED in verdicts:
        return "refused"  # what does not run cannot be wrong in silence
    worst = max(verdicts, key=lambda verdict: verdict.rank, default=Severity.UNKNOWN)
    return FORETOLD.get(worst, "right")


def survey() -> Iterator[Spec]:
    """Yield the models: every option of the recurrent operators by itself, then the others."""
    for op in ("RNN", "GRU", "LSTM"):
        yield from ({"op": op, **option} for option in recurrent_options(op))
    for op, opset in itertools.product(("Conv", "MaxPool", "AveragePool"), (17, 21, 22, 25)):
        yield from ({"op": op, "opset": opset, "spatial": rank} for rank in (1, 2, 3))
    for op in ("Scan", "Loop", "If", "Gemm", "InstanceNormalization", "Selu"):
        yield from ({"op": op, "opset": opset} for opset in (13, 17, 21, 22, 25))
    yield from ({"op": "Gemm", "dtype": dtype} for dtype in ("double", "float16"))
    yield {"op": "Gemm", "inputs": ["computed w"]}
    yield {"op": "ConstantOfShape", "open": True}
    yield {"op": "Conv", "inputs": ["computed w"]}
    yield {"op": "MaxPool", "outputs": ["Indices"]}
    yield from ({"op": "Conv", "channels": [n, 8]} for n in (4, 5, 6, 7, 9, 12, 18))
    yield {"op": "LSTM", "behind": False}
    yield from ({"op": "Relu", "ir": ir} for ir in (8, 10, 13, 14))


def recurrent_options(op: str) -> Iterator[Spec]:
    """Yield one option at a time, and the pairs that engines are known to trip over."""
    states = STATES[op]
    yield from ({"opset": opset} for opset in (13, 17, 21, 22))
    yield from ({"attributes": {"direction": d}} for d in ("reverse", "bidirectional"))
    for is_open in (False, True):
        yield {"open": is_open, "inputs": states}
        yield {"open": is_open, "inputs": ["sequence_lens"]}
        yield {"open": is_open, "inputs": ["sequence_lens", *states]}
    yield {"open": True}
    yield from (
        {"outputs": ["Y_h"], "attributes": {"direction": direction}}
        for direction in ("forward", "reverse", "bidirectional")
    )
    yield from ({"attributes": {"activations": names}} for names in ACTIVATIONS[op])
    yield {"attributes": {"clip": 0.1}, "inputs": states}
    yield {"attributes": {"layout": 1}}
    yield {"without": ["hidden_size"]}
    yield from ({"dtype": dtype} for dtype in ("double", "float16"))
    yield {"dtype": "bfloat16", "opset": 22}
    if op == "GRU":
        yield {"attributes": {"linear_before_reset": 1}}
        yield {"attributes": {"linear_before_reset": 1}, "open": True, "inputs": states}
    if op == "LSTM":
        yield {"inputs": ["P"]}
        yield {"inputs": ["P", *states], "open": True}
        yield {"attributes": {"input_forget": 1}}


if __name__ == "__main__":
    main()
