"""What a figure was measured on, and whether two machines are alike."""

from collections.abc import Mapping
from dataclasses import dataclass, field

IDENTITY = ("cpu", "cores", "memory_gib", "system", "architecture", "gpus")
"""The facts that must agree before figures of two sessions are compared."""


@dataclass(frozen=True, kw_only=True)
class Machine:
    """Processor, memory, system and versions; None where the machine does not tell."""

    cpu: str | None = None
    cores: int | None = None
    usable_cores: int | None = None
    """Cores that this process may run on, which a container can lower."""
    memory_gib: float | None = None
    """Rounded to a tenth."""
    system: str | None = None
    kernel: str | None = None
    architecture: str | None = None
    gpus: tuple[str, ...] | None = None
    instruction_sets: tuple[str, ...] | None = None
    """Those that decide how fast and how right matrix products are, as Linux lists them."""
    governor: str | None = None
    load_1min: float | None = None
    """Mean number of runnable threads over the last minute."""
    python: str | None = None
    executable: str | None = None
    packages: Mapping[str, str] = field(default_factory=dict)
    """Distribution to version."""
    nodes: Mapping[str, "Machine"] | None = None
    """The nodes of a cluster by label, None for a single machine."""


def differences(here: Machine, there: Machine) -> list[str]:
    """Return one line per fact of `IDENTITY` in which two machines, or their nodes, differ.

    >>> differences(Machine(cpu="A", cores=2), Machine(cpu="B", cores=2))
    ["cpu: 'A' and 'B'"]
    """
    found = [
        f"{fact}: {mine!r} and {other!r}"
        for fact in IDENTITY
        if (mine := getattr(here, fact)) != (other := getattr(there, fact))
    ]
    ours, theirs = here.nodes or {}, there.nodes or {}
    for node in [node for node in ours if node in theirs]:
        found += [f"node {node}: {line}" for line in differences(ours[node], theirs[node])]
    return found
