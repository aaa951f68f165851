"""Names to slots while a graph is compiled, with what the enclosing graphs already define."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Self

import numpy as np
from onnx import AttributeProto, FunctionProto

from ...inlining import MOST_NODES
from ..errors import ModelError
from .plan import DISCARD, Program
from .registry import NodeInfo

MAX_DEPTH = 50
"""Subgraphs and functions inside one another; no exporter comes near it."""


@dataclass(frozen=True)
class Record:
    """A node and what computes it; see :mod:`.coverage`."""

    node: NodeInfo
    place: str
    source: str
    kernel: str


@dataclass
class Context:
    """What is the same for a whole model while it is compiled."""

    functions: Mapping[tuple[str, str, str], FunctionProto]
    """By domain, name, overload."""
    float_dtype: np.dtype[Any] | None
    nodes: int = 0
    record: list[Record] = field(default_factory=list)
    """Every node that was met, the expanded and the folded ones too."""

    def count(self, place: str) -> None:
        """Count one more node.

        Raises
        ------
        ModelError
            There are too many.
        """
        self.nodes += 1
        if self.nodes > MOST_NODES:
            raise ModelError(
                f"more than {MOST_NODES} nodes once functions are expanded, in {place}",
                "the functions call one another too often: the file is broken or hostile",
            )


@dataclass
class Scope:
    """The names that one graph, subgraph or function body has defined so far.

    A subgraph has a program of its own and sees its `parent`'s names; a function's body is
    compiled into its caller's program and sees none of its caller's.
    """

    context: Context
    program: Program
    place: str
    opsets: Mapping[str, int]
    parent: Self | None = None
    attributes: Mapping[str, AttributeProto] = field(default_factory=dict)
    """A function's attributes, for references from its body."""
    stack: tuple[tuple[str, str, str], ...] = ()
    """The functions that are being expanded, outermost first."""
    prefix: str = ""
    """Stands before the names of a function's values, to tap them."""
    depth: int = 0
    names: dict[str, int] = field(default_factory=dict)
    defined: set[str] = field(default_factory=set)

    def define(self, name: str, slot: int | None = None) -> int:
        """Give `name` a slot, a new one unless it is given.

        Raises
        ------
        ModelError
            The name is already defined.
        """
        if name in self.defined:
            raise ModelError(
                f"value {name!r} is defined twice in {self.place}",
                "every name may be given once: export the model again",
            )
        slot = self.new_slot() if slot is None else slot
        self.defined.add(name)
        self.names[name] = slot
        self.program.names.setdefault(self.prefix + name, slot)
        return slot

    def constant(self, name: str, value: Any) -> int:
        """Define `name` as a constant."""
        slot = self.define(name)
        self.program.constants[slot] = value
        return slot

    def typed(self, slot: int, kind: str | None) -> None:
        """Keep the type of a slot where it is known."""
        if kind is not None and slot > DISCARD:
            self.program.types[slot] = kind

    def new_slot(self) -> int:
        """Return a slot that nothing uses."""
        self.program.size += 1
        return self.program.size - 1

    def find(self, name: str) -> int | None:
        """Return the slot of `name` here, copied in from the enclosing graph where it must be."""
        if name in self.names:
            return self.names[name]
        outer = None if self.parent is None else self.parent.find(name)
        if self.parent is None or outer is None:
            return None
        slot = self.new_slot()
        if outer in self.parent.program.constants:
            self.program.constants[slot] = self.parent.program.constants[outer]
        else:
            self.program.captures.append((slot, outer))
        if outer in self.parent.program.types:
            self.program.types[slot] = self.parent.program.types[outer]
        self.names[name] = slot
        return slot

    def deeper(self, inside: str) -> int:
        """Return the depth of a scope inside this one.

        Raises
        ------
        ModelError
            It is too deep.
        """
        if self.depth >= MAX_DEPTH:
            raise ModelError(
                f"subgraphs and functions are nested deeper than {MAX_DEPTH} at {inside}",
                "the file is broken or hostile: no exporter nests so deep",
            )
        return self.depth + 1
