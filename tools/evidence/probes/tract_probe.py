"""Run one model on tract. See ../check_targets.py for the protocol."""

import sys
from importlib.metadata import version

import numpy as np
import onnx
import tract

graph = onnx.load(sys.argv[1]).graph
feeds = dict(np.load(sys.argv[2]))
model = tract.onnx().load(sys.argv[1])
runnable = model.into_model().into_runnable() if hasattr(model, "into_model") else None
if runnable is None:
    runnable = model.into_tract().into_runnable()
given = {tensor.name for tensor in graph.initializer}
results = runnable.run([feeds[info.name] for info in graph.input if info.name not in given])
names = [info.name for info in graph.output]
np.savez(sys.argv[3], **{n: r.to_numpy() for n, r in zip(names, results, strict=True)})
print(f"tract {version('tract')}")
