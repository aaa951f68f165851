"""Run one model on a provider of onnxruntime. See ../check_targets.py for the protocol.

The provider's name comes fifth; with "strict" after it, no node may run on the CPU instead.
"""

import sys
from typing import Any

import onnxruntime as ort
import three_runs

provider, strict = sys.argv[5], "strict" in sys.argv[6:]
options = ort.SessionOptions()
options.log_severity_level = 4
label = f"onnxruntime {ort.__version__}"
providers: list[Any] = ["CPUExecutionProvider"]
if provider == "WebGpuExecutionProvider":
    import onnxruntime_ep_webgpu as webgpu

    ort.register_execution_provider_library("webgpu", webgpu.get_library_path())
    device = next(d for d in ort.get_ep_devices() if d.ep_name == provider)
    options.add_provider_for_devices([device], {})
    providers = []
elif provider == "OpenVINOExecutionProvider":
    providers = [(provider, {"device_type": "CPU", "precision": "FP32"})]
if strict and provider != "CPUExecutionProvider":
    options.add_session_config_entry("session.disable_cpu_ep_fallback", "1")
arguments = {"providers": providers} if providers else {}
session = ort.InferenceSession(sys.argv[1], options, **arguments)
names = [output.name for output in session.get_outputs()]


def run(feeds: dict[str, Any]) -> dict[str, Any]:
    """Return the outputs by name."""
    return dict(zip(names, session.run(names, feeds), strict=True))


three_runs.write(sys.argv[2], sys.argv[3], run)
print(f"{label}, {provider}")
