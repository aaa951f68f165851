"""Put what Keras and PyTorch export beside what onnxwright makes of the same files.

::

    python -m tools.evidence.exporters keras tests/data/checkpoints/keras EXPORTED...
    python -m tools.evidence.exporters torch tests/data/checkpoints/torch EXPORTED

Each EXPORTED is a folder that keras_export.py or torch_export.py has written, in an environment
with Keras or PyTorch. Each call prints its part of docs/exporters.md.
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
from onnxwright.graphs import from_keras_file, load_weights
from onnxwright.graphs.spec import read_network
from onnxwright.walking import walk

KERAS = """## Keras's own export

The models of the tests (`tests/data/checkpoints/keras`), converted by `onnxwright convert`, and
exported by Keras itself: {versions}.

Told are the bytes of the file (in onnxwright's, the entry that tells the network takes 0.2 to 7 kB
of them: much of a model as small as these); the nodes, with those inside loops; the largest
difference from what Keras gave (on JAX) for the two recorded inputs, of two batch sizes and, where
it is open, two lengths; and the time of one run of the first on onnxruntime's CPU provider with one
thread, the median of 200 runs on the machine that wrote this page. Where a cell holds a message,
that is the error of the export, or of the exported model when it ran. (Keras on TensorFlow gives
the recorded numbers within 1e-6 for `masked_ids`, `graph` and `stateful`, where what tf2onnx makes
of it does not: a TimeDistributed layer comes out wrong, and a state is frozen as it was at the
export.)

"""
TORCH = """## PyTorch's two exporters

The nets of the tests (`tests/data/checkpoints/torch`), built by `onnxwright build` from the drafted
network files in `tools/evidence/networks`, without PyTorch; and exported by {versions},
with batch and time open. Errors are against what PyTorch gives for two inputs: that of the export,
and one with two more rows and two more steps. The last column is the seconds of the export, of
which the imports are no part, and for onnxwright those of reading and building. Of onnxwright's
bytes 0.2 to 0.5 kB are the entry that tells the network.

"""
RUNS = 200
NETWORKS = Path(__file__).parent / "networks"


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
    """Write a part of the page."""
    which, source, *folders = sys.argv[1], Path(sys.argv[2]), *map(Path, sys.argv[3:])
    {"keras": keras, "torch": pytorch}[which](source, folders)


def keras(source: Path, folders: list[Path]) -> None:
    """Write Keras's part."""
    told = [json.loads((folder / "export.json").read_text()) for folder in folders]
    print(KERAS.format(versions=", and ".join(one["versions"] for one in told)), end="")
    print("| model | by | bytes | nodes | error | µs |\n|---|---|---|---|---|---|")
    for path in sorted(source.glob("*.keras")):
        own = folders[0] / f"{path.stem}.own.onnx"
        from_keras_file(path).save(own)
        print(f"| {path.stem} | onnxwright | {measure(own, path).cells()} |")
        for folder, one in zip(folders, told, strict=True):
            by = one["versions"].split(" with ")[1]
            print(f"| | {by} | {exported(folder, one, path)} |")


def pytorch(source: Path, folders: list[Path]) -> None:
    """Write PyTorch's part."""
    parts = [folders[0] / name for name in ("dynamo", "torchscript")]
    told = [json.loads((folder / "export.json").read_text()) for folder in parts]
    print(TORCH.format(versions=" and ".join(one["versions"] for one in told)), end="")
    print("| net | by | bytes | nodes | error | µs | s |\n|---|---|---|---|---|---|---|")
    for network in sorted(NETWORKS.glob("*.toml")):
        records = folders[0] / "records" / network.name
        (weights,) = (p for p in source.glob(f"{network.stem}.*") if p.suffix != ".npz")
        own, begin = folders[0] / f"{network.stem}.onnx", time.perf_counter()
        read_network(network, load_weights(weights)).save(own)
        seconds = time.perf_counter() - begin
        cells = measure(own, records).cells()
        print(f"| {network.stem} | onnxwright | {cells} | {seconds:.2f} |")
        for folder, one in zip(parts, told, strict=True):
            took = one["seconds"][network.stem]
            print(f"| | {folder.name} | {exported(folder, one, records)} | {took:.2f} |")


def exported(folder: Path, told: Any, source: Path) -> str:
    """Return the cells of an exported model, or why there is none."""
    model = folder / f"{source.stem}.onnx"
    failed = told["errors"].get(source.stem)
    if failed or not model.is_file():
        return f"{brief(failed or 'no file')} | | |"
    return tried(model, source)


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
    given = {info.name for info in runner.outputs}
    states = {info.name: info for info in runner.inputs if _state_out(info.name) in given}
    names = [info.name for info in runner.inputs if info.name not in states]
    worst = 0.0
    first: dict[str, Any] = {}
    feeds: dict[str, Any] = {
        name: np.zeros([size for size in info.shape or () if isinstance(size, int)], info.dtype)
        for name, info in states.items()
    }
    for record in sorted(source.parent.glob(f"{source.stem}.[0-9].npz")):
        arrays = list(np.load(record).values())
        feeds |= dict(zip(names, arrays, strict=False))
        first = first or dict(feeds)
        outputs = runner.run(feeds)
        kept = {_state_out(name) for name in states}
        got = [array for name, array in outputs.items() if name not in kept]
        for one, want in zip(got, arrays[len(names) :], strict=True):
            if one.shape != want.shape:
                raise ValueError(f"gives {list(one.shape)} in the place of {list(want.shape)}")
            apart = np.abs(one - want)
            worst = max(worst, float(np.nanmax(apart, initial=0.0)))
        feeds |= {name: outputs[_state_out(name)] for name in states}
    return Figures(model.stat().st_size, count(proto.graph), worst, timed(runner, first))


def _state_out(name: str) -> str:
    """Return the output that a state's input would be paired with."""
    return f"{name.removesuffix('_in')}_out" if name.endswith("_in") else ""


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
