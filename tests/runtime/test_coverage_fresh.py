"""Which kernel runs a node, asked in a process that has run nothing yet."""

import subprocess
import sys

import numpy as np

SCRIPT = """
import onnx.parser
from onnxwright.runtime import coverage
model = onnx.parser.parse_model(
    '<ir_version: 8, opset_import: ["" : 17]> g (float[n] x) => (float[n] y) { y = Relu (x) }'
)
print(coverage(model).counts()["own"])
"""
LIGHT = """
import sys
import onnxwright.runtime
print([name for name in sys.modules if name.startswith("onnxwright.runtime.interpreter.kernels")])
"""


def run(script: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


def test_the_kernels_are_there_when_they_are_asked_for() -> None:
    np.testing.assert_equal(run(SCRIPT), "1")


def test_the_kernels_are_not_imported_before() -> None:
    np.testing.assert_equal(run(LIGHT), "[]")
