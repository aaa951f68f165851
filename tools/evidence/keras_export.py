"""Let Keras export the models of the tests itself, where it can; see exporters.py.

In Keras's environment, with what its export needs::

    pip install keras "jax[cpu]" jax2onnx
    KERAS_BACKEND=jax python -m tools.evidence.keras_export tests/data/checkpoints/keras exported
"""

import importlib
import importlib.metadata
import json
import sys
from pathlib import Path
from typing import Any

import numpy as np


def main() -> None:
    """Export every ``.keras`` file of a folder, and note why where that fails."""
    keras = importlib.import_module("keras")
    source, target = Path(sys.argv[1]), Path(sys.argv[2])
    target.mkdir(parents=True, exist_ok=True)
    needed = {"jax": "jax2onnx", "tensorflow": "tf2onnx", "torch": "torch"}[keras.backend.backend()]
    versions = f"Keras {keras.__version__} with {needed} {importlib.metadata.version(needed)}"
    told: dict[str, Any] = {"versions": versions, "errors": {}}
    for path in sorted(source.glob("*.keras")):
        try:
            model = keras.saving.load_model(path)
            arrays = list(np.load(path.with_suffix(".0.npz")).values())[: len(model.inputs)]
            model(arrays if len(arrays) > 1 else arrays[0])
            model.export(target / f"{path.stem}.onnx", format="onnx", verbose=False)
        except BaseException as error:
            told["errors"][path.stem] = f"{type(error).__name__}: {first_line(error)[:160]}"
    (target / "export.json").write_text(json.dumps(told, indent=2))


def first_line(error: BaseException) -> str:
    """Return the first line of a message that says something; Keras puts one before it."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    said = [line for line in lines if not line.startswith("Exception encountered when calling")]
    return next(iter(said), "").replace("\x1b[1m", "").replace("\x1b[0m", "")


if __name__ == "__main__":
    main()
