"""A kernel and a node's attributes made into one function of the node's inputs."""

import inspect
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, partial
from typing import Any

from ..errors import ModelError
from .registry import Kernel, NodeInfo

_POSITIONAL = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)


@dataclass(frozen=True)
class Parameters:
    """What a kernel takes."""

    keywords: Mapping[str, inspect.Parameter]
    """Attribute name to parameter; ``max_`` stands for ``max``, which Python has taken."""
    needed: frozenset[str]
    """The attributes without a default."""
    least: int
    """How many inputs must be given."""
    most: int
    """How many inputs have a parameter of their own."""
    variadic: bool
    """Whether the kernel takes any number of inputs."""


@cache
def parameters(kernel: Kernel) -> Parameters:
    """Read a kernel's signature, once."""
    found = inspect.signature(kernel).parameters.values()
    keywords = {p.name.rstrip("_"): p for p in found if p.kind is inspect.Parameter.KEYWORD_ONLY}
    inputs = [p for p in found if p.kind in _POSITIONAL]
    return Parameters(
        keywords,
        frozenset(name for name, p in keywords.items() if p.default is p.empty),
        sum(p.default is p.empty for p in inputs),
        len(inputs),
        any(p.kind is inspect.Parameter.VAR_POSITIONAL for p in found),
    )


def bind(kernel: Kernel, node: NodeInfo, count: int, bodies: Mapping[str, Any]) -> Kernel:
    """Return `kernel` with the node's attributes bound, a function of its `count` inputs.

    `bodies` are the compiled subgraphs, by attribute name; they are bound when the node runs.

    Raises
    ------
    ModelError
        The node has an attribute that the operator does not know, lacks one, or has more or
        fewer inputs than the operator takes.
    """
    taken = parameters(kernel)
    _check_inputs(taken, node, count)
    given = dict(node.attributes)
    accepted = taken.keywords
    if "node" in accepted:
        given["node"] = node
    unknown = given.keys() - accepted.keys()
    missing = taken.needed - given.keys() - bodies.keys()
    if unknown or missing:
        problem = "unknown" if unknown else "no"
        raise ModelError(
            f"{describe(node)}: {problem} attribute {min(unknown or missing)!r}",
            f"it takes {', '.join(sorted(accepted.keys() - {'node'})) or 'none'}: "
            "export the model again, or convert it to a newer opset",
        )
    bound = {accepted[name].name: value for name, value in given.items()}
    return partial(kernel, **bound) if bound else kernel


def describe(node: NodeInfo) -> str:
    """Return ``node 'fc1' (Gemm, opset 13)``."""
    operator = f"{node.domain}.{node.op_type}" if node.domain else node.op_type
    return f"node {node.name!r} ({operator}, opset {node.opset})"


def _check_inputs(taken: Parameters, node: NodeInfo, count: int) -> None:
    if count < taken.least or (count > taken.most and not taken.variadic):
        raise ModelError(
            f"{describe(node)}: {count} inputs, but it takes "
            + (f"at least {taken.least}" if taken.variadic else f"{taken.least} to {taken.most}"),
            "the node is broken: export the model again",
        )
