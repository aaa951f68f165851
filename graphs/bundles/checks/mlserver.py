"""A folder for MLServer."""

from collections.abc import Iterator
from typing import Any

from ..batching import batching_problem
from ..signature import Signature
from .own_server import compared, find_own
from .problem import Problem
from .structured import at, read_json_file
from .tree import Tree

SETTINGS = "model-settings.json"


def check_mlserver(tree: Tree) -> Iterator[Problem]:
    """Yield what is wrong with the folder."""
    settings = read_json_file(tree, SETTINGS)
    if isinstance(settings, Problem):
        yield settings
        return
    implementation = settings.get("implementation")
    if not isinstance(implementation, str):
        yield Problem(
            SETTINGS,
            "it names no implementation",
            "MLServer has none for ONNX, and does not start",
            'write "implementation": "onnx_runtime.OnnxRuntime"',
        )
        return
    program = f"{implementation.rpartition('.')[0].replace('.', '/')}.py"
    if "settings.json" in tree.files:
        server = read_json_file(tree, "settings.json")
        if isinstance(server, Problem):
            yield server
    if implementation != "onnx_runtime.OnnxRuntime":
        if program not in tree.files and not implementation.startswith("mlserver"):
            yield _no_program(program)
        return  # somebody's own class: what it reads is not known
    for found in find_own(tree, ("onnx_runtime.py", "onnx_model.py")):
        if isinstance(found, Problem):
            yield found
        else:
            yield from compared(SETTINGS, settings, found.signature)
            yield from _batching(settings, found.signature)


def _no_program(program: str) -> Problem:
    return Problem(
        program,
        "there is no such file, and the implementation is to be in it",
        "the server does not start, unless the module is installed there",
        "put it beside model-settings.json",
    )


def _batching(settings: dict[str, Any], signature: Signature) -> Iterator[Problem]:
    size = at(settings, "max_batch_size")
    if not isinstance(size, int) or size < 2:
        return
    later = [dim for t in signature.inputs for dim in t.dims[1:] if isinstance(dim, str)]
    reason = batching_problem(signature) or (f"the dim '{later[0]}' varies too" if later else None)
    if reason:
        yield Problem(
            SETTINGS,
            f"max_batch_size is {size}, and {reason}",
            "MLServer joins requests without a look at their other dims: they fail, or get each "
            "other's numbers",
            "write max_batch_size: 0",
        )
