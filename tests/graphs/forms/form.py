"""What a form of layer is for the tests."""

from collections.abc import Mapping
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from onnxwright.graphs import Network
from onnxwright.graphs.values import Value

Array = NDArray[Any]
Feeds = Mapping[str, Array]
Values = Mapping[str, Value]


class Form(Protocol):
    """One layer: `add` puts it into a network, `expected` computes it in float64."""

    @property
    def name(self) -> str:
        """Return the form's name."""
        ...

    def lowerings(self, time_is_fixed: bool) -> tuple[str, ...]:
        """Return the forms in the graph that can express the layer."""
        ...

    def add(self, net: Network, inputs: Values, lowering: str) -> Values:
        """Add the layer to the network; return its outputs by name."""
        ...

    def expected(self, feeds: Feeds) -> Feeds:
        """Return what the outputs must be."""
        ...


def random(*shape: int, seed: int, scale: float = 0.5) -> Array:
    """Return float32 numbers; the oracle is given the same ones."""
    return np.random.default_rng(seed).normal(scale=scale, size=shape).astype(np.float32)
