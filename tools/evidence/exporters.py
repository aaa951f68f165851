"""Put the models that Keras exports beside those that `onnxwright convert` makes of the same files.

::

    python tools/evidence/exporters.py tests/data/checkpoints/keras EXPORTED... > docs/exporters.md

Each EXPORTED is a folder that keras_export.py has written, in an environment with Keras.
"""

import json
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
import onnx

from onnxwright import runtime
from onnxwright.graphs import from_keras_file
from onnxwright.walking import walk

HEAD = """# Beside Keras's own export

The models of the tests (`tests/data/checkpoints/keras`), converted by `onnxwright convert`, and
exported by Keras itself: {versions}.

Told are the bytes of the file; the nodes, with those inside loops; the largest difference from what
Keras gave (on JAX) for the two recorded inputs, of two batch sizes and, where it is open, two
lengths; and the time of one run of the first on onnxruntime's CPU provider with one thread, the
median of 200 runs on the machine that wrote this page. Where a cell holds a message, that is the
error of the export, or of the exported model when it ran. The page is written by
`tools/evidence/exporters.py`. (Keras on TensorFlow gives the recorded numbers within 1e-6 for
`masked_ids`, `graph` and `stateful`, where what tf2onnx makes of it does not: a TimeDistributed
layer comes out wrong, and a state is frozen as it was at the export.)

"""
RUNS = 200


@dataclass(frozen=True)
class Figures:
    """What is told of one model."""

    size: int
    nodes: int
    error: float
    micros: float

    def cells(self) -> str:
        """Return the cells of a row."""
        return f"{self.size:,} | {self.nodes} | {self.error:.1e} | {self.micros:.0f}"


def main() -> None:
    """Write the page."""
    source, folders = Path(sys.argv[1]), [Path(text) for text in sys.argv[2:]]
    told = [json.loads((folder / "export.json").read_text()) for folder in folders]
    print(HEAD.format(versions=", and ".join(one["versions"] for one in told)), end="")
    print("| model | by | bytes | nodes | error | µs |\n|---|---|---|---|---|---|")
    for path in sorted(source.glob("*.keras")):
        own = folders[0] / f"{path.stem}.own.onnx"
        from_keras_file(path).save(own)
        print(f"| {path.stem} | onnxwright | {measure(own, path).cells()} |")
        for folder, one in zip(folders, told, strict=True):
            by = one["versions"].split(" with ")[1]
            exported = folder / f"{path.stem}.onnx"
            failed = one["errors"].get(path.stem) or "no file"
            cells = tried(exported, path) if exported.is_file() else f"{brief(failed)} | | |"
            print(f"| | {by} | {cells} |")


def tried(model: Path, source: Path) -> str:
    """Return the cells of a foreign model, or why it did not run."""
    try:
        return measure(model, source).cells()
    except Exception as error:  # whatever a foreign model runs into is what the page tells
        lines = str(error).splitlines() or [type(error).__name__]
        told = lines[0].replace(f"{model.parent}/", "")
        return f"fails: {brief(told)} | | |"


def measure(model: Path, source: Path) -> Figures:
    """Measure a model against the records beside its source."""
    proto = onnx.load(model)
    runner = runtime.load(model, on="cpu", threads=1)
    states = {info.name: info for info in runner.inputs if info.name.startswith("state_")}
    names = [info.name for info in runner.inputs if info.name not in states]
    worst, first = 0.0, {}
    feeds: dict[str, Any] = {
        name: np.zeros([size for size in info.shape or () if isinstance(size, int)], info.dtype)
        for name, info in states.items()
    }
    for record in sorted(source.parent.glob(f"{source.stem}.[0-9].npz")):
        arrays = list(np.load(record).values())
        feeds |= dict(zip(names, arrays, strict=False))
        first = first or dict(feeds)
        outputs = runner.run(feeds)
        got = [array for name, array in outputs.items() if not name.startswith("state_")]
        for one, want in zip(got, arrays[len(names) :], strict=True):
            if one.shape != want.shape:
                raise ValueError(f"gives {list(one.shape)} in the place of {list(want.shape)}")
            apart = np.abs(one - want)
            worst = max(worst, float(np.nanmax(apart, initial=0.0)))
        feeds |= {name: outputs[name.replace("_in", "_out")] for name in states}
    return Figures(model.stat().st_size, count(proto.graph), worst, timed(runner, first))


def timed(runner: Any, feeds: Any) -> float:
    """Return the median time of one run in microseconds."""
    times = []
    for _ in range(RUNS + 20):
        begin = time.perf_counter()
        runner.run(feeds)
        times.append(time.perf_counter() - begin)
    return median(times[20:]) * 1e6


def count(graph: Any) -> int:
    """Return the nodes of a graph and of the bodies inside it."""
    return sum(len(each.node) for each in walk([graph]))


def brief(text: str) -> str:
    """Return a message without what would break a table."""
    plain = text.replace("|", "/").replace("\n", " ")
    return plain if len(plain) <= 160 else f"{plain[:157]}..."


if __name__ == "__main__":
    main()
