"""A kernel and a node's attributes made into one function of the node's inputs."""

import inspect
from collections.abc import Mapping
from functools import cache, partial
from typing import Any

from ..errors import ModelError
from .registry import Kernel, NodeInfo

_POSITIONAL = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)


@cache
def _parameters(kernel: Kernel) -> Mapping[str, inspect.Parameter]:
    return inspect.signature(kernel).parameters


@cache
def keywords(kernel: Kernel) -> Mapping[str, inspect.Parameter]:
    """Return attribute name to parameter; ``max_`` stands for ``max``, which Python has taken."""
    return {
        name.rstrip("_"): parameter
        for name, parameter in _parameters(kernel).items()
        if parameter.kind is inspect.Parameter.KEYWORD_ONLY
    }


@cache
def positionals(kernel: Kernel) -> tuple[inspect.Parameter, ...]:
    """Return the parameters that take one input each."""
    return tuple(p for p in _parameters(kernel).values() if p.kind in _POSITIONAL)


@cache
def is_variadic(kernel: Kernel) -> bool:
    """Whether the kernel takes any number of inputs."""
    return any(p.kind is inspect.Parameter.VAR_POSITIONAL for p in _parameters(kernel).values())


def bind(kernel: Kernel, node: NodeInfo, count: int, bodies: Mapping[str, Any]) -> Kernel:
    """Return `kernel` with the node's attributes bound, a function of its `count` inputs.

    `bodies` are the compiled subgraphs, by attribute name; they are bound when the node runs.

    Raises
    ------
    ModelError
        The node has an attribute that the operator does not know, lacks one, or has more or
        fewer inputs than the operator takes.
    """
    accepted = keywords(kernel)
    _check_inputs(kernel, node, count)
    given = dict(node.attributes)
    if "node" in accepted:
        given["node"] = node
    unknown = given.keys() - accepted.keys()
    missing = [
        name
        for name, parameter in accepted.items()
        if parameter.default is parameter.empty and name not in given and name not in bodies
    ]
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


def _check_inputs(kernel: Kernel, node: NodeInfo, count: int) -> None:
    taken = positionals(kernel)
    least = sum(parameter.default is parameter.empty for parameter in taken)
    if count < least or (count > len(taken) and not is_variadic(kernel)):
        raise ModelError(
            f"{describe(node)}: {count} inputs, but it takes "
            + (f"at least {least}" if is_variadic(kernel) else f"{least} to {len(taken)}"),
            "the node is broken: export the model again",
        )
