"""Which graph inputs and outputs are a recurrent layer's states, and which belong together."""

from collections.abc import Iterator
from dataclasses import dataclass

from onnx import GraphProto, NodeProto

RESHAPING = frozenset({"Identity", "Transpose", "Unsqueeze", "Squeeze", "Reshape", "Cast"})
STATES = {"RNN": ((5, 1),), "GRU": ((5, 1),), "LSTM": ((5, 1), (6, 2))}
"""Operator -> (place of the state among the inputs, of the new state among the outputs)."""


@dataclass(frozen=True)
class StatePair:
    """A state that the model takes and the output that is its next value."""

    taken: str
    given: str


def state_pairs(graph: GraphProto) -> tuple[StatePair, ...]:
    """Find states through recurrent nodes and by names that end in ``_in`` and ``_out``."""
    found = {pair.taken: pair for pair in _by_name(graph)}
    found.update({pair.taken: pair for pair in _by_flow(graph)})
    return tuple(found[name] for name in sorted(found))


def swapped_when_sorted(pairs: tuple[StatePair, ...]) -> tuple[StatePair, ...]:
    """Return the pairs that a system breaks which pairs sorted inputs with sorted outputs.

    >>> swapped_when_sorted((StatePair("h_in", "h_out"), StatePair("h_k_in", "h_k_out")))
    (StatePair(taken='h_in', given='h_out'), StatePair(taken='h_k_in', given='h_k_out'))
    """
    takers = sorted(pair.taken for pair in pairs)
    givers = sorted(pair.given for pair in pairs)
    matched = set(zip(takers, givers, strict=True))
    return tuple(pair for pair in pairs if (pair.taken, pair.given) not in matched)


def _by_name(graph: GraphProto) -> Iterator[StatePair]:
    outputs = {info.name for info in graph.output}
    for info in graph.input:
        stem = info.name.removesuffix("_in")
        if stem != info.name and f"{stem}_out" in outputs:
            yield StatePair(info.name, f"{stem}_out")


def _by_flow(graph: GraphProto) -> Iterator[StatePair]:
    makers = {name: node for node in graph.node for name in node.output if name}
    inputs = {info.name for info in graph.input}
    sources = {_origin(info.name, makers): info.name for info in reversed(graph.output)}
    for node in graph.node:
        for into, out in STATES.get(node.op_type, ()):
            if len(node.input) > into and len(node.output) > out:
                taken = _origin(node.input[into], makers)
                given = sources.get(node.output[out])
                if taken in inputs and given:
                    yield StatePair(taken, given)


def _origin(name: str, makers: dict[str, NodeProto]) -> str:
    """Follow a value back through nodes that only change its shape or type, round a circle once."""
    seen: set[str] = set()
    while name in makers and name not in seen and makers[name].op_type in RESHAPING:
        seen.add(name)
        if not makers[name].input:
            return name
        name = makers[name].input[0]
    return name
