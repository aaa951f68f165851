"""What bundles have in common that run onnxruntime by a Python program of their own."""

from collections.abc import Iterator
from typing import Any

from ..own_server import ACCELERATORS
from ..signature import Signature, Tensor
from ..triton_states import DATATYPES
from .model import Found, find_model, judged
from .problem import Problem
from .structured import at, read_json_file
from .tree import Tree

FAILS = "every request is held against the wrong tensors, and fails"


def find_own(tree: Tree, programs: tuple[str, ...]) -> Iterator[Problem | Found]:
    """Yield what is wrong with the model, its facts and the programs; then the model."""
    for name in programs:
        if name not in tree.files:
            yield Problem(
                name, "there is no such file", "the server does not start", "bundle it again"
            )
    facts = read_json_file(tree, "model.json")
    found = find_model(tree, "model.onnx")
    for thing in (facts, found):
        if isinstance(thing, Problem):
            yield thing
    if isinstance(facts, Problem) or isinstance(found, Problem):
        return
    accelerator = str(facts.get("accelerator"))
    if accelerator not in ACCELERATORS:
        yield Problem(
            "model.json",
            f"the accelerator {accelerator!r} is not known",
            "the server does not start",
            f"write one of {', '.join(ACCELERATORS)}",
        )
        return
    yield from judged(found, ("cpu", ACCELERATORS[accelerator]))
    yield from compared("model.json", facts, found.signature)
    yield found


def compared(where: str, facts: dict[str, Any], signature: Signature) -> Iterator[Problem]:
    """Yield where the tensors that a file lists are not the graph's."""
    for kind, tensors in (("inputs", signature.inputs), ("outputs", signature.outputs)):
        listed = at(facts, kind)
        given = [_listed(item) for item in listed] if isinstance(listed, list) else []
        wanted = [_graph(tensor) for tensor in tensors]
        if given != wanted:
            wrong = next(
                (pair for pair in zip(given, wanted, strict=False) if pair[0] != pair[1]), None
            )
            told = f"{wrong[0]} is in the graph {wrong[1]}" if wrong else "their numbers differ"
            yield Problem(
                where, f"its {kind} are not the graph's: {told}", FAILS, "bundle it again"
            )


def _listed(item: Any) -> tuple[Any, Any, Any]:
    return at(item, "name"), at(item, "datatype"), at(item, "shape")


def _graph(tensor: Tensor) -> tuple[Any, Any, Any]:
    shape = [dim if isinstance(dim, int) else -1 for dim in tensor.dims]
    return tensor.name, DATATYPES.get(tensor.type_name), shape
