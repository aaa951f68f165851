"""OpenVINO Model Server: a folder of versions, and a configuration that computes in float32."""

import json
from typing import Any

from .made import Made, Target
from .options import Options
from .subject import Subject

DEVICES = {"cpu": "CPU", "gpu": "GPU"}


def pack(subject: Subject, options: Options) -> Made:
    """Return the configuration and the model."""
    config = json.dumps(_config(subject, options), indent=2) + "\n"
    ports = "--rest_port 8000 --port 9000"
    loopback = "--rest_bind_address 127.0.0.1 --grpc_bind_address 127.0.0.1"
    return Made(
        {
            "config.json": config.encode(),
            **subject.files(f"models/{subject.name}/{subject.version}/"),
        },
        start=f"ovms --config_path config.json {ports} {loopback}",
        url=f"http://localhost:8000/v2/models/{subject.name}",
        more=(
            "Without the program: `docker run --rm -p 127.0.0.1:8000:8000 -p 127.0.0.1:9000:9000 "
            f'-v "$PWD":/bundle:ro IMAGE --config_path /bundle/config.json {ports}`, where '
            "IMAGE is OpenVINO's model_server image.",
            "`INFERENCE_PRECISION_HINT` in `config.json` makes it compute in float32. Without it a "
            "processor that has bfloat16 computes in that, with errors of 2e-3 to 2e-2.",
        ),
    )


def _config(subject: Subject, options: Options) -> dict[str, Any]:
    plugin: dict[str, Any] = {"INFERENCE_PRECISION_HINT": "f32"}
    if options.threads is not None:
        plugin["INFERENCE_NUM_THREADS"] = options.threads
    config: dict[str, Any] = {
        "name": subject.name,
        "base_path": f"models/{subject.name}",
        "target_device": DEVICES[options.accelerator or "cpu"],
        "plugin_config": plugin,
    }
    if options.instances is not None:
        config["nireq"] = options.instances
    return {"model_config_list": [{"config": config}]}


OPENVINO_SERVER = Target(
    name="openvino-server",
    title="OpenVINO Model Server",
    takes=frozenset({"instances", "threads"}),
    accelerators={"cpu": "openvino", "gpu": "openvino"},
    judge="openvino",
    pack=pack,
)
