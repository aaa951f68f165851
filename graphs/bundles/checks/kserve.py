"""A KServe manifest over a Triton model repository."""

import re
from collections.abc import Iterator
from typing import Any

from ..kserve import STORAGE, own_folder
from .problem import Problem
from .structured import at, read_yaml
from .tree import Tree
from .triton import check_repository

MANIFEST = "inferenceservice.yaml"
NOT_STARTED = "the service does not become ready"


def check_kserve(tree: Tree) -> Iterator[Problem]:
    """Yield what is wrong with the manifest, and with the repository if it is there."""
    manifests = sorted(n for n in tree.files if "/" not in n and n.endswith((".yaml", ".yml")))
    where = MANIFEST if MANIFEST in tree.files else next(iter(manifests), MANIFEST)
    manifest = read_yaml(tree, where)
    if isinstance(manifest, Problem):
        yield manifest
    else:
        yield from _manifest_problems(tree, where, manifest)
    if "models" in tree.folders:
        yield from check_repository(tree, "models")
    else:
        yield Problem(
            "models",
            "there is no such folder",
            "the repository that is put into the storage is not checked",
            "bundle it again, or check the repository --for triton",
        )


def _manifest_problems(tree: Tree, where: str, manifest: dict[str, Any]) -> Iterator[Problem]:
    model = at(manifest, "spec", "predictor", "model")
    wanted = {
        "kind": (manifest.get("kind"), "InferenceService", "the cluster refuses it"),
        "apiVersion": (
            manifest.get("apiVersion"), "serving.kserve.io/v1beta1", "the cluster refuses it",
        ),
        "modelFormat.name": (
            at(model, "modelFormat", "name"), "onnx", "KServe finds no runtime for it",
        ),
        "protocolVersion": (
            at(model, "protocolVersion"), "v2", "requests go to paths that Triton does not have",
        ),
        "runtime": (
            at(model, "runtime"), "kserve-tritonserver",
            "another server is started, which does not read config.pbtxt",
        ),
    }  # fmt: skip
    for name, (given, right, effect) in wanted.items():
        if given != right:
            yield Problem(where, f"{name} is {_shown(given)}", effect, f"write {name}: {right}")
    name = at(manifest, "metadata", "name")
    if not (isinstance(name, str) and re.fullmatch(r"[a-z]([a-z0-9-]{0,48}[a-z0-9])?", name)):
        yield Problem(
            where,
            f"metadata.name is {_shown(name)}",
            "the cluster refuses it",
            "write small letters, digits and '-', a letter first, 50 at most",
        )
    yield from _storage(tree, where, at(model, "storageUri"))


def _storage(tree: Tree, where: str, uri: Any) -> Iterator[Problem]:
    if not (isinstance(uri, str) and STORAGE.fullmatch(uri)):
        yield Problem(
            where,
            f"storageUri is {_shown(uri)}",
            f"nothing is fetched; {NOT_STARTED}",
            "write pvc://CLAIM/models, s3://BUCKET/models or the like",
        )
        return
    for name in tree.children("models"):
        if own_folder(uri, name):
            yield Problem(
                where,
                f"storageUri {uri} leads into the folder of the model {name}",
                f"Triton takes it for the repository and finds no model; {NOT_STARTED}",
                "write the folder above the model's",
            )


def _shown(value: Any) -> str:
    return "missing" if value is None else repr(value)[:80]
