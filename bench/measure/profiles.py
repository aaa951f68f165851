"""What a worker's profile says: time per node, and which provider ran it."""

import json
import math
import statistics
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from ...runtime.interpreter import NumpyRunner
from ...runtime.interpreter.profiling import NodeTime as Profiled
from ..results.measured import NodeTime, PlacedNode, Profile
from .wire import ProfileFile


def record(runner: NumpyRunner, feeds: Mapping[str, NDArray[Any]], prefix: str, runs: int) -> str:
    """Profile `runs` runs into a file like onnxruntime's, and return its path."""
    events = [_event(node) for _ in range(runs) for node in runner.profile(feeds).nodes]
    path = Path(f"{prefix}.json")
    path.write_text(json.dumps(events))
    return str(path)


def _event(node: Profiled) -> Mapping[str, Any]:
    ran_on = "numpy" if node.source == "own" else f"numpy ({node.source})"
    return {
        "cat": "Node",
        "name": f"{node.name}_kernel_time",
        "dur": node.seconds * 1e6,
        "args": {"op_name": node.op_type, "provider": ran_on},
    }


def read_profile(profile: ProfileFile) -> Profile:
    """Return what is in a worker's profile; delete the file that onnxruntime or `record` wrote."""
    path = Path(profile.file)
    try:
        events = json.loads(path.read_text())
    except (OSError, ValueError):
        events = []
    path.unlink(missing_ok=True)
    placement = tuple(PlacedNode(*node) for node in profile.placement)
    return Profile(placement, tuple(times_by_node(events, profile.runs)))


def times_by_node(events: Sequence[Mapping[str, Any]], runs: int) -> list[NodeTime]:
    """Return each node's op, provider, calls a run, and median seconds a run without the first.

    A node in the body of a Scan or Loop appears with all its iterations.
    """
    seen: dict[tuple[str, str, str], list[float]] = {}
    for event in events:
        if event.get("cat") == "Node" and event["name"].endswith("_kernel_time"):
            about = event.get("args", {})
            node = event["name"].removesuffix("_kernel_time")
            key = (node, about.get("op_name", ""), about.get("provider", ""))
            seen.setdefault(key, []).append(event["dur"] * 1e-6)
    return [
        NodeTime(*key, calls=len(times) // runs, seconds=_per_run(times, runs))
        for key, times in seen.items()
    ]


def _per_run(times: Sequence[float], runs: int) -> float:
    """Return the median over the runs of a node's summed times."""
    calls = max(len(times) // runs, 1)
    sums = [math.fsum(times[start : start + calls]) for start in range(0, len(times), calls)]
    return statistics.median(sums[1:] or sums)
