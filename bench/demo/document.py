"""The demo's results as one JSON document, with raw samples, machine and versions."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from ..codec import encode
from ..measure.machine import machine
from .session import Outcome, Row
from .speed import BATCHES, BUDGET_S, THREADS, Timing


def make_document(outcome: Outcome, runtimes: Sequence[Any], now: datetime) -> Mapping[str, Any]:
    """Return everything that was found; `runtimes` are those of ``runtime.providers()``."""
    return {
        "kind": "demo",
        "created": now.isoformat(),
        "machine": encode(machine()),
        "settings": {
            "processes": len(outcome.conditions),
            "threads": THREADS,
            "batches": BATCHES,
            "budget_s": BUDGET_S,
        },
        "runtimes": [asdict(info) for info in runtimes],
        "conditions": encode(outcome.conditions),
        "right": not outcome.wrong,
        "rows": [_row(row) for row in outcome.rows],
    }


def without_samples(document: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the document with all its figures but the raw samples."""
    rows = [
        row
        | {"timings": [{k: v for k, v in t.items() if k != "samples_s"} for t in row["timings"]]}
        for row in document["rows"]
    ]
    return {**document, "rows": rows}


def _row(row: Row) -> Mapping[str, Any]:
    found: dict[str, Any] = asdict(row) | {"timings": [_timing(timing) for timing in row.timings]}
    if row.answer is not None:
        found["answer"] |= {"right": row.answer.right, "same_classes": row.answer.same_classes}
    return found


def _timing(timing: Timing) -> Mapping[str, Any]:
    latency, items = timing.latency_s, timing.items_per_s
    return {
        "batch": timing.batch,
        "latency_s": latency[0],
        "latency_interval_s": latency[1:],
        "items_per_s": items[0],
        "items_per_s_interval": items[1:],
        "medians_s": timing.medians_s,
        "loops": timing.loops,
        "samples_s": timing.samples_s,
    }
