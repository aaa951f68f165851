"""Convert every Keras file of a folder and compare with the records beside it; see random_keras.py.

Exits with 1 where a model cannot be converted or differs by more than 1e-5 of the largest number.
"""

import sys
from pathlib import Path
from typing import Any

import numpy as np

from onnxwright import runtime
from onnxwright.errors import OnnxwrightError
from onnxwright.graphs.keras import from_keras_file

LIMIT = 1e-5


def main() -> int:
    """Check all files, say what differs, and return the exit code."""
    folder = Path(sys.argv[1])
    files = [path for path in sorted(folder.iterdir()) if path.suffix in (".keras", ".h5")]
    failed = 0
    for path in files:
        try:
            worst = max(check(path, on) for on in ("numpy:float64", "cpu"))
            told = "" if worst <= LIMIT else f"differs by {worst:.2g}"
        except OnnxwrightError as error:
            told = error.problem
        failed += bool(told)
        if told:
            print(f"{path.name}: {told}")
    print(f"{len(files) - failed} of {len(files)} models give what Keras gave")
    return int(failed > 0)


def check(path: Path, on: str) -> float:
    """Return the largest difference, relative to the largest number of the output (at least 1)."""
    runner = runtime.load(from_keras_file(path).build(), on=on)
    worst = 0.0
    for record in sorted(path.parent.glob(f"{path.stem}.[0-9].npz")):
        arrays = list(np.load(record).values())
        names = [info.name for info in runner.inputs]
        outputs = runner.run(dict(zip(names, arrays, strict=False))).values()
        for got, want in zip(outputs, arrays[len(names) :], strict=True):
            worst = max(worst, distance(got, want))
    return worst


def distance(got: Any, want: Any) -> float:
    """Return how far two arrays are apart; infinity where shapes or NaNs differ."""
    if got.shape != want.shape or not np.array_equal(np.isnan(got), np.isnan(want)):
        return float("inf")
    if not want.size:
        return 0.0
    apart = np.nanmax(np.abs(got - want), initial=0.0)
    return float(apart / max(np.nanmax(np.abs(want), initial=0.0), 1.0))


if __name__ == "__main__":
    sys.exit(main())
