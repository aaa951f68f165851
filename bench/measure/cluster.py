"""The nodes of a Ray cluster as places to measure: one actor a node, one process at a time.

Nodes are told apart by their label ``hw`` (``ray start --labels hw=...``), and need onnxwright.
"""

import contextlib
import importlib
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from ..errors import BenchError
from ..plan.cases import Group
from ..results.machine import Machine
from .launch import Ending, WorkerLimits
from .machine import machine
from .shipping import Files, input_files, run_shipped, unpack
from .wire import Answer, Request

LABEL = "hw"


class Station:
    """What runs on a node: it knows its machine and runs requests, one after the other."""

    def machine(self) -> Machine:
        """Return the node's facts."""
        return machine()

    def run(
        self, python: str, request: Request, limits: WorkerLimits, inputs: Mapping[str, Any]
    ) -> tuple[Ending[Answer], Files]:
        """Run one request; `inputs` holds references to contents, by key and name."""
        ray = importlib.import_module("ray")
        files = {
            key: dict(zip(held, ray.get(list(held.values())), strict=True))
            for key, held in inputs.items()
        }
        return run_shipped(python, request, limits, files)


class Node:
    """A node seen from here: a launcher for the matrix."""

    def __init__(self, ray: Any, node_id: str) -> None:
        strategy = importlib.import_module("ray.util.scheduling_strategies")
        place = strategy.NodeAffinitySchedulingStrategy(node_id, soft=False)
        self._ray = ray
        self._station = ray.remote(Station).options(scheduling_strategy=place, num_cpus=0).remote()
        self._sent: dict[tuple[Path, int], Any] = {}
        self.machine: Machine = ray.get(self._station.machine.remote())

    def launch(self, python: str, request: Request, limits: WorkerLimits) -> Ending[Answer]:
        """Run a request on the node; a node that is lost is a row, like a process that crashed."""
        inputs = {
            key: {name: self._reference(path) for name, path in files.items()}
            for key, files in input_files(request).items()
        }
        there = "" if python == sys.executable else python
        try:
            running = self._station.run.remote(there, request, limits, inputs)
            ending, produced = self._ray.get(running)
        except self._ray.exceptions.RayError as error:
            lines = str(error).strip().splitlines() or [type(error).__name__]
            return Ending(status="crash", stage="node", message=lines[-1][:300])
        return unpack(ending, produced, request)

    def _reference(self, path: Path) -> Any:
        """Send a file once, however many requests need it."""
        key = (path, path.stat().st_mtime_ns)
        if key not in self._sent:
            self._sent[key] = self._ray.put(path.read_bytes())
        return self._sent[key]


@contextlib.contextmanager
def connect(address: str, labels: Sequence[str]) -> Iterator[dict[str, Node]]:
    """Yield a node of the cluster for each value of the label ``hw``; all of them when none given.

    Raises
    ------
    BenchError
        Ray is not installed, the cluster cannot be reached, or no node has a label.
    """
    ray = _import_ray()
    try:
        ray.init(address=address, log_to_driver=False, logging_level="ERROR")
    except (ConnectionError, ValueError, RuntimeError) as error:
        raise BenchError(
            f"cannot reach the Ray cluster {address}: {' '.join(str(error).split())[:200]}",
            "start it with: ray start --head --labels hw=NAME, and give the address it prints",
        ) from error
    try:
        chosen = choose(ray.nodes(), labels)
        yield {label: Node(ray, node_id) for label, node_id in chosen.items()}
    finally:
        ray.shutdown()


def choose(nodes: Sequence[Mapping[str, Any]], labels: Sequence[str]) -> dict[str, str]:
    """Return the id of one living node per label.

    >>> choose([{"Alive": True, "NodeID": "n1", "Labels": {"hw": "epyc"}}], ["epyc"])
    {'epyc': 'n1'}
    """
    alive = [node for node in nodes if node["Alive"] and node.get("Labels", {}).get(LABEL)]
    known = {node["Labels"][LABEL]: str(node["NodeID"]) for node in reversed(alive)}
    for label in labels:
        if label not in known:
            raise BenchError(
                f"no node of the cluster has the label {LABEL}={label}",
                f"its nodes have {', '.join(sorted(known)) or 'no such label'}; "
                f"start one with: ray start --labels {LABEL}={label}",
            )
    if not known:
        raise BenchError(
            f"no node of the cluster has a label {LABEL}",
            f"start them with: ray start --labels {LABEL}=NAME",
        )
    return {label: known[label] for label in labels or sorted(known)}


def on_node(groups: Sequence[Group], label: str) -> list[Group]:
    """Return the groups as those of one node: ids and labels say which."""
    return [
        replace(
            group,
            id=f"{group.id} {LABEL}={label}",
            cases=tuple(
                replace(case, id=f"{case.id} {LABEL}={label}", label=f"{case.label} on {label}")
                for case in group.cases
            ),
        )
        for group in groups
    ]


def together(jobs: Sequence[Callable[[], None]]) -> None:
    """Run a job per node side by side; raise the first error after all have ended."""
    futures = importlib.import_module("concurrent.futures")
    with futures.ThreadPoolExecutor(len(jobs)) as pool:
        for running in [pool.submit(job) for job in jobs]:
            running.result()


def _import_ray() -> Any:
    try:
        return importlib.import_module("ray")
    except ImportError as error:
        raise BenchError(
            "--cluster needs Ray, which is not installed",
            "install it: pip install 'onnxwright[cluster]'",
        ) from error
