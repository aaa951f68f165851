"""Hold this project's models against those of other exporters; print docs/exporters.md's tables.

::

    python -m tools.evidence.rivals FOLDER --torch PYTHON --jax PYTHON --tensorflow PYTHON

Each PYTHON is that of an environment with the framework and what its export needs; one that is left
out is not called, and what FOLDER has from an earlier call is measured again. Models of one net run
in turn in one process, on onnxruntime's CPU provider with one thread, in processor time; with
``--bench`` each group is a run of ``onnxwright bench --against``, whose unit is the process, for a
machine that does nothing else. `--json` keeps the groups and goes on where they end.
"""

import argparse
import json
import os
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import onnx

from onnxwright.walking import walk_graphs
from tools.evidence.rivals.interleaved import measure_in_turn
from tools.evidence.rivals.prepare import MAKERS, ONNXWRIGHT, Net, errors, nets
from tools.evidence.rivals.sizes import HIDDEN

SIZES = ((1, HIDDEN[0]), (32, HIDDEN[0]), (1, HIDDEN[1]))
"""Batch and width."""
SCRIPTS = {"torch": "torch_nets", "jax": "keras_nets", "tensorflow": "keras_nets"}


@dataclass(frozen=True)
class Options:
    """What was asked for."""

    folder: Path
    bench: bool
    rounds: int
    seconds: float
    only: str
    kept: Path


def main() -> None:
    """Export, measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    for name in SCRIPTS:
        parser.add_argument(f"--{name}", help="the Python of its environment")
    parser.add_argument("--bench", action="store_true", help="measure by onnxwright bench")
    parser.add_argument("--rounds", type=int, default=7, help="processes of a model, with --bench")
    parser.add_argument("--seconds", type=float, default=3.0, help="of a group, without --bench")
    parser.add_argument("--only", default="", help="the beginning of framework/net/precision")
    parser.add_argument("--json", type=Path)
    given = parser.parse_args()
    for name, script in SCRIPTS.items():
        if getattr(given, name):
            export(name, script, getattr(given, name), given.folder)
    kept = given.json or given.folder / "rivals.json"
    options = Options(given.folder, given.bench, given.rounds, given.seconds, given.only, kept)
    results = json.loads(kept.read_text()) if kept.exists() else {}
    for framework in MAKERS:
        wanted = options.only.split("/")[0] in ("", framework)
        if wanted and (options.folder / framework).is_dir():
            measure_all(framework, options, results)
            print("\n".join(page(framework, options.folder / framework, results)))


def export(backend: str, script: str, python: str, folder: Path) -> None:
    """Run a framework's script in its own environment."""
    target = folder / ("torch" if backend == "torch" else "keras")
    command = [python, "-m", f"tools.evidence.rivals.{script}", str(target)]
    subprocess.run(command, check=True, env={**os.environ, "KERAS_BACKEND": backend})


def measure_all(framework: str, options: Options, results: dict[str, Any]) -> None:
    """Measure every group that is not kept, and keep it."""
    for net in nets(framework, options.folder / framework, options.only):
        for batch, hidden in SIZES:
            key = f"{framework}/{net.name}/{net.precision}/B{batch} H{hidden}"
            if hidden == net.hidden and key not in results:
                results[key] = measure(net, batch, options)
                options.kept.write_text(json.dumps(results, indent=1))


def measure(net: Net, batch: int, options: Options) -> dict[str, Any]:
    """Measure one group: by maker its time, ours over it, file size and nodes."""
    if options.bench:
        found = by_bench(net, batch, options.rounds)
    else:
        found = measure_in_turn(net.files, net.feeds(batch), options.seconds)
    for maker, path in net.files.items():
        found[maker]["bytes"] = path.stat().st_size
        found[maker]["nodes"] = sum(len(graph.node) for graph in walk_graphs(onnx.load(path)))
    return found


