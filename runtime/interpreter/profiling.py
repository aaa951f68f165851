"""Running a schedule step by step with a clock, and counting the bytes that are alive."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from .plan import Schedule, execute


@dataclass(frozen=True)
class NodeTime:
    """One node's share of a run."""

    name: str
    op_type: str
    place: str
    source: str
    """own or fallback."""
    seconds: float
    output_bytes: int


@dataclass(frozen=True)
class Profile:
    """What one run cost. Constants that folding removed cost nothing and are not listed."""

    nodes: tuple[NodeTime, ...]
    seconds: float
    """The sum over the nodes."""
    peak_bytes: int
    """The most bytes of feeds and values alive at once, buffers that views share counted once."""
    constant_bytes: int
    """The weights and other constants that the run needs."""

    def by_operator(self) -> dict[str, float]:
        """Return operator to seconds, the most expensive first."""
        totals: dict[str, float] = {}
        for node in self.nodes:
            totals[node.op_type] = totals.get(node.op_type, 0.0) + node.seconds
        return dict(sorted(totals.items(), key=lambda item: -item[1]))


def profiled(plan: Schedule, values: list[Any], clock: Callable[[], float]) -> Profile:
    """Run `plan` over the started slots `values`; `clock` gives seconds."""
    fixed = _buffers(plan.template)
    nodes, peak = [], live_bytes(values, fixed)
    for row in plan.rows:
        # Freed only after the count: the inputs are alive while the node runs.
        start = clock()
        execute([(*row[:4], (), row[-1])], values)
        seconds = clock() - start
        step, made = row[-1], [values[slot] for slot in row[3]]
        peak = max(peak, live_bytes(values, fixed))
        for slot in row[4]:
            values[slot] = None
        size = sum(array.nbytes for array in _arrays(made))
        node = step.node
        nodes.append(NodeTime(node.name, node.op_type, step.place, step.source, seconds, size))
    total = sum(node.seconds for node in nodes)
    return Profile(tuple(nodes), total, peak, sum(fixed.values()))


def live_bytes(values: Sequence[Any], fixed: dict[int, int]) -> int:
    """Return the bytes of the buffers behind `values`, without the `fixed` ones."""
    return sum(size for key, size in _buffers(values).items() if key not in fixed)


def _buffers(values: Iterable[Any]) -> dict[int, int]:
    """Return buffer to size; a view counts as the array that owns its memory."""
    owners = (_owner(array) for array in _arrays(values))
    return {id(owner): owner.nbytes for owner in owners}


def _owner(array: Any) -> Any:
    while isinstance(array, np.ndarray) and isinstance(array.base, np.ndarray):
        array = array.base
    return array


def _arrays(values: Iterable[Any]) -> Iterable[Any]:
    for value in values:
        if isinstance(value, list):
            yield from _arrays(value)
        elif isinstance(value, (np.ndarray, np.generic)):
            yield value
