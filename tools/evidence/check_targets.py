"""Hold the targets' rules against the engines that are installed.

    python -m tools.evidence.check_targets cpu openvino=VENV/bin/python web=FOLDER

Each rule names two models of one node: one that breaks it and one that does not. Both run in a
process of their own (an engine may abort) and are compared with NumPy in float64. An engine is
given as ``target=python`` with the interpreter that has it, or ``web=folder`` with the folder in
which ``npm i onnxruntime-web`` ran. Without ``=``, this interpreter is used.

A probe (in ``probes/``) is called as ``probe model feeds outputs names ...``: it reads the model
and the feeds, runs them as A, B and A again (some engines are right only once), writes the outputs
of all three runs and prints the engine's name and version. A probe that fails says that the engine
refuses the model. The feeds B are A's in reverse order.

OpenVINO: ``pip install openvino onnx``; tract: ``pip install tract onnx numpy``; OpenCV: ``pip
install opencv-python-headless``; WebGPU: ``pip install onnxruntime onnxruntime-ep-webgpu``, and on
a machine without a GPU a software Vulkan driver: SwiftShader comes with Debian's chromium, needs
libvulkan1, ``VK_ICD_FILENAMES=/usr/lib/chromium/vk_swiftshader_icd.json`` and
``ORT_WEBGPU_EP_ALLOW_SOFTWARE_ADAPTER=1``.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray

from onnxwright import runtime
from onnxwright.graphs.targets import Rule, Severity, choose
from tests.graphs.targets.examples import example, example_feeds

PROBES = Path(__file__).parent / "probes"
TOLERANCES = {"double": 1e-10, "float16": 1e-2, "bfloat16": 1e-1}
TOLERANCE = 2e-5
SECONDS = 120
Arrays = Mapping[str, NDArray[Any]]
PROVIDERS = {
    "cpu": "CPUExecutionProvider",
    "webgpu": "WebGpuExecutionProvider",
    "openvino-ep": "OpenVINOExecutionProvider",
}
SCRIPTS = {"openvino": "openvino_probe.py", "tract": "tract_probe.py", "opencv": "opencv_probe.py"}


@dataclass(frozen=True)
class Answer:
    """What an engine did with one model."""

    outcome: str
    """"right", "wrong", "refused" or "falls back"."""
    engine: str = ""
    detail: str = ""


@dataclass(frozen=True)
class Held:
    """One rule held against one engine."""

    target: str
    rule: str
    severity: str
    trigger: str
    near: str
    holds: bool | None
    """None where the severity is not one that running a model can show."""
    engine: str
    detail: str


def main() -> None:
    """Check the targets named on the command line; exit with 1 where a rule does not hold."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("engines", nargs="+", metavar="TARGET[=WHERE]")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--rule", help="only the rule of this id")
    arguments = parser.parse_args()
    rows = []
    for engine in arguments.engines:
        name, _, where = engine.partition("=")
        for row in held(name, where or sys.executable, arguments.rule):
            rows.append(row)
            if not arguments.json:
                print(line(row), flush=True)
    if arguments.json:
        print(json.dumps([asdict(row) for row in rows], indent=2))
    sys.exit(any(row.holds is False for row in rows))


def held(name: str, where: str, only: str | None) -> Iterator[Held]:
    """Yield what the engine makes of each of the target's rules."""
    for rule in choose(name).rules:
        if only in (None, rule.id):
            default = {"op": rule.ops[0], **in_company(name)} if rule.ops else {}
            if rule.id == "openvino-ep-lone-lstm":
                default["behind"] = False
            trigger = answer(name, where, {**default, **rule.trigger})
            near = answer(name, where, {**default, **rule.near})
            engine = near.engine or trigger.engine
            verdict = agrees(rule, trigger, near)
            detail = trigger.detail or near.detail
            yield Held(
                name, rule.id, rule.severity, trigger.outcome, near.outcome, verdict, engine, detail
            )


def in_company(name: str) -> dict[str, Any]:
    """Return what an example needs to be taken: the OpenVINO provider leaves a lone LSTM."""
    return {"behind": True} if name == "openvino-ep" else {}


def agrees(rule: Rule, trigger: Answer, near: Answer) -> bool | None:
    """Say whether the trigger fares as the rule says and the near model runs right."""
    wanted = {
        Severity.WRONG: "wrong",
        Severity.UNSUPPORTED: "refused",
        Severity.FALLBACK: "falls back",
    }.get(rule.severity)
    return None if wanted is None else trigger.outcome == wanted and near.outcome == "right"


