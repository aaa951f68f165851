"""Run one model on OpenVINO's CPU plugin in float32. See ../check_targets.py for the protocol."""

import sys

import numpy as np
import openvino

core = openvino.Core()
model = core.read_model(sys.argv[1])
compiled = core.compile_model(model, "CPU", {"INFERENCE_PRECISION_HINT": "f32"})
feeds = dict(np.load(sys.argv[2]))
results = compiled(feeds)
np.savez(sys.argv[3], **{output.any_name: results[output] for output in compiled.outputs})
print(f"OpenVINO {openvino.__version__.split('-')[0]}")
