"""Run one model on OpenVINO's CPU plugin in float32. See ../check_targets.py for the protocol."""

import sys
from typing import Any

import openvino
import three_runs

core = openvino.Core()
model = core.read_model(sys.argv[1])
compiled = core.compile_model(model, "CPU", {"INFERENCE_PRECISION_HINT": "f32"})


def run(feeds: dict[str, Any]) -> dict[str, Any]:
    """Return the outputs by name."""
    results = compiled(feeds)
    return {output.any_name: results[output].copy() for output in compiled.outputs}


three_runs.write(sys.argv[2], sys.argv[3], run)
print(f"OpenVINO {openvino.__version__.split('-')[0]}")
