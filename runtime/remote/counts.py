"""What a server counts of a model, by Triton's statistics extension."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .failures import broken

_MOST = 2**64


@dataclass(frozen=True)
class Counts:
    """Sums since the server started, over all clients."""

    requests: int = 0
    """That were answered."""
    queue_ns: int = 0
    compute_ns: int = 0
    """Inputs, the run and outputs together."""
    rows: int = 0
    executions: int = 0
    """Runs of the model; one that was joined counts once."""

    def __add__(self, other: "Counts") -> "Counts":
        return Counts(**{name: value + vars(other)[name] for name, value in vars(self).items()})

    def since(self, before: "Counts") -> "Share | None":
        """Return the means of what came after `before`; None where nothing did."""
        requests = self.requests - before.requests
        executions = self.executions - before.executions
        if requests <= 0 or executions <= 0:
            return None
        return Share(
            queue_s=(self.queue_ns - before.queue_ns) * 1e-9 / requests,
            compute_s=(self.compute_ns - before.compute_ns) * 1e-9 / requests,
            batch=(self.rows - before.rows) / executions,
        )


@dataclass(frozen=True)
class Share:
    """What the server says of a request, in the mean."""

    queue_s: float
    compute_s: float
    batch: float
    """Rows of one run."""


def read_counts(listed: object) -> Counts:
    """Return the sums over the versions in ``model_stats``, as JSON has them.

    Raises
    ------
    FailedError
        They are none.
    """
    if not isinstance(listed, list) or not all(isinstance(each, dict) for each in listed):
        raise broken("the statistics have no list of models")
    return sum(map(_counts, listed), Counts())


def _counts(model: Mapping[str, Any]) -> Counts:
    parts = model.get("inference_stats", {})
    compute = ("compute_input", "compute_infer", "compute_output")
    return Counts(
        requests=_number(parts, "success", "count"),
        queue_ns=_number(parts, "queue", "ns"),
        compute_ns=sum(_number(parts, part, "ns") for part in compute),
        rows=_number(model, "inference_count"),
        executions=_number(model, "execution_count"),
    )


def _number(document: object, *path: str) -> int:
    """Return a number deep in a document, 0 where it is left out."""
    return _whole(document, path)


def _whole(found: object, path: Sequence[str]) -> int:
    for name in path:
        found = found.get(name, {}) if isinstance(found, dict) else None
    value = 0 if found == {} else found
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) <= 20:
        value = int(value)  # protobuf writes 64-bit numbers as texts in JSON
    if type(value) is not int or not 0 <= value < _MOST:
        raise broken(f"the statistics have no number {'.'.join(path)}")
    return value
