"""Ray Serve: an application that speaks the Open Inference Protocol, and its configuration."""

from .made import Made, Target
from .options import Options
from .own_server import ACCELERATORS, REQUIRES, own_files, template
from .subject import Subject
from .yaml_text import yaml_text


def pack(subject: Subject, options: Options) -> Made:
    """Return the application, its configuration and the model."""
    sticky = options.states == "server" and (options.instances or 1) > 1
    packages = f"'ray[serve]' {REQUIRES[options.accelerator or 'cpu']}{' mmh3' if sticky else ''}"
    more = [f"It needs `pip install {packages}`, and takes JSON over HTTP."]
    if sticky:
        more.append(
            "States are kept in one replica each: send the header `x-session-id` with every "
            "request of a stream, the same for all of them, so that they go to the same replica."
        )
    return Made(
        {
            "app.py": template("ray_app.py.txt"),
            "config.yaml": _config(options).encode(),
            **own_files(subject, options),
        },
        start="RAY_USAGE_STATS_ENABLED=0 serve run config.yaml",
        url=f"http://localhost:8000/v2/models/{subject.name}",
        more=tuple(more),
    )


def _config(options: Options) -> str:
    actor = {"num_cpus": options.threads or 1}
    if options.accelerator == "cuda":
        actor["num_gpus"] = 1
    deployment = {
        "name": "Served",
        "num_replicas": options.instances or 1,
        "ray_actor_options": actor,
    }
    application = {
        "name": "onnx",
        "route_prefix": "/",
        "import_path": "app:app",
        "deployments": [deployment],
    }
    http = {"host": "127.0.0.1", "port": 8000}
    return yaml_text({"http_options": http, "applications": [application]})


RAY_SERVE = Target(
    name="ray-serve",
    title="Ray Serve",
    takes=frozenset(
        {"instances", "threads", "max_sequences", "sequence_timeout", "warm_up", "dims"}
    ),
    accelerators=ACCELERATORS,
    judge="cpu",
    pack=pack,
    keeps_states=True,
)
