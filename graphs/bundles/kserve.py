"""KServe: an InferenceService over a Triton model repository in a storage."""

import re
from typing import Any

from . import triton
from .errors import BundleError
from .made import Made, Target
from .options import Options
from .subject import Subject
from .yaml_text import yaml_text

STORAGE = re.compile(r"(s3|gs|https?|pvc|hdfs|webhdfs|hf|oci)://[^\s?#]+")
"""What KServe's storage initializer fetches from."""


def pack(subject: Subject, options: Options) -> Made:
    """Return the manifest, and the repository that is to be put into the storage."""
    uri = storage_uri(options.storage_uri, subject.name)
    inner = triton.pack(subject, options)
    service = service_name(subject.name)
    manifest = yaml_text(_manifest(service, uri, options))
    repository = {f"models/{path}": content for path, content in inner.files.items()}
    return Made(
        {"inferenceservice.yaml": manifest.encode(), **repository},
        start="kubectl apply -f inferenceservice.yaml",
        url=f"http://SERVICE/v2/models/{subject.name}",
        batch=inner.batch,
        more=(
            f"First put the folder `models` into the storage, so that `{uri}/{subject.name}/"
            f"config.pbtxt` is there. SERVICE is what `kubectl get inferenceservice {service}` "
            "gives.",
        ),
    )


def storage_uri(given: str | None, name: str) -> str:
    """Return the storage's URI: the folder above the model's.

    Raises
    ------
    BundleError
        There is none, or it is the model's own folder.
    """
    if given is None:
        raise BundleError(
            "KServe fetches the model from a storage, and none is given",
            "give --storage-uri, such as pvc://CLAIM/models or s3://BUCKET/models",
        )
    if not STORAGE.fullmatch(given):
        raise BundleError(
            f"--storage-uri {given!r} is no storage that KServe knows",
            "give one that begins with s3://, gs://, pvc://, https://, hdfs://, hf:// or oci://",
        )
    uri = given.rstrip("/")
    if own_folder(uri, name):
        raise BundleError(
            f"--storage-uri {given} is the model's own folder, in which the server finds no model",
            f"give the folder above it, which has {name}/config.pbtxt",
        )
    return uri


def own_folder(uri: str, name: str) -> bool:
    """Say whether a URI leads into a model's folder and not to the one above it."""
    parts = uri.rstrip("/").split("/")
    return (
        parts[-1] in (name, "config.pbtxt") or parts[-1].endswith(".onnx") or name in parts[-2:-1]
    )


def service_name(name: str) -> str:
    """Return a name that Kubernetes allows.

    >>> service_name("Tagger_2.1")
    'tagger-2-1'
    """
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:50].rstrip("-")


def _manifest(service: str, uri: str, options: Options) -> dict[str, Any]:
    limits = {"cpu": str((options.threads or 1) * (options.instances or 1)), "memory": "2Gi"}
    if options.accelerator in ("cuda", "tensorrt"):
        limits["nvidia.com/gpu"] = "1"
    model = {
        "modelFormat": {"name": "onnx"},
        "protocolVersion": "v2",
        "runtime": "kserve-tritonserver",
        "storageUri": uri,
        "resources": {"limits": limits},
    }
    return {
        "apiVersion": "serving.kserve.io/v1beta1",
        "kind": "InferenceService",
        "metadata": {"name": service},
        "spec": {"predictor": {"model": model}},
    }


KSERVE = Target(
    name="kserve",
    title="KServe",
    takes=triton.TRITON.takes | {"storage_uri"},
    accelerators=triton.ACCELERATORS,
    judge="triton",
    pack=pack,
    keeps_states=True,
    arranges_states=True,
)
