"""Bring every net into one form: files of each maker, in float32 and int8, with the same inputs."""

import json
import logging
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnxruntime.quantization import quantize_dynamic

from onnxwright.graphs import from_keras_file, load_weights
from tools.evidence.rivals.own_nets import build
from tools.evidence.rivals.sizes import DTYPES, HIDDEN, SHAPES, example

TARGET = "cpu"
"""Where all are measured, and so what the project's own nets are built for."""
MAKERS = {"torch": ("torchscript", "dynamo"), "keras": ("tf2onnx", "jax2onnx")}
ONNXWRIGHT = Path(sys.executable).parent / "onnxwright"


@dataclass(frozen=True)
class Net:
    """One net at one width and precision: the file of each maker that has one, ours first."""

    name: str
    hidden: int
    precision: str
    files: Mapping[str, Path]
    channels_last: bool

    def feeds(self, batch: int) -> dict[str, Any]:
        """Return the inputs of one run."""
        given = {}
        for name, array in example(self.name, self.hidden, batch).items():
            if self.channels_last and array.ndim == 4:
                array = np.ascontiguousarray(np.moveaxis(array, 1, -1))
            given[name] = array.astype(np.int32) if self.channels_last and name in DTYPES else array
        return given


def nets(framework: str, folder: Path, only: str) -> Iterator[Net]:
    """Yield every net that the framework's script has written, our own models made beside it.

    `only` begins what is wanted of ``framework/net/precision``.
    """
    for name in SHAPES:
        wanted = [
            precision
            for precision in ("float32", "int8")
            if f"{framework}/{name}/{precision}".startswith(only)
        ]
        for hidden in HIDDEN if wanted else ():
            stem = folder / f"{name}_{hidden}"
            sources = [stem.with_suffix(suffix) for suffix in (".pt", ".keras")]
            source = next((path for path in sources if path.exists()), None)
            if source is None:
                continue
            floats = {"own": own(name, hidden, source)}
            for maker in MAKERS[framework]:
                path = folder / f"{name}_{hidden}.{maker}.onnx"
                if path.exists():
                    floats[maker] = renamed(path, floats["own"])
            last = framework == "keras"
            if "float32" in wanted:
                yield Net(name, hidden, "float32", floats, last)
            if "int8" in wanted:
                bytes_ = {maker: path for maker, path in quantized(floats) if path}
                yield Net(name, hidden, "int8", bytes_, last)


def own(name: str, hidden: int, source: Path) -> Path:
    """Build our model of a net."""
    path = source.with_suffix(".own.onnx")
    if source.suffix == ".keras":
        from_keras_file(source, target=TARGET).save(path)
    else:
        build(name, hidden, load_weights(source), target=TARGET).save(path)
    return path


def renamed(path: Path, ours: Path) -> Path:
    """Give the inputs and outputs of a model of others the names of ours, and return its file."""
    model, own_model = onnx.load(path), onnx.load(ours)
    changed = {
        value.name: name
        for theirs, names in (
            (model.graph.input, own_model.graph.input),
            (model.graph.output, own_model.graph.output),
        )
        for value, name in zip(theirs, [each.name for each in names], strict=True)
    }
    for node in model.graph.node:
        node.input[:] = [changed.get(name, name) for name in node.input]
        node.output[:] = [changed.get(name, name) for name in node.output]
    for value in (*model.graph.input, *model.graph.output):
        value.name = changed[value.name]
    target = path.with_suffix(".named.onnx")
    onnx.save(model, target)
    return target


def quantized(floats: Mapping[str, Path]) -> Iterator[tuple[str, Path | None]]:
    """Quantize each maker's model: ours by `quantize`, the others by onnxruntime's own tool."""
    logging.disable(logging.WARNING)
    for maker, path in floats.items():
        target = path.with_suffix(".int8.onnx")
        target.unlink(missing_ok=True)
        try:
            if maker == "own":
                command = [str(each) for each in (ONNXWRIGHT, "quantize", path, "-o", target)]
                subprocess.run(command, check=True, capture_output=True)
            else:
                quantize_dynamic(path, target)
        except Exception as error:  # a tool's refusal is one of the results
            print(f"{path.name}: {type(error).__name__}: {str(error)[:160]}", file=sys.stderr)
            yield maker, None
            continue
        yield maker, target


def errors(framework: str, folder: Path) -> Iterator[tuple[str, str, str]]:
    """Yield versions (with no net) and why exports failed: maker, net, text."""
    for path in sorted(folder.glob("*.json")):
        told: dict[str, Any] = json.loads(path.read_text())
        yield path.stem, "", told["versions"]
        for stem, reason in told["errors"].items():
            net, _, maker = stem.partition(".")
            yield maker or path.stem, net, reason
