"""Run one model on tract. See ../check_targets.py for the protocol."""

import sys
from importlib.metadata import version
from typing import Any

import onnx
import three_runs
import tract

graph = onnx.load(sys.argv[1]).graph
model = tract.onnx().load(sys.argv[1])
typed = model.into_model() if hasattr(model, "into_model") else model.into_tract()
runnable = typed.into_runnable()
given = {tensor.name for tensor in graph.initializer}
names = [info.name for info in graph.output]


def run(feeds: dict[str, Any]) -> dict[str, Any]:
    """Return the outputs by name."""
    results = runnable.run([feeds[info.name] for info in graph.input if info.name not in given])
    return {name: result.to_numpy() for name, result in zip(names, results, strict=True)}


three_runs.write(sys.argv[2], sys.argv[3], run)
print(f"tract {version('tract')}")
