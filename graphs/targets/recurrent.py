"""What rules ask about recurrent layers: their activations, their clip, the lengths of rows."""

import math
from typing import Any

from .node import NodeFacts, ValueFacts

DEFAULT_ACTIVATIONS = {
    "RNN": ("Tanh",),
    "GRU": ("Sigmoid", "Tanh"),
    "LSTM": ("Sigmoid", "Tanh", "Tanh"),
}
SATURATED = 20.0
"""Here sigmoid and tanh are level in float32: sigmoid of -20 is 2e-9, tanh of 10 is 1."""


def activations_differ(node: NodeFacts, wanted: Any) -> bool:
    """Say whether a layer's activations are as a rule's ``activations`` asks."""
    default, given = DEFAULT_ACTIVATIONS[node.op], _activations(node)
    if wanted == "other than default":
        return any(name != default[i % len(default)] for i, name in enumerate(given))
    if wanted == "differ by direction":
        half = len(default)
        return len(given) > half and given[:half] != given[half:]
    if "inside" in wanted:
        return any(name in wanted["inside"] for name in given)
    return any(name not in wanted["outside"] for name in given)


def clip_is_felt(node: NodeFacts, wanted: str) -> bool:
    """Say whether a layer's clip changes what its activations give."""
    clip = node.attributes.get("clip")
    level = set(_activations(node)) <= {"Sigmoid", "Tanh"}
    return isinstance(clip, int | float) and 0 < clip < (SATURATED if level else math.inf)


def may_be_short(lengths: ValueFacts, node: NodeFacts) -> bool:
    """Say whether rows may have fewer steps than the layer's input has."""
    x = node.inputs.get("X")
    axis = 1 if node.attributes.get("layout") == 1 else 0
    steps = x.dims[axis] if x is not None and x.dims is not None and len(x.dims) > axis else None
    return lengths.numbers is None or any(number != steps for number in lengths.numbers)


def _activations(node: NodeFacts) -> list[str]:
    names = node.attributes.get("activations", DEFAULT_ACTIVATIONS[node.op])
    return [str(name) for name in names] if isinstance(names, list | tuple) else []
