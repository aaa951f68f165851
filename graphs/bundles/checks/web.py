"""A static page: the files that it names, and a model that onnxruntime-web runs."""

from collections.abc import Iterator
from typing import Any

from ....json_text import JSONError, read_json
from ..web import NEEDED, PAGE
from .model import find_model, judged
from .problem import Problem
from .tree import Tree

FAILS = "the page says that the model cannot be loaded"


def check_page(tree: Tree) -> Iterator[Problem]:
    """Yield what is wrong with a page."""
    facts = _facts(tree)
    if isinstance(facts, Problem):
        yield facts
        return
    accelerators = ["cpu", *(["webgpu"] if facts.get("webgpu") else [])]
    needed = [f"ort/{name}" for key in accelerators for name in NEEDED[key]]
    for name in (*(name for name in PAGE if name != "serve.py"), *needed):
        if name not in tree.files:
            yield Problem(name, "there is no such file", FAILS, "bundle the page again")
    found = find_model(tree, "model.onnx")
    if isinstance(found, Problem):
        yield found
        return
    yield from judged(found, ("web", "webgpu" if facts.get("webgpu") else "web"))
    for key, tensors in (("inputs", found.signature.inputs), ("outputs", found.signature.outputs)):
        listed = [(t.get("name"), t.get("dims")) for t in _tensors(facts, key)]
        if listed != [(tensor.name, list(tensor.dims)) for tensor in tensors]:
            yield Problem(
                "model.json",
                f"its {key} are not those of model.onnx",
                "the page feeds what the model does not take, and each run fails",
                "bundle the page again",
            )


def _facts(tree: Tree) -> dict[str, Any] | Problem:
    text = tree.text("model.json") if "model.json" in tree.files else "null"
    if isinstance(text, Problem):
        return text
    try:
        facts = read_json(text)
    except JSONError:
        facts = None
    if isinstance(facts, dict):
        return facts
    return Problem("model.json", "it is missing or no JSON object", FAILS, "bundle the page again")


def _tensors(facts: dict[str, Any], key: str) -> list[dict[str, Any]]:
    listed = facts.get(key)
    return [t for t in listed if isinstance(t, dict)] if isinstance(listed, list) else []
