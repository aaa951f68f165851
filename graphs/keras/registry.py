"""The converters by the class of the layer, and what each is called with."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any, Literal, Protocol

from ..builder.ops import Ops
from ..errors import GraphError
from ..network import Network
from ..values import Value
from .fields import Fields
from .tensor import Tensor
from .vault import Vault

Masking = Literal["keeps", "drops", "own"]
"""What a layer does to the mask of its input: hand it on, lose it, or see to it itself."""


class Inner(Protocol):
    """Applies a layer inside another one: that of a wrapper, an activation that is a layer."""

    def __call__(
        self, config: Any, name: str, vault: Vault, inputs: tuple[Tensor, ...]
    ) -> tuple[Tensor, ...]:
        """Return what the layer with this configuration gives."""
        ...


@dataclass(frozen=True)
class Call:
    """One call of a Keras layer, which a converter turns into layers of ONNX.

    Parameters
    ----------
    net
        The network that it is added to.
    layer
        The name of what is added.
    kind
        The layer's class in Keras.
    fields
        Its configuration.
    vault
        Its arrays.
    major
        The version of Keras, 2 or 3.
    inputs
        What it is called with.
    at_end
        Whether masks are promised to cover nothing but the ends of sequences.
    keywords
        The other arguments of the call: numbers, or tensors among them.
    inner
        What applies a layer inside this one.
    """

    net: Network
    layer: str
    kind: str
    fields: Fields
    vault: Vault
    major: int
    inputs: tuple[Tensor, ...]
    inner: Inner
    at_end: bool = False
    keywords: Mapping[str, Any] = field(default_factory=dict)

    @property
    def label(self) -> str:
        """What errors call the layer."""
        return self.fields.label

    @property
    def ops(self) -> Ops:
        """Operators that are named after the layer."""
        return Ops(self.net, self.layer)

    @property
    def x(self) -> Tensor:
        """The one tensor that the layer takes."""
        if len(self.inputs) != 1:
            raise GraphError(
                f"{self.label}: is called with {len(self.inputs)} tensors, takes 1",
                "save the model again with model.save",
            )
        return self.inputs[0]

    def value(self) -> Value:
        """Return the one value that the layer takes, with its dims in Keras's order."""
        return self.x.keras(self.ops)

    def axes(self, rank: int, key: str = "axis") -> list[int]:
        """Return the dims that a field names, counted from the front, in order; -1 where none."""
        given = self.fields.integers(key, default=-1, least=-rank)
        if not given or max(given) >= rank:
            self.fields.refuse(key, list(given), f"dims from {-rank} to {rank - 1}")
        return sorted(axis % rank for axis in given)

    def name(self, role: str = "") -> str:
        """Return the name for the layer of the network that does this one, or a part of it."""
        return f"{self.layer}/{role}" if role else self.layer

    def refuse(self, problem: str) -> GraphError:
        """Return the error for what is understood and cannot be converted."""
        return GraphError(
            f"{self.label}: {problem}",
            "build this part by hand: see onnxwright/pages/layers.md for what is",
        )


Converter = Callable[[Call], Tensor | tuple[Tensor, ...]]


@dataclass(frozen=True)
class Entry:
    """A converter and what its layer does to a mask."""

    convert: Converter
    masking: Masking


ENTRIES: dict[str, Entry] = {}
"""Every layer that is known, by its class."""


def keras_layer(*kinds: str, masking: Masking = "drops") -> Callable[[Converter], Converter]:
    """Register a converter for layers of these classes."""

    def register(convert: Converter) -> Converter:
        for kind in kinds:
            ENTRIES[kind] = Entry(convert, masking)
        return convert

    return register


def look_up(kind: str, label: str) -> Entry:
    """Return the entry of a class.

    Raises
    ------
    GraphError
        The class is not known.
    """
    if kind in ENTRIES:
        return ENTRIES[kind]
    near = get_close_matches(kind, ENTRIES, n=1, cutoff=0.8)
    raise GraphError(
        f"{label}: layers of class {kind} cannot be converted"
        + (f" ({near[0]} can)" if near else ""),
        "replace the layer in Keras, or build this net from its arrays "
        "(see onnxwright/pages/checkpoints.md)",
    )
