"""Running a schedule step by step with a clock, and counting the bytes that are alive."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from .alive import arrays, buffers, made
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
    fixed = buffers(plan.template)
    nodes, peak = [], live_bytes(values, fixed)
    for row in made(plan.rows):
        # Freed only after the count: the inputs are alive while the node runs.
        start = clock()
        execute([row._replace(dead=())], values)
        seconds = clock() - start
        peak = max(peak, live_bytes(values, fixed))
        size = sum(array.nbytes for array in arrays([values[slot] for slot in row.outputs]))
        for slot in row.dead:
            values[slot] = None
        step, node = row.step, row.step.node
        nodes.append(NodeTime(node.name, node.op_type, step.place, step.source, seconds, size))
    total = sum(node.seconds for node in nodes)
    return Profile(tuple(nodes), total, peak, sum(fixed.values()))


def live_bytes(values: Sequence[Any], fixed: dict[int, int]) -> int:
    """Return the bytes of the buffers behind `values`, without the `fixed` ones."""
    return sum(size for key, size in buffers(values).items() if key not in fixed)
