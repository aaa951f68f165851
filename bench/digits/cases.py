"""Each net with real input and the answer that it must give: what the demo runs."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...graphs import Network
from . import data, nets, toy

INPUT = "x"
LOGITS_TOLERANCE = 1e-4
"""How far logits may be from those that PyTorch gave: some 20 times float32's own noise here."""


@dataclass(frozen=True)
class Case:
    """One net with its input and its answer.

    `x` is the whole input and `expected` the output for it, both float32 ``[n, ...]``. `labels`,
    int64 ``[n]``, are the classes that the images show; None for a net that does not classify.
    """

    name: str
    build: Callable[[], Network]
    parameters: int
    output: str
    x: NDArray[np.float32]
    expected: NDArray[np.float32]
    tolerance: float
    labels: NDArray[np.int64] | None = None

    def batch(self, size: int) -> dict[str, NDArray[np.float32]]:
        """Return the feeds for the first `size` inputs, repeated where there are fewer."""
        return {INPUT: self.x[np.arange(size) % len(self.x)]}


def case(name: str) -> Case:
    """Return the case of the net `name`, one of :data:`.nets.NAMES`.

    Raises
    ------
    BenchError
        There is no net of this name.
    """
    if name == toy.TOY:
        return Case(
            name,
            toy.build_toy,
            _parameters(toy.arrays()),
            "y",
            toy.inputs(),
            toy.answer(),
            toy.TOLERANCE,
        )
    return Case(
        name,
        lambda: nets.build(name),
        _parameters(data.weights(name)),
        "logits",
        data.images().reshape(-1, *nets.IMAGE_DIMS.get(name, (8, 8))),
        data.logits(name),
        LOGITS_TOLERANCE,
        data.labels(),
    )


def _parameters(arrays: dict[str, NDArray[Any]]) -> int:
    return sum(array.size for array in arrays.values())