def by_bench(net: Net, batch: int, rounds: int) -> dict[str, Any]:
    """Measure one group by the project's own benchmark, a process a round."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for maker, path in net.files.items():
            (folder / f"{maker}.onnx").write_bytes(path.read_bytes())
        models = [str(folder / f"{maker}.onnx") for maker in net.files]
        command = [ONNXWRIGHT, "bench", *models, "--on", "cpu", "--axis", "threads=1"]
        for given, array in net.feeds(batch).items():
            np.save(folder / f"{given}.npy", array)
            command += ["--input", f"{given}={folder / given}.npy"]
        command += ["--rounds", str(rounds), "--max-rounds", str(rounds), "--sample-time", "0.05"]
        command += ["--no-peaks", "--out", folder / "j.jsonl", "--export-json", folder / "r.json"]
        if len(models) > 1:
            command += ["--against", models[0], "--budget", "1"]
        done = subprocess.run(list(map(str, command)), check=False, capture_output=True, text=True)
        if not (folder / "r.json").exists():
            raise SystemExit(f"{' '.join(map(str, command))}\n{done.stderr[-2000:]}")
        told = json.loads((folder / "r.json").read_text())
        return {maker: of_row(maker, told) for maker in net.files}


def of_row(maker: str, told: dict[str, Any]) -> dict[str, Any]:
    """Return what the benchmark tells of one model: ours over its time, with the interval."""
    row = next(row for row in told["rows"] if row["model"] == maker)
    if row["status"] != "ok":
        return {"failed": str(row["message"])[:160]}
    found = {"us": row["median_s"] * 1e6}
    for pair in (pair for group in told["conclusions"] for pair in group["pairs"]):
        sides = [pair[side].split(" on ")[0] for side in ("label", "other")]
        numbers = [pair[key] for key in ("times_as_fast", "low", "high")]
        if sides == ["own", maker]:
            found["ratio"] = [1 / numbers[0], 1 / numbers[2], 1 / numbers[1]]
        elif sides == [maker, "own"]:
            found["ratio"] = numbers
    return found


def page(framework: str, folder: Path, results: dict[str, Any]) -> Iterator[str]:
    """Yield the lines of a framework's tables, and why exports failed."""
    makers = MAKERS[framework]
    told = list(errors(framework, folder))
    yield "\n" + ", ".join(dict.fromkeys(text for _, net, text in told if not net)) + ":\n"
    yield from summary(framework, results)
    yield ""
    heads = [f"{maker}: ours / theirs | nodes, kB" for maker in makers]
    yield f"| net | size | | ours, us | nodes, kB | again | {' | '.join(heads)} |"
    yield f"|{' --- |' * (6 + 2 * len(makers))}"
    for key, group in results.items():
        kind, net, precision, size = key.split("/")
        if kind == framework:
            ours = group["own"]
            again = f"{group['again']['ratio'][0]:.2f}" if "again" in group else "-"
            cells = [net, size, precision, f"{ours.get('us', 0):,.0f}", counts(ours), again]
            for maker in makers:
                cells += theirs(group.get(maker))
            yield f"| {' | '.join(cells)} |"
    yield ""
    for maker, net, text in told:
        if net:
            there = (folder / f"{net}.{maker}.onnx").exists()
            fixed = "...; with the time fixed it is in the table" if there else ""
            yield f"- {maker}, {net.replace('_', ' H')}: {text[:130]}{fixed}"


def summary(framework: str, results: dict[str, Any]) -> Iterator[str]:
    """Yield the table of each maker's geometric mean and largest ratio."""
    yield "| exporter | | ours / theirs, geometric mean | largest | our model against itself |"
    yield "| --- | --- | --- | --- | --- |"
    for maker in MAKERS[framework]:
        for precision in ("float32", "int8"):
            groups = [
                group
                for key, group in results.items()
                if key.startswith(framework) and f"/{precision}/" in key
            ]
            ratios = [one[maker]["ratio"][0] for one in groups if "ratio" in one.get(maker, ())]
            noise = [one["again"]["ratio"][0] for one in groups if "again" in one]
            if ratios:
                mean = float(np.exp(np.mean(np.log(ratios))))
                spread = f"{min(noise):.2f} to {max(noise):.2f}" if noise else "-"
                yield f"| {maker} | {precision} | {mean:.2f} | {max(ratios):.2f} | {spread} |"


def theirs(figure: dict[str, Any] | None) -> list[str]:
    """Return the cells of another maker's model."""
    if figure is None:
        return ["-", ""]
    if "ratio" not in figure:
        return ["fails", counts(figure)]
    ratio, low, high = figure["ratio"]
    return [f"{ratio:.2f} [{low:.2f}, {high:.2f}]", counts(figure)]


def counts(figure: dict[str, Any]) -> str:
    """Return nodes and size as a cell."""
    return f"{figure['nodes']}, {figure['bytes'] / 1000:,.0f}"


if __name__ == "__main__":
    main()
