"""What rules may ask about a node: plain facts, taken from a model or given by a builder."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import onnx
from onnx.defs import OpSchema, SchemaError


@dataclass(frozen=True)
class ValueFacts:
    """What is known about one input of a node."""

    name: str = ""
    dtype: str | None = None
    """ONNX's name of the element type (``"float"``, ``"double"``, ``"int64"``); None if unknown."""
    dims: tuple[int | None, ...] | None = None
    """None in place of a dim that is symbolic or unknown; None where the rank is unknown."""
    constant: bool = False
    """Whether an initializer or a Constant node gives it."""
    numbers: tuple[int, ...] | None = None
    """A short constant list of whole numbers; None for all else."""
    fed: bool = False
    """Whether it is an input of the model itself."""
    maker: str = ""
    """The operator that gives it, "" for inputs, initializers and where it is not known."""


@dataclass(frozen=True)
class NodeFacts:
    """A node as the rules see it."""

    op: str
    opset: int
    """The version of the node's own domain that the model imports."""
    domain: str = ""
    name: str = ""
    where: str = "main graph"
    attributes: Mapping[str, Any] = field(default_factory=dict)
    """Only those that the node has; strings decoded."""
    inputs: Mapping[str, ValueFacts] = field(default_factory=dict)
    """By the schema's name of the input; one that the node does not have is missing."""
    outputs: frozenset[str] = frozenset()
    """The schema's names of the outputs that the node gives."""
    ends_empty: frozenset[str] = frozenset()
    """Which of ``"inputs"`` and ``"outputs"`` end in the name "": in a value that is left out."""
    proto: onnx.NodeProto | None = None
    """The node itself, None where it is yet to be made."""

    @property
    def dtype(self) -> str | None:
        """Return the element type of the first input, None where it is unknown."""
        return next(iter(self.inputs.values())).dtype if self.inputs else None


def schema_of(op: str, opset: int, domain: str = "") -> OpSchema | None:
    """Return the operator's newest schema not above `opset`, None for an unknown operator."""
    try:
        return onnx.defs.get_schema(op, opset, domain)
    except SchemaError:
        return None


def formal_names(given: Sequence[str], formals: Sequence[str]) -> list[str]:
    """Return the schema's name for each value that a node lists; a variadic one is numbered.

    >>> formal_names(["a", "", "b", "c"], ["X", "rest"])
    ['X', 'rest', 'rest_1', 'rest_2']
    """
    if not formals:
        return [f"value_{index}" for index in range(len(given))]
    last = len(formals) - 1
    return [
        formals[index] if index <= last else f"{formals[last]}_{index - last}"
        for index in range(len(given))
    ]