def line(row: Held) -> str:
    """Return a row as a line of text."""
    word = {True: "holds", False: "FAILS", None: "-"}[row.holds]
    return (
        f"{word:6} {row.target:9} {row.rule:32} {row.severity:18} trigger {row.trigger:10} "
        f"near {row.near:10} {row.engine}  {row.detail[:90]}"
    )


def answer(name: str, where: str, spec: Mapping[str, Any]) -> Answer:
    """Run the example's model on the engine, strictly first where a provider may fall back."""
    model, feeds = example(spec), example_feeds(spec)
    tolerance = TOLERANCES.get(spec.get("dtype", ""), TOLERANCE)
    judge = runtime.load(model, on="numpy:float64")
    others = {feed: np.flip(array).copy() for feed, array in feeds.items()}
    reference = three_runs(judge.run(feeds), judge.run(others))
    feeds = {f"a/{feed}": array for feed, array in feeds.items()} | {
        f"b/{feed}": array for feed, array in others.items()
    }
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.onnx"
        onnx.save(model, path)
        strict = ran(name, where, path, feeds, reference, tolerance, strict=True)
        if strict.outcome != "refused" or name not in ("webgpu", "openvino-ep"):
            return strict
        loose = ran(name, where, path, feeds, reference, tolerance, strict=False)
        return Answer("falls back", loose.engine) if loose.outcome == "right" else loose


def three_runs(first: Arrays, second: Arrays) -> dict[str, NDArray[Any]]:
    """Return what the runs A, B and A must give, named as the probes name them."""
    return {
        f"{number}/{name}": array
        for number, outputs in enumerate((first, second, first))
        for name, array in outputs.items()
    }


def ran(
    name: str,
    where: str,
    path: Path,
    feeds: Arrays,
    reference: Arrays,
    tolerance: float,
    *,
    strict: bool,
) -> Answer:
    """Call the probe once and judge what it wrote."""
    web = name == "web"
    names = [output.removeprefix("0/") for output in reference if output.startswith("0/")]
    suffix = "json" if web else "npz"
    feed_file, got_file = path.with_name(f"feeds.{suffix}"), path.with_name(f"got.{suffix}")
    write_feeds(feed_file, feeds)
    script = "web_probe.mjs" if web else SCRIPTS.get(name, "onnxruntime_probe.py")
    command = ["node" if web else where, str(PROBES / script), str(path)]
    command += [str(feed_file), str(got_file), ",".join(names)]
    command += [where] if web else [PROVIDERS.get(name, ""), "strict" if strict else "loose"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS, env=os.environ)
    if done.returncode:
        last = [text for text in done.stderr.strip().splitlines() if text.strip()] or [""]
        word = "aborts: " if done.returncode < 0 else ""
        return Answer("refused", detail=word + last[-1])
    error = worst(read_outputs(got_file), reference)
    outcome = "right" if error < tolerance else "wrong"
    detail = "" if outcome == "right" else f"largest error {error:.2g}"
    return Answer(outcome, done.stdout.strip().splitlines()[-1], detail)


def write_feeds(path: Path, feeds: Arrays) -> None:
    """Write feeds as an .npz, or as JSON for Node."""
    if path.suffix == ".npz":
        np.savez(path, **dict[str, Any](feeds))
        return
    entries = {
        name: {"type": a.dtype.name, "dims": a.shape, "data": plain(a).ravel().tolist()}
        for name, a in feeds.items()
    }
    path.write_text(json.dumps(entries))


def plain(array: NDArray[Any]) -> NDArray[Any]:
    """Return float16 as its bits, which is how JavaScript keeps it."""
    return array.view(np.uint16) if array.dtype == np.float16 else array


def read_outputs(path: Path) -> dict[str, NDArray[Any]]:
    """Read what a probe wrote."""
    if path.suffix == ".npz":
        return dict(np.load(path))
    written = json.loads(path.read_text())
    return {name: from_json(entry) for name, entry in written.items()}


def from_json(entry: Mapping[str, Any]) -> NDArray[Any]:
    """Return the array of one of Node's outputs; JSON writes NaN as null."""
    values = np.array([np.nan if value is None else value for value in entry["data"]])
    if entry["type"] == "float16":
        values = values.astype(np.uint16).view(np.float16)
    return values.reshape(entry["dims"])


def worst(got: Arrays, reference: Arrays) -> float:
    """Return the largest absolute difference; infinite where a shape or an output is missing."""
    if not set(reference) <= set(got):
        return float("inf")
    errors = [0.0]
    for name, wanted in reference.items():
        if got[name].shape != wanted.shape:
            return float("inf")
        difference = np.abs(got[name].astype(np.float64) - wanted.astype(np.float64))
        errors.append(float(np.nan_to_num(difference, nan=np.inf).max(initial=0.0)))
    return max(errors)


if __name__ == "__main__":
    main()
