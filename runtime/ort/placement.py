"""Which provider runs which nodes, from onnxruntime's two sources.

*Assigned* is what onnxruntime records when it opens the session: the nodes that are left after its
basic optimisations (constants folded, MatMul and Add made a Gemm), bodies of Scan, Loop and If
included, before operators are fused for a provider. *Ran* is read from a profile: fused operators
and inserted casts and copies included, with their time. The two count different things, so both are
kept.
"""

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .library import short_name


@dataclass(frozen=True)
class Assigned:
    """Nodes of one operator on one provider."""

    provider: str
    op_type: str
    nodes: int
    names: tuple[str, ...]
    """The names of those nodes that have one."""


@dataclass(frozen=True)
class Ran:
    """Kernels of one operator on one provider, per run of the model."""

    provider: str
    op_type: str
    calls: float
    microseconds: float
    """Own time: what the nodes inside a Scan, Loop or If took is counted there."""


@dataclass(frozen=True)
class Placement:
    """Where the nodes of one session run."""

    on: str
    """The provider that was asked for, by short name."""
    assigned: tuple[Assigned, ...] | None
    """None where this onnxruntime does not record it."""
    ran: tuple[Ran, ...] | None
    """None where no profile was taken."""

    @property
    def nodes(self) -> dict[str, int]:
        """Nodes per provider, the one asked for first."""
        return {name: int(count) for name, count in self._sums(self.assigned, "nodes").items()}

    @property
    def microseconds(self) -> dict[str, float]:
        """Kernel time of one run per provider, the one asked for first."""
        return self._sums(self.ran, "microseconds")

    @property
    def fell_back(self) -> tuple[Assigned, ...]:
        """What runs on another provider than the one asked for."""
        return tuple(row for row in self.assigned or () if row.provider != self.on)

    def share(self, provider: str) -> float | None:
        """Return the part of the kernel time, 0 to 1, that `provider` takes; None if unknown."""
        total = sum(self.microseconds.values())
        return self.microseconds.get(provider, 0.0) / total if total else None

    def describe(self) -> str:
        """Return such as ``412 of 420 nodes on cuda, 8 on cpu (GRU x8; 31% of the time)``.

        The time is there where a profile was taken.
        """
        if self.assigned is None:
            return "placement unknown: this onnxruntime does not record it"
        total = sum(self.nodes.values())
        text = f"{self.nodes.get(self.on, 0)} of {total} nodes on {self.on}"
        for provider, count in self.nodes.items():
            if provider != self.on:
                share = self.share(provider)
                time = "" if share is None else f"; {share:.0%} of the time"
                text += f", {count} on {provider} ({_listed(self.fell_back, provider)}{time})"
        return text

    def _sums(self, rows: Sequence[Assigned | Ran] | None, field: str) -> dict[str, float]:
        sums = {self.on: 0.0} if rows else {}
        for row in rows or ():
            sums[row.provider] = sums.get(row.provider, 0) + getattr(row, field)
        return sums


def _listed(rows: Iterable[Assigned], provider: str) -> str:
    parts = [f"{row.op_type} x{row.nodes}" for row in rows if row.provider == provider]
    return ", ".join(parts)


def assigned(native: Any) -> tuple[Assigned, ...] | None:
    """Return what an open ``InferenceSession`` recorded, the most frequent operators first."""
    if not hasattr(native, "get_provider_graph_assignment_info"):
        return None
    names: dict[tuple[str, str], list[str]] = {}
    for subgraph in native.get_provider_graph_assignment_info():
        for node in subgraph.get_nodes():
            key = (short_name(subgraph.ep_name), _op(node.domain, node.op_type))
            names.setdefault(key, []).append(node.name)
    rows = (Assigned(*key, len(found), tuple(filter(None, found))) for key, found in names.items())
    return tuple(sorted(rows, key=lambda row: (-row.nodes, row.op_type)))


def _op(domain: str, op_type: str) -> str:
    return op_type if domain in ("", "ai.onnx") else f"{domain}.{op_type}"


def read_profile(path: Path, *, skip_runs: int = 0) -> tuple[Ran, ...]:
    """Return the kernels in a profile, the slowest first, without those of the first runs."""
    events = json.loads(path.read_text())
    runs = sorted((e for e in events if e["name"] == "model_run"), key=lambda e: int(e["ts"]))
    start = runs[skip_runs]["ts"] if skip_runs < len(runs) else 0
    nodes = [e for e in events if e["cat"] == "Node" and e["ts"] >= start and _is_kernel(e)]
    calls: Counter[tuple[str, str]] = Counter()
    times: Counter[tuple[str, str]] = Counter()
    for event, own in _own_times(nodes):
        key = (short_name(event["args"]["provider"]), event["args"]["op_name"])
        calls[key] += 1
        times[key] += own
    count = max(len(runs) - skip_runs, 1)
    rows = (Ran(*key, calls[key] / count, times[key] / count) for key in calls)
    return tuple(sorted(rows, key=lambda row: (-row.microseconds, row.op_type)))


def _is_kernel(event: Mapping[str, Any]) -> bool:
    return "provider" in event["args"] and event["name"].endswith("_kernel_time")


def _own_times(events: Sequence[dict[str, Any]]) -> list[tuple[dict[str, Any], int]]:
    """Pair each event with its duration less that of the events inside it, in microseconds.

    The events of one thread nest: those of a Scan's body stand inside the Scan's own.
    """
    own = [int(event["dur"]) for event in events]
    order = sorted(
        range(len(events)),
        key=lambda i: (events[i].get("tid", 0), events[i]["ts"], -events[i]["dur"]),
    )
    open_events: list[int] = []
    for index in order:
        event = events[index]
        while open_events and not _inside(event, events[open_events[-1]]):
            open_events.pop()
        if open_events:
            own[open_events[-1]] -= int(event["dur"])
        open_events.append(index)
    return [(event, max(time, 0)) for event, time in zip(events, own, strict=True)]


def _inside(event: Mapping[str, Any], outer: Mapping[str, Any]) -> bool:
    same_thread: bool = event.get("tid", 0) == outer.get("tid", 0)
    return same_thread and event["ts"] + event["dur"] <= outer["ts"] + outer["dur"]
