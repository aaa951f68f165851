"""What every runtime offers: a loaded model with named inputs and outputs, and ``run``."""

import html
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import onnx
from numpy.typing import NDArray
from typing_extensions import TypeAliasType

Array = TypeAliasType("Array", NDArray[Any])
"""An alias that ``help()`` writes by its name, not as what it stands for."""
Model = onnx.ModelProto | str | os.PathLike[str]


@dataclass(frozen=True)
class TensorInfo:
    """A graph input or output.

    `shape` holds an int for a fixed dim, a str for a named one and None for an unknown one; the
    whole is None where even the rank is unknown.
    """

    name: str
    dtype: np.dtype[Any]
    shape: tuple[int | str | None, ...] | None

    def __str__(self) -> str:
        if self.shape is None:
            return f"{self.name} (any dims, {self.dtype.name})"
        dims = " ".join("?" if dim is None else str(dim) for dim in self.shape) or "scalar"
        return f"{self.name} ({dims}, {self.dtype.name})"


class Described:
    """A runner that says at a prompt and in a notebook where it runs, and from what to what."""

    on: str
    inputs: tuple[TensorInfo, ...]
    outputs: tuple[TensorInfo, ...]

    def __repr__(self) -> str:
        taken, given = (", ".join(map(str, infos)) for infos in (self.inputs, self.outputs))
        return f"<{type(self).__name__} on {self.on}: {taken} -> {given}>"

    def _repr_html_(self) -> str:
        return f"<code>{html.escape(repr(self))}</code>"


class Runner(Protocol):
    """A loaded model.

    `on` is the runtime's canonical name (``"numpy"``, ``"numpy:float64"``, ``"cpu"``, ...).
    """

    on: str
    inputs: tuple[TensorInfo, ...]
    outputs: tuple[TensorInfo, ...]

    def run(
        self, feeds: Mapping[str, Array], outputs: Sequence[str] | None = None
    ) -> dict[str, Array]:
        """Compute the named `outputs` (all of the model's when None) from `feeds`.

        Raises
        ------
        FeedError
            A feed is missing, unknown, or has another dtype, rank or fixed dim than the model's.
        NodeError
            A node failed.
        """
        ...
