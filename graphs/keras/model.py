"""Models of layers: Sequential and functional, inside each other, layers shared among calls."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from ..errors import GraphError
from ..network import Network
from .fields import Fields, as_list, as_table, broken
from .nodes import Node, Ref, read_ends, read_nodes
from .registry import Call, look_up
from .tensor import Tensor
from .vault import Member, Vault, count_kinds

MODELS = ("Sequential", "Functional", "Model")
MAX_NESTING = 16
MAX_LAYERS = 20_000
Key = tuple[str, int]
"""A call of a layer: the layer's name, and the number of the call."""
OPERATIONS = "keras.src.ops"
"""The module of what ``keras.ops`` and arithmetic on tensors add to a functional model."""


@dataclass(frozen=True)
class Entry:
    """A layer of a model as its configuration has it."""

    member: Member
    config: dict[str, Any]
    nodes: list[Node]
    arithmetic: bool

    @property
    def label(self) -> str:
        """What errors call the layer."""
        return f"layer '{self.member.name}' ({self.member.kind})"

    @property
    def is_model(self) -> bool:
        """Whether the layer is a model itself."""
        return self.member.kind in MODELS


@dataclass
class Applier:
    """Applies the layers of one saved model to tensors, adding what they are to `net`."""

    net: Network
    major: int
    depth: int = 0
    prefix: str = ""
    names: set[str] = field(default_factory=set)
    """The names of layers that are taken, here and inside."""

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
        shifts, last = _shifts(entries, [ref for _, ref in outputs], self.major)
        needed = [_shifted(ref, last) for _, ref in outputs]
        for entry, number, node in _in_order(entries, shifts, known, needed, label):
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


def read_entries(layers: Any, label: str) -> list[Entry]:
    """Return the layers of a model from their configurations."""
    listed = as_list(layers, label, "layers")
    if len(listed) > MAX_LAYERS:
        raise broken(label, f"has {len(listed)} layers, more than {MAX_LAYERS}")
    tables = [as_table(one, label, "a layer") for one in listed]
    found = [(table, _kind(table, label), _config(table, label)) for table in tables]
    names = [_name(table, kind, config, label) for table, kind, config in found]
    members = count_kinds([(name, kind) for name, (_, kind, _) in zip(names, found, strict=True)])
    return [
        Entry(
            member,
            config,
            read_nodes(table.get("inbound_nodes", []), f"layer '{member.name}' ({kind})"),
            _is_arithmetic(table, config),
        )
        for member, (table, kind, config) in zip(members, found, strict=True)
    ]


def sequential_layers(config: Any, label: str) -> list[Any]:
    """Return the layers of a Sequential model, which old files have as a bare list."""
    listed = config if isinstance(config, list) else as_table(config, label, "config").get("layers")
    return as_list(listed, label, "layers")


def _kind(table: Mapping[str, Any], label: str) -> str:
    kind = table.get("class_name")
    if not isinstance(kind, str) or not kind:
        raise broken(label, f"a layer's class_name is {kind!r:.60}")
    return kind


def _config(table: Mapping[str, Any], label: str) -> Any:
    config = table.get("config")
    if isinstance(config, list) and table.get("class_name") == "Sequential":
        return {"name": table.get("name", "sequential"), "layers": config}
    return as_table(config, label, "a layer's config")


def _name(table: Mapping[str, Any], kind: str, config: Mapping[str, Any], label: str) -> str:
    name = table.get("name") or config.get("name")
    if not isinstance(name, str) or not name.strip() or len(name) > 500:
        raise broken(label, f"a {kind:.60}'s name is {name!r:.60}")
    return name.strip()


def _is_arithmetic(table: Mapping[str, Any], config: Mapping[str, Any]) -> bool:
    """Say whether this is arithmetic on tensors; in ``.h5`` files, what it lacks tells."""
    module = table.get("module")
    if isinstance(module, str):
        return module.startswith(OPERATIONS)
    return bool(table.get("inbound_nodes")) and not {"trainable", "layers"} & set(config)


def _shifts(
    entries: Mapping[str, Entry], outputs: Sequence[Ref], major: int
) -> tuple[dict[str, int], dict[str, int]]:
    """Return by how much references to nested models are too high: inside, and in the outputs.

    A model that was made from its inputs counts that as its call 0. Keras 2 keeps the count in
    every reference; Keras 3 only in the outputs, and not for a Sequential model.
    """
    nested = {name: entry for name, entry in entries.items() if entry.is_model}
    if major == 3:
        shifted = {name: int(e.member.kind != "Sequential") for name, e in nested.items()}
        return {}, shifted
    refs = [ref for entry in entries.values() for node in entry.nodes for ref in node.refs()]
    first = {ref.layer for ref in [*refs, *outputs] if ref.call == 0}
    shifted = {name: int(name not in first) for name in nested}
    return shifted, shifted


def _in_order(
    entries: Mapping[str, Entry],
    shifts: Mapping[str, int],
    known: Mapping[Key, Any],
    outputs: Sequence[Key],
    label: str,
) -> Iterator[tuple[Entry, int, Node]]:
    """Yield every call that the outputs need, once all that it needs itself has been yielded."""
    needs: dict[Key, set[Key]] = {}
    wanted: dict[Key, list[Key]] = {}
    missing = [key for key in outputs if key not in known]
    while missing:
        name, number = key = missing.pop()
        if key in needs:
            continue
        nodes = entries[name].nodes if name in entries else []
        if not 0 <= number < len(nodes):
            raise broken(label, f"there is no call {number} of a layer '{name}'")
        before = {_shifted(ref, shifts) for ref in nodes[number].refs()}
        needs[key] = {one for one in before if one not in known}
        for one in needs[key]:
            wanted.setdefault(one, []).append(key)
        missing += needs[key]
    ready = [key for key in needs if not needs[key]]
    done = 0
    while ready:
        name, number = ready.pop()
        done += 1
        yield entries[name], number, entries[name].nodes[number]
        for after in wanted.get((name, number), []):
            needs[after].discard((name, number))
            if not needs[after]:
                ready.append(after)
    if done < len(needs):
        waiting = next(name for (name, number), left in needs.items() if left)
        raise broken(label, f"layer '{waiting}' needs what no layer gives")


def _shifted(ref: Ref, shifts: Mapping[str, int]) -> Key:
    """Return the call that a reference means."""
    return ref.layer, ref.call - shifts.get(ref.layer, 0)


def _resolve(
    value: Any,
    known: Mapping[Key, tuple[Tensor, ...]],
    shifts: Mapping[str, int],
    label: str,
) -> Any:
    """Return an argument with tensors in the places of references."""
    if isinstance(value, Ref):
        return _find(known, _shifted(value, shifts), value.output, label)
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


def output_names(wanted: Sequence[str]) -> list[str]:
    """Return the names with numbers behind those that stand there twice."""
    names: list[str] = []
    for name in wanted:
        number, free = 0, name
        while free in names:
            number += 1
            free = f"{name}_{number}"
        names.append(free)
    return names


def _labelled(label: str, error: GraphError) -> GraphError:
    """Return an error of the network with the Keras layer named in it."""
    if label in error.problem:
        return error
    return GraphError(f"{label}: {error.problem}", error.remedy)
