"""MLServer: its settings, and a runtime class of our own, for it has none for ONNX."""

import json
from typing import Any

from .errors import BundleError
from .made import Made, Target
from .options import Options
from .own_server import ACCELERATORS, REQUIRES, own_files, template, tensor_facts
from .subject import Subject


def pack(subject: Subject, options: Options) -> Made:
    """Return the settings, the runtime class and the model."""
    batch = _batch_size(subject, options)
    runtime = REQUIRES[options.accelerator or "cpu"]
    server = {"host": "127.0.0.1", "parallel_workers": options.instances or 1}
    return Made(
        {
            "model-settings.json": _json(_settings(subject, options, batch)),
            "settings.json": _json(server),
            "onnx_runtime.py": template("mlserver_runtime.py.txt"),
            **own_files(subject, options),
        },
        start="mlserver start .",
        url=f"http://localhost:8080/v2/models/{subject.name}",
        batch=batch,
        more=(
            f"It needs `pip install mlserver {runtime}`, on a Python before 3.13, and listens on "
            "127.0.0.1 unless `host` in `settings.json` says another address.",
        ),
    )


def _json(facts: dict[str, Any]) -> bytes:
    return (json.dumps(facts, indent=2) + "\n").encode()


def _settings(subject: Subject, options: Options, batch: int) -> dict[str, Any]:
    settings: dict[str, Any] = {
        "name": subject.name,
        "implementation": "onnx_runtime.OnnxRuntime",
        "platform": "onnx",
        "versions": [str(subject.version)],
        "inputs": [tensor_facts(tensor) for tensor in subject.signature.inputs],
        "outputs": [tensor_facts(tensor) for tensor in subject.signature.outputs],
        "parameters": {"uri": "./model.onnx", "version": str(subject.version)},
    }
    if batch:
        delay = (1 if options.max_delay is None else options.max_delay) / 1000
        settings |= {"max_batch_size": batch, "max_batch_time": delay}
    return settings


def _batch_size(subject: Subject, options: Options) -> int:
    """Return the rows of a run; MLServer joins requests without a look at their other dims.

    Raises
    ------
    BundleError
        Batches are asked for, and requests of different sizes would be joined.
    """
    wanted = options.max_batch or 0
    later = [dim for t in subject.signature.inputs for dim in t.dims[1:] if isinstance(dim, str)]
    reason = subject.unbatched or (f"the dim '{later[0]}' varies too" if later else None)
    if wanted and reason:
        raise BundleError(
            f"--max-batch {wanted}: MLServer cannot batch requests, for {reason}",
            "leave it out; or bundle --for triton, which batches requests of one size",
        )
    return wanted


MLSERVER = Target(
    name="mlserver",
    title="MLServer",
    takes=frozenset({"instances", "threads", "max_batch", "max_delay", "warm_up", "dims"}),
    accelerators=ACCELERATORS,
    judge="cpu",
    pack=pack,
)
