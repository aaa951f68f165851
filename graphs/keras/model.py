"""Models of layers: Sequential and functional, inside each other, layers shared among calls."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from ..errors import GraphError
from ..network import Network
from .entries import Entry, output_names, read_entries, sequential_layers
from .fields import Fields, as_list, broken
from .nodes import Ref, read_ends
from .order import Key, count_of_call, in_order, key_of
from .registry import Call, look_up
from .tensor import Tensor
from .vault import Vault

MAX_NESTING = 16


@dataclass
class Applier:
    """Applies the layers of one saved model to tensors, adding what they are to `net`."""

    net: Network
    major: int
    at_end: bool = False
    depth: int = 0
    prefix: str = ""
    names: set[str] = field(default_factory=set)
    """The names of layers that are taken, here and inside."""
    again: set[str] = field(default_factory=set)
    """Names of layers that were called again, here and inside."""

    @property
    def shares(self) -> bool:
        """Whether a layer has been called more than once."""
        return bool(self.again)

    def layer(
        self,
        entry: Entry,
        vault: Vault,
        inputs: tuple[Tensor, ...],
        keywords: Mapping[str, Any] | None = None,
    ) -> tuple[Tensor, ...]:
        """Return what a layer gives for `inputs`."""
        if entry.is_model:
            if keywords:
                raise broken(entry.label, f"is called with {', '.join(keywords)}")
            return self._inside(entry).model(entry.member.kind, entry.config, vault, inputs)
        kind = entry.member.kind
        kind = f"ops.{kind}" if entry.arithmetic else kind
        known = look_up(kind, entry.label)
        fields = Fields(entry.label, entry.config)
        call = Call(
            self.net,
            self._free(self.prefix + entry.member.name),
            entry.member.kind,
            fields,
            vault,
            self.major,
            inputs,
            self._inside(entry).inner,
            self.at_end,
            keywords or {},
        )
        try:
            given = known.convert(call)
        except GraphError as error:
            raise _labelled(entry.label, error) from error
        fields.finish()
        outputs = given if isinstance(given, tuple) else (given,)
        if known.masking == "own":
            return outputs
        mask = inputs[0].mask if inputs and known.masking == "keeps" else None
        return tuple(output.masked(mask) for output in outputs)

    def inner(
        self, config: Any, name: str, vault: Vault, inputs: tuple[Tensor, ...]
    ) -> tuple[Tensor, ...]:
        """Return what a wrapped layer gives; `config` is that of a layer in a list of layers."""
        (entry,) = read_entries([config], f"layer '{name}'")
        return self.layer(entry, vault, inputs)

    def model(
        self, kind: str, config: Any, vault: Vault, inputs: tuple[Tensor, ...]
    ) -> tuple[Tensor, ...]:
        """Return what a model gives for `inputs`, in the order of its outputs."""
        label = f"model '{self.prefix.rstrip('/')}'"
        if isinstance(config, dict) and kind != "Sequential":
            return tuple(self.functional(config, vault, inputs, label).values())
        entries = read_entries(sequential_layers(config, label), label)
        for entry in entries:
            if entry.member.kind != "InputLayer":
                inputs = self.layer(entry, vault.member(entry.member), inputs)
        return inputs

    def functional(
        self, config: Mapping[str, Any], vault: Vault, inputs: Sequence[Tensor], label: str
    ) -> dict[str, Tensor]:
        """Return the outputs of a functional model by their names, in order."""
        entries = {
            entry.member.name: entry
            for entry in read_entries(as_list(config.get("layers"), label, "layers"), label)
        }
        ends = read_ends(config.get("input_layers"), label)
        if len(ends) != len(inputs):
            raise broken(label, f"is called with {len(inputs)} tensors, takes {len(ends)}")
        known: dict[Key, tuple[Tensor, ...]] = {
            (ref.layer, 0): (tensor,) for (_, ref), tensor in zip(ends, inputs, strict=True)
        }
        outputs = read_ends(config.get("output_layers"), label)
        shifts, last = count_of_call(entries, [ref for _, ref in outputs], self.major)
        needed = [key_of(ref, last) for _, ref in outputs]
        for entry, number, node in in_order(entries, shifts, known, needed, label):
            arguments = [_resolve(one, known, shifts, entry.label) for one in node.arguments]
            keywords = {
                key: _resolve(one, known, shifts, entry.label) for key, one in node.keywords.items()
            }
            tensors, keywords = _split_arguments(arguments, keywords, entry)
            vault_of = vault.member(entry.member)
            tensors = _with_mask(entry, tensors, keywords.pop("mask", None))
            known[entry.member.name, number] = self.layer(entry, vault_of, tensors, keywords)
        found = [_resolve(ref, known, last, label) for _, ref in outputs]
        names = output_names([key or ref.layer for key, ref in outputs])
        return dict(zip(names, found, strict=True))

    def _free(self, name: str) -> str:
        """Return `name`, with a number behind it for the second call of a shared layer."""
        number, free = 0, name
        if name in self.names:
            self.again.add(name)
        while free in self.names or free in self.net.inputs:
            number += 1
            free = f"{name}_{number}"
        self.names.add(free)
        return free

    def _inside(self, entry: Entry) -> "Applier":
        """Return what applies the layers inside a model or a wrapper."""
        if self.depth >= MAX_NESTING:
            raise broken(entry.label, f"models are nested more than {MAX_NESTING} deep")
        return replace(self, depth=self.depth + 1, prefix=f"{self.prefix}{entry.member.name}/")


def _resolve(
    value: Any,
    known: Mapping[Key, tuple[Tensor, ...]],
    shifts: Mapping[str, int],
    label: str,
) -> Any:
    """Return an argument with tensors in the places of references."""
    if isinstance(value, Ref):
        return _find(known, key_of(value, shifts), value.output, label)
    if isinstance(value, list):
        return [_resolve(one, known, shifts, label) for one in value]
    return value


def _find(known: Mapping[Key, tuple[Tensor, ...]], key: Key, output: int, label: str) -> Tensor:
    outputs = known.get(key, ())
    if output >= len(outputs):
        raise broken(label, f"there is no output {output} of call {key[1]} of '{key[0]}'")
    return outputs[output]


def _split_arguments(
    arguments: list[Any], keywords: dict[str, Any], entry: Entry
) -> tuple[tuple[Tensor, ...], dict[str, Any]]:
    """Return the tensors that a layer is called with, and the rest by name.

    Arithmetic takes its operands one by one, numbers among them; layers take a tensor or a list.
    """
    if entry.arithmetic or entry.member.kind == "TFOpLambda":
        return (), {**keywords, "operands": [*arguments, *keywords.values()]}
    keywords = dict(keywords)
    for name in ("inputs", "sequences", "sequence"):  # a first argument that was given by its name
        if not arguments and name in keywords:
            arguments = [keywords.pop(name)]
    first = arguments[0] if arguments else None
    flat = first if isinstance(first, list) else [first]
    if not all(isinstance(one, Tensor) for one in flat):
        raise broken(entry.label, "is called with something else than tensors")
    if len(arguments) > 1:
        keywords["arguments"] = arguments[1:]
    return tuple(flat), keywords


def _with_mask(entry: Entry, tensors: tuple[Tensor, ...], mask: Any) -> tuple[Tensor, ...]:
    """Return what a layer is called with, masked as the call says where it says so."""
    if mask is None:
        return tensors
    if not isinstance(mask, Tensor) or not tensors or mask.last is None or mask.last.rank != 2:
        raise broken(entry.label, "is called with a mask that is no [batch, time]")
    return (tensors[0].masked(mask.as_mask()), *tensors[1:])


def _labelled(label: str, error: GraphError) -> GraphError:
    """Return an error of the network with the Keras layer named in it."""
    if label in error.problem:
        return error
    return GraphError(f"{label}: {error.problem}", error.remedy)
