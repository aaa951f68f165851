"""Tensors that are all batch, ``[rows]``, at servers that have no row without dims: ``[rows, 1]``.

Triton leaves the batch out of a model's dims, and each tensor must have one beside it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..protocol.sequences import Step
from .counts import Counts
from .served import Served, Signature, Transport


@dataclass(frozen=True)
class Columns:
    """A transport that sends some tensors as columns, and gives back rows."""

    transport: Transport
    names: frozenset[str]

    def describe(self) -> Served:
        """Ask what the model is."""
        return self.transport.describe()

    def ready(self) -> None:
        """Ask whether the model is ready."""
        self.transport.ready()

    def infer(
        self,
        feeds: Mapping[str, NDArray[Any]],
        outputs: Sequence[str],
        largest: int,
        step: Step | None = None,
    ) -> dict[str, NDArray[Any]]:
        """Run the model once."""
        given = {name: self._column(name, array) for name, array in feeds.items()}
        found = self.transport.infer(given, outputs, largest, step)
        return {name: self._row(name, array) for name, array in found.items()}

    def counts(self) -> Counts | None:
        """Ask what the server has counted."""
        return self.transport.counts()

    def _column(self, name: str, array: NDArray[Any]) -> NDArray[Any]:
        return array[:, np.newaxis] if name in self.names else array

    def _row(self, name: str, array: NDArray[Any]) -> NDArray[Any]:
        flat = name in self.names and array.ndim == 2 and array.shape[1] == 1
        return array[:, 0] if flat else array


def as_columns(transport: Transport, served: Served, agreed: Signature) -> Transport:
    """Return the transport for tensors as both sides have them: itself where these are the same."""
    theirs = {info.name: info.shape for info in (*served.inputs, *served.outputs)}
    names = frozenset(
        info.name
        for info in (*agreed.inputs, *agreed.optional, *agreed.outputs)
        if info.shape is not None and len(info.shape) == 1 and len(theirs.get(info.name) or ()) == 2
    )
    return Columns(transport, names) if names else transport
