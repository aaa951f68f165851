"""A Triton model repository: its folders, and what each model's configuration and graph say."""

from collections.abc import Iterator
from typing import Any

from .model import find_model, judged
from .problem import Problem
from .tree import Tree
from .triton_config import ONNX, REFUSED, config_problems, parse_config
from .triton_states import state_problems
from .triton_tensors import tensor_problems
from .triton_warm_up import warm_up_problems

ENDS = "the server does not start (it goes on without it under --exit-on-error=false)"


def check_repository(tree: Tree, root: str = "") -> Iterator[Problem]:
    """Yield what is wrong with the repository in the folder `root` of the tree."""
    names = tree.children(root)
    if not names:
        yield Problem(
            root or ".",
            "it has no model's folder",
            "the server starts with no model",
            "lay it out as NAME/config.pbtxt and NAME/1/model.onnx",
        )
    for name in names:
        yield from _check_model(tree, f"{root}/{name}" if root else name)


def _check_model(tree: Tree, folder: str) -> Iterator[Problem]:
    where, name = f"{folder}/config.pbtxt", folder.rpartition("/")[2]
    if where not in tree.files:
        yield Problem(
            where,
            "there is no such file",
            ENDS,
            "write it; or move what is no model out of the repository",
        )
        return
    config = parse_config(tree, where)
    if isinstance(config, Problem):
        yield config
        return
    yield from config_problems(config, where, name)
    versions = list(_version_problems(tree, folder, config))
    yield from (problem for problem in versions if isinstance(problem, Problem))
    kind = config.backend or config.platform
    if kind and kind not in ONNX:
        yield from _other_backend(where, config, kind)
        return
    for version in versions:
        if isinstance(version, str):
            yield from _check_version(tree, folder, version, config, where)


def _other_backend(where: str, config: Any, kind: str) -> Iterator[Problem]:
    """Judge a configuration for another backend: of ONNX models only the name can be wrong."""
    if "onnx" in kind.lower():
        field = "backend" if config.backend else "platform"
        right = ONNX[0] if config.backend else ONNX[1]
        yield Problem(where, f"the server has no {field} '{kind}'", REFUSED, f"write '{right}'")


def _version_problems(tree: Tree, folder: str, config: Any) -> Iterator[Problem | str]:
    """Yield the versions that are served, and what is wrong with the others."""
    found = []
    for name in tree.children(folder):
        if name.isascii() and name.isdigit() and (name == "0" or name[0] != "0"):
            found.append(int(name))
        elif any(
            file.startswith(f"{folder}/{name}/") and file.endswith(".onnx") for file in tree.files
        ):
            yield Problem(
                f"{folder}/{name}",
                "a version's folder is called by a whole number without leading zeros",
                "the server ignores it",
                f"rename it, as {folder}/1",
            )
    policy = config.version_policy
    asked = list(policy.specific.versions)
    for version in sorted(set(asked) - set(found)):
        yield Problem(
            f"{folder}/config.pbtxt",
            f"version_policy asks for version {version}, which is not there",
            REFUSED,
            "put it there, or ask for one that is",
        )
    if not found:
        yield Problem(folder, "it has no version", REFUSED, f"put the model into {folder}/1")
    newest = sorted(found)[-max(policy.latest.num_versions, 1) :]
    served = found if policy.HasField("all") else set(asked) & set(found) if asked else newest
    yield from map(str, sorted(served))


def _check_version(
    tree: Tree, folder: str, version: str, config: Any, where: str
) -> Iterator[Problem]:
    file = config.default_model_filename or "model.onnx"
    if "/" in file or "\\" in file or file == "..":
        yield Problem(
            where,
            f"default_model_filename '{file}' is no file's name",
            "the server takes a model from outside the version's folder, or none",
            "write the name of the file in the version's folder",
        )
        return
    found = find_model(tree, f"{folder}/{version}/{file}")
    if isinstance(found, Problem):
        yield found
        return
    yield from judged(found, ("triton", _judge(config)))
    yield from tensor_problems(config, where, found.signature)
    yield from state_problems(tree, config, where, found)
    yield from warm_up_problems(config, where)


def _judge(config: Any) -> str:
    """Return the target of lint whose rules hold for the instances' devices."""
    accelerators = config.optimization.execution_accelerators
    names = [a.name for a in accelerators.gpu_execution_accelerator]
    names += [a.name for a in accelerators.cpu_execution_accelerator]
    if "tensorrt" in names:
        return "tensorrt"
    if "openvino" in names:
        return "openvino-ep"
    on_gpu = any(group.kind == group.KIND_GPU for group in config.instance_group)
    return "cuda" if on_gpu else "cpu"
