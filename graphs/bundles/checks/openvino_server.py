"""A folder for OpenVINO Model Server."""

import posixpath
from collections.abc import Iterator
from typing import Any

from .model import find_model, judged
from .problem import Problem
from .structured import at, read_json_file
from .tree import Tree

CONFIG = "config.json"
IGNORED = "the server does not load the model"


def check_openvino(tree: Tree) -> Iterator[Problem]:
    """Yield what is wrong with the folder."""
    if CONFIG not in tree.files:
        for name in tree.children(""):
            yield from _versions(tree, name)
        return
    config = read_json_file(tree, CONFIG)
    if isinstance(config, Problem):
        yield config
        return
    listed = config.get("model_config_list")
    if not isinstance(listed, list) or not listed:
        yield Problem(CONFIG, "model_config_list is empty", "nothing is served", "list the model")
        return
    for entry in listed:
        yield from _model(tree, at(entry, "config"))


def _model(tree: Tree, config: Any) -> Iterator[Problem]:
    name, base = at(config, "name"), at(config, "base_path")
    label = f"model {name!r:.60}"
    if not isinstance(name, str) or not isinstance(base, str):
        yield Problem(CONFIG, f"{label} has no name or base_path", IGNORED, "write both")
        return
    if at(config, "plugin_config", "INFERENCE_PRECISION_HINT") != "f32":
        yield Problem(
            CONFIG,
            f"{label} has no INFERENCE_PRECISION_HINT of f32",
            "a processor that has bfloat16 computes in that, without a word: errors of 2e-2",
            'write "plugin_config": {"INFERENCE_PRECISION_HINT": "f32"}',
        )
    if at(config, "stateful"):
        yield Problem(
            CONFIG,
            f"{label} is to be stateful",
            "servers from 2026-06 on keep no states, and refuse it",
            "have the client carry the states",
        )
    folder = posixpath.normpath(base)
    if folder.startswith(("/", "..")) or "://" in base:
        yield Problem(
            CONFIG,
            f"base_path {base!r:.80} leads out of the folder",
            "the server looks for the model there; it was not checked",
            f"write a path in the folder, as models/{name}",
        )
    elif folder not in tree.folders:
        yield Problem(folder, "there is no such folder", IGNORED, "put the model's versions there")
    else:
        yield from _versions(tree, folder)


def _versions(tree: Tree, folder: str) -> Iterator[Problem]:
    versions = [n for n in tree.children(folder) if n.isascii() and n.isdigit() and int(n) > 0]
    if not versions:
        yield Problem(
            folder,
            "it has no folder of a version, called by a whole number from 1 on",
            IGNORED,
            f"put the model into {folder}/1",
        )
    for version in versions:
        lead = f"{folder}/{version}/"
        models = [n for n in sorted(tree.files) if n.startswith(lead) and n.endswith(".onnx")]
        inside = [n for n in models if "/" not in n.removeprefix(lead)]
        if len(inside) != 1:
            yield Problem(
                lead.rstrip("/"),
                f"it has {len(inside)} .onnx files",
                IGNORED if not inside else "the server takes one of them",
                "put one model into each version's folder",
            )
        for where in inside:
            found = find_model(tree, where)
            if isinstance(found, Problem):
                yield found
            else:
                yield from judged(found, ("openvino", "openvino"))
