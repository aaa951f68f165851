"""What every runtime offers: a loaded model with named inputs and outputs, and ``run``."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import onnx
from numpy.typing import NDArray

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


class Runner(Protocol):
    """A loaded model.

    `on` is the runtime's canonical name (``"numpy"``, ``"numpy:float64"``, ``"cpu"``, ...).
    """

    on: str
    inputs: tuple[TensorInfo, ...]
    outputs: tuple[TensorInfo, ...]

    def run(
        self, feeds: Mapping[str, NDArray[Any]], outputs: Sequence[str] | None = None
    ) -> dict[str, NDArray[Any]]:
        """Compute the named `outputs` (all of the model's when None) from `feeds`.

        Raises
        ------
        FeedError
            A feed is missing, unknown, or has another dtype, rank or fixed dim than the model's.
        NodeError
            A node failed.
        """
        ...
