"""What the interpreter spends on a node besides its arithmetic.

``python -m tools.evidence.nodes`` prints microseconds of processor time: a chain of 1000 tiny nodes
per node, a Scan and a Loop per step, 1000 runs of a one-node model per run, and one node to
compile.
Each is the least of several repeats: whatever else the machine does only ever adds time.
"""

import time
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import onnx
import onnx.parser
from onnx import helper, numpy_helper

from onnxwright.runtime.interpreter import NumpyRunner

NODES = 1000
STEPS = 10_000
X = np.ones((1, 8), np.float32)

SCAN = """<ir_version: 8, opset_import: ["" : 17]>
g (float[1, 8] s, float[t, 1, 8] x) => (float[1, 8] y, float[t, 1, 8] z) {
    y, z = Scan <num_scan_inputs = 1, body = step (float[1, 8] a, float[1, 8] u) =>
        (float[1, 8] r, float[1, 8] v) { r = Add(a, u)  v = Identity(r) }> (s, x) }"""
LOOP = """<ir_version: 8, opset_import: ["" : 17]>
g (float[1, 8] s, int64 m) => (float[1, 8] y) {
    y = Loop <body = step (int64 i, bool c, float[1, 8] a) => (bool d, float[1, 8] r) {
        r = Add(a, a)  d = Identity(c) }> (m, , s) }"""
SMALL = """<ir_version: 8, opset_import: ["" : 17]>
g (float[1, 8] x) => (float[1, 8] y) { y = Neg(x) }"""


def chain(operator: str) -> onnx.ModelProto:
    """Return `NODES` nodes of one operator, each reading the one before it (and a constant)."""
    binary = operator in ("Add", "Mul")
    nodes = [
        helper.make_node(operator, [f"x{i}", "c"] if binary else [f"x{i}"], [f"x{i + 1}"])
        for i in range(NODES)
    ]
    graph = helper.make_graph(
        nodes,
        "chain",
        [helper.make_tensor_value_info("x0", onnx.TensorProto.FLOAT, [1, 8])],
        [helper.make_tensor_value_info(f"x{NODES}", onnx.TensorProto.FLOAT, [1, 8])],
        [numpy_helper.from_array(X, "c")],
    )
    imports = [helper.make_opsetid("", 17)]
    return helper.make_model(graph, opset_imports=imports, ir_version=8)


def least(function: Callable[[], Any], repeats: int = 20) -> float:
    """Return the least microseconds of `repeats` calls."""
    times = []
    for _ in range(repeats):
        start = time.process_time()
        function()
        times.append(time.process_time() - start)
    return min(times) * 1e6


def bare() -> None:
    """Add as often as the chain does, in a plain Python loop: what NumPy itself takes."""
    y = X
    for _ in range(NODES):
        y = np.add(y, X)


def repeated(runner: NumpyRunner) -> None:
    """Run a model of one input x `NODES` times."""
    for _ in range(NODES):
        runner.run({"x": X})


def main() -> None:
    """Measure and print."""
    print(f"{'np.add in a Python loop':32s}{least(bare) / NODES:8.2f} us a call")
    for operator in ("Add", "Relu", "Sigmoid", "Identity"):
        model = chain(operator)
        runner = NumpyRunner(model)
        one = least(partial(runner.run, {"x0": X})) / NODES
        print(f"{f'chain of {operator}':32s}{one:8.2f} us a node")
    model = chain("Add")
    print(f"{'compile':32s}{least(lambda: NumpyRunner(model), 5) / NODES:8.2f} us a node")
    scan = NumpyRunner(onnx.parser.parse_model(SCAN))
    feeds = {"s": X, "x": np.ones((STEPS, 1, 8), np.float32)}
    print(f"{'Scan of 2 nodes':32s}{least(lambda: scan.run(feeds), 5) / STEPS:8.2f} us a step")
    loop = NumpyRunner(onnx.parser.parse_model(LOOP))
    counted = {"s": X, "m": np.array(STEPS)}
    print(f"{'Loop of 2 nodes':32s}{least(lambda: loop.run(counted), 5) / STEPS:8.2f} us a step")
    small = NumpyRunner(onnx.parser.parse_model(SMALL))
    print(f"{'one node, one run':32s}{least(lambda: repeated(small), 5) / NODES:8.2f} us a run")


if __name__ == "__main__":
    main()
