"""In which order the calls of a functional model's layers can be made."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from .entries import Entry
from .fields import broken
from .nodes import Node, Ref

Key = tuple[str, int]
"""A call of a layer: the layer's name, and the number of the call."""


def count_of_call(
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


def in_order(
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
        before = {key_of(ref, shifts) for ref in nodes[number].refs()}
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


def key_of(ref: Ref, shifts: Mapping[str, int]) -> Key:
    """Return the call that a reference means."""
    return ref.layer, ref.call - shifts.get(ref.layer, 0)
