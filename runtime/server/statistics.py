"""What a served model has done, as Triton's statistics extension counts it."""

import threading
import time
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Spent:
    """Where the time of one request went, in nanoseconds."""

    queue: int
    """From its arrival until its run began."""
    compute_input: int
    """Joining it with others."""
    compute_infer: int
    compute_output: int
    """Parting the outputs."""


@dataclass
class Total:
    """How often something happened, and how long it took in all."""

    count: int = 0
    ns: int = 0

    def add(self, ns: int) -> None:
        """Count one more."""
        self.count += 1
        self.ns += ns


PARTS = ("compute_input", "compute_infer", "compute_output")
_TOTALS = ("success", "fail", "queue", *PARTS, "cache_hit", "cache_miss")
Totals = dict[str, Total]


def _totals(*names: str) -> Totals:
    return {name: Total() for name in names}


@dataclass
class Statistics:
    """The counts of one model; threads may add to them at once."""

    inferences: int = 0
    """Rows that were computed: a request with a batch of 4 counts 4."""
    executions: int = 0
    """Runs of the model: a joined one counts once."""
    last_ms: int = 0
    """When the last request came, in milliseconds since 1970."""
    totals: Totals = field(default_factory=lambda: _totals(*_TOTALS))
    batches: dict[int, Totals] = field(default_factory=lambda: defaultdict(lambda: _totals(*PARTS)))
    """By the rows of a run."""
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def ran(self, rows: int, spent: Spent) -> None:
        """Count one run of the model."""
        with self._lock:
            self.executions += 1
            self.inferences += rows
            for part in PARTS:
                self.batches[rows][part].add(getattr(spent, part))

    def answered(self, whole_ns: int, spent: Spent) -> None:
        """Count one request that got its answer."""
        with self._lock:
            self.last_ms = time.time_ns() // 1_000_000
            self.totals["success"].add(whole_ns)
            for part in ("queue", *PARTS):
                self.totals[part].add(getattr(spent, part))

    def failed(self, whole_ns: int) -> None:
        """Count one request that failed."""
        with self._lock:
            self.last_ms = time.time_ns() // 1_000_000
            self.totals["fail"].add(whole_ns)

    def document(self, name: str, version: str) -> dict[str, Any]:
        """Return the counts in the extension's form."""
        with self._lock:
            return {
                "name": name,
                "version": version,
                "last_inference": self.last_ms,
                "inference_count": self.inferences,
                "execution_count": self.executions,
                "inference_stats": _plain(self.totals),
                "batch_stats": [
                    {"batch_size": rows, **_plain(parts)}
                    for rows, parts in sorted(self.batches.items())
                ],
            }


def _plain(totals: Mapping[str, Total]) -> dict[str, dict[str, int]]:
    return {name: {"count": total.count, "ns": total.ns} for name, total in totals.items()}
