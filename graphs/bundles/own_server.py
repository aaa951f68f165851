"""What bundles have in common that run onnxruntime by a Python program of their own."""

import json
from importlib.resources import files
from typing import Any

from .errors import BundleError
from .folder import Content
from .options import Options
from .signature import Tensor
from .subject import Subject
from .triton_states import DATATYPES

ACCELERATORS = {"cpu": "cpu", "cuda": "cuda", "openvino": "openvino-ep"}
"""What may be asked for, and the target of lint that says what it runs."""
REQUIRES = {"cpu": "onnxruntime", "cuda": "onnxruntime-gpu", "openvino": "onnxruntime-openvino"}
"""The package that has the accelerator."""
UNSENT = ("STRING", "BFLOAT16")
"""Element types that these programs do not read from a request."""


def template(name: str) -> bytes:
    """Return a file that goes into bundles as it is."""
    return (files(__package__) / "templates" / name).read_bytes()


def own_files(subject: Subject, options: Options) -> dict[str, Content]:
    """Return the model, its facts, and the program that runs it."""
    facts = json.dumps(_facts(subject, options), indent=1) + "\n"
    made: dict[str, Content] = {"model.json": facts.encode()}
    made["onnx_model.py"] = template("onnx_model.py.txt")
    return made | subject.files("")


def tensor_facts(tensor: Tensor) -> dict[str, Any]:
    """Describe a tensor as the Open Inference Protocol does.

    Raises
    ------
    BundleError
        The program cannot read such elements.
    """
    if tensor.type_name not in DATATYPES or tensor.type_name in UNSENT:
        raise BundleError(
            f"'{tensor.name}' is {tensor.type_name.lower()}, which this server's requests have not",
            "cast it in the model, as to float32; or bundle --for triton",
        )
    shape = [dim if isinstance(dim, int) else -1 for dim in tensor.dims]
    return {"name": tensor.name, "datatype": DATATYPES[tensor.type_name], "shape": shape}


def _facts(subject: Subject, options: Options) -> dict[str, Any]:
    signature = subject.signature
    return {
        "name": subject.name,
        "version": subject.version,
        "accelerator": options.accelerator or "cpu",
        "threads": options.threads,
        "instances": options.instances or 1,
        "warm_up": options.warm_up or 0,
        "sizes": dict(options.dims),
        "inputs": [tensor_facts(t) | {"dims": list(t.dims)} for t in signature.inputs],
        "outputs": [tensor_facts(t) | {"dims": list(t.dims)} for t in signature.outputs],
        "states": [{"taken": s.taken.name, "given": s.given.name} for s in signature.states],
        "keeps_states": options.states == "server",
        "max_sequences": options.max_sequences or 64,
        "sequence_timeout": options.sequence_timeout or 60,
    }
