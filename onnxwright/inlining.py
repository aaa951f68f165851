"""What a model's functions come to once their calls are inlined, found without inlining them."""

from collections import Counter, defaultdict
from collections.abc import Container, Iterator, Mapping, Sized

import onnx

from .walking import walk

MOST_NODES = 500_000
"""Nodes after all function calls are inlined; functions that call functions grow exponentially.
The NumPy runtime counts the bodies that ONNX gives for its own operators too."""

Key = tuple[str, str]
"""Domain and name of a function."""


def function_problem(model: onnx.ModelProto) -> str | None:
    """Look for recursion among the model's functions and for growth past all bounds."""
    bodies = {(f.domain, f.name): _nodes([f]) for f in model.functions}
    calls = {key: Counter(_keys(nodes, bodies)) for key, nodes in bodies.items()}
    sizes = _sizes(bodies, calls)
    circle = next((name for domain, name in bodies if (domain, name) not in sizes), None)
    if circle is not None:
        return f"its functions call each other in a circle, '{circle}' among them"
    nodes = _nodes([model.graph])
    total = _expanded(len(nodes), Counter(_keys(nodes, bodies)), sizes)
    if total > MOST_NODES:
        return f"its function calls expand to more than {MOST_NODES} nodes"
    return None


def _sizes(bodies: Mapping[Key, Sized], calls: Mapping[Key, Mapping[Key, int]]) -> dict[Key, int]:
    """Return the nodes of each function once its calls are inlined, without those in a circle.

    Each function is looked at once, after all that it calls.
    """
    callers = defaultdict(list)
    for key, called in calls.items():
        for callee in called:
            callers[callee].append(key)
    waiting = {key: len(called) for key, called in calls.items()}
    ready = [key for key, count in waiting.items() if not count]
    sizes: dict[Key, int] = {}
    while ready:
        key = ready.pop()
        sizes[key] = _expanded(len(bodies[key]), calls[key], sizes)
        for caller in callers[key]:
            waiting[caller] -= 1
            if not waiting[caller]:
                ready.append(caller)
    return sizes


def _nodes(roots: list[onnx.GraphProto | onnx.FunctionProto]) -> list[onnx.NodeProto]:
    return [node for graph in walk(roots) for node in graph.node]


def _keys(nodes: list[onnx.NodeProto], functions: Container[Key]) -> Iterator[Key]:
    """Yield domain and name of each function that a node calls."""
    for node in nodes:
        if (node.domain, node.op_type) in functions:
            yield node.domain, node.op_type


def _expanded(nodes: int, calls: Mapping[Key, int], sizes: Mapping[Key, int]) -> int:
    """Return the nodes of a body with its calls inlined, at most one more than are allowed."""
    total = nodes + sum(sizes[key] * times for key, times in calls.items())
    return min(total, MOST_NODES + 1)
