"""Run one model on tract. See ../check_targets.py for the protocol."""

import sys
from importlib.metadata import version

import onnx
import three_runs
import tract

graph = onnx.load(sys.argv[1]).graph
model = tract.onnx().load(sys.argv[1])
runnable = model.into_model().into_runnable() if hasattr(model, "into_model") else None
if runnable is None:
    runnable = model.into_tract().into_runnable()
given = {tensor.name for tensor in graph.initializer}
names = [info.name for info in graph.output]


def run(feeds):
    results = runnable.run([feeds[info.name] for info in graph.input if info.name not in given])
    return {name: result.to_numpy() for name, result in zip(names, results, strict=True)}


three_runs.write(sys.argv[2], sys.argv[3], run)
print(f"tract {version('tract')}")
