"""What stands in a weights file: arrays, their sizes, NaN and infinite numbers, and the layers."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...graphs.checkpoints.load import read_weights
from ...graphs.checkpoints.recognise import recognise, summaries

CHUNK = 1 << 18
"""Numbers that are looked at together: an array as large as the memory is mapped, not copied."""


@dataclass(frozen=True)
class ArrayFacts:
    """One array of a weights file."""

    name: str
    shape: tuple[int, ...]
    dtype: str
    parameters: int
    """How many numbers it has."""
    bytes: int
    nonfinite: int
    """How many of them are NaN or infinite."""


@dataclass(frozen=True)
class LayerFacts:
    """A layer that was recognised, or arrays of one module that were not."""

    name: str
    """The module's name: what the names of its arrays begin with."""
    title: str
    """Such as ``LSTM, 2 layers, bidirectional, 40 -> 64``."""


@dataclass(frozen=True)
class WeightsFacts:
    """What is known of a weights file without the network that it belongs to."""

    format: str
    entry: str
    """The part of a checkpoint that was taken; "" where the file is the weights alone."""
    others: tuple[str, ...]
    prefix: str
    """What stood before every name, and was left out."""
    arrays: tuple[ArrayFacts, ...]
    layers: tuple[LayerFacts, ...]

    @property
    def parameters(self) -> int:
        """How many numbers all arrays have."""
        return sum(array.parameters for array in self.arrays)

    @property
    def bytes(self) -> int:
        """How many bytes they take."""
        return sum(array.bytes for array in self.arrays)

    @property
    def nonfinite(self) -> int:
        """How many numbers are NaN or infinite."""
        return sum(array.nonfinite for array in self.arrays)

    def as_json(self) -> dict[str, Any]:
        """Return the facts for a program."""
        totals = {"parameters": self.parameters, "bytes": self.bytes, "nonfinite": self.nonfinite}
        return asdict(self) | totals


def weights_facts(path: Path, entry: str | None = None) -> WeightsFacts:
    """Return what stands in a weights file of any format.

    Raises
    ------
    WeightError
        It cannot be read.
    """
    found = read_weights(path, entry)
    arrays = tuple(_array(name, array) for name, array in found.arrays.items())
    return WeightsFacts(
        found.format, found.entry, found.others, found.prefix, arrays, _layers(found.arrays)
    )


def _array(name: str, array: NDArray[Any]) -> ArrayFacts:
    bad = nonfinite(array)
    return ArrayFacts(name, array.shape, array.dtype.name, array.size, array.nbytes, bad)


def _layers(arrays: Mapping[str, NDArray[Any]]) -> tuple[LayerFacts, ...]:
    parts = recognise(arrays)
    if all(part.kind == "unknown" for part in parts):
        return ()  # names of another program: a table of "not recognised" says nothing
    return tuple(LayerFacts(name, title) for name, title in summaries(parts))


def nonfinite(array: NDArray[Any]) -> int:
    """Return how many numbers of an array are NaN or infinite; integers never are.

    >>> nonfinite(np.array([1.0, np.nan, -np.inf])), nonfinite(np.array([1, 2]))
    (2, 0)
    """
    if array.dtype.kind in "biuUSM":
        return 0
    chunks = np.nditer(array, flags=["external_loop", "buffered", "zerosize_ok"], buffersize=CHUNK)
    return sum(int(np.count_nonzero(~np.isfinite(chunk))) for chunk in chunks)
