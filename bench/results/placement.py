"""Where a case's nodes ran, in one line."""

from collections import Counter

from .measured import Profile


def placement_line(profile: Profile | None, provider: str) -> str | None:
    """Return ``412 of 420 nodes on CUDA, 8 on CPU: MaxPool (8)`` or the like; None if unknown.

    Counted over the model's own nodes where the runtime tells, else over those that ran.
    """
    nodes = () if profile is None else profile.placement or profile.nodes
    if not nodes:
        return None
    elsewhere: dict[str, Counter[str]] = {}
    for node in nodes:
        if node.provider != provider:
            elsewhere.setdefault(_short(node.provider), Counter())[node.op] += 1
    there = len(nodes) - sum(ops.total() for ops in elsewhere.values())
    line = f"{there} of {len(nodes)} nodes on {_short(provider)}"
    for other, ops in elsewhere.items():
        told = ", ".join(f"{op} ({count})" for op, count in sorted(ops.items()))
        line += f", {ops.total()} on {other}: {told}"
    return line


def _short(provider: str) -> str:
    return provider.removesuffix("ExecutionProvider")
