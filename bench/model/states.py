"""States of a model that is fed chunk by chunk: ``NAME_in`` goes in, ``NAME_out`` comes out."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...runtime.protocol.sequences import state_pairs
from ...runtime.providers import is_served
from ...runtime.runner import TensorInfo


def at_rest(
    feeds: Mapping[str, NDArray[Any]],
    given: Collection[str],
    on: Collection[str],
    tensors: tuple[Sequence[TensorInfo], Sequence[TensorInfo]],
) -> dict[str, NDArray[Any]]:
    """Return feeds whose states are zeros, as a server that keeps them begins.

    Parameters
    ----------
    feeds
        All inputs.
    given
        Those that the user gave: they stay.
    on
        The runtimes that are compared. Without a served model among them nothing changes.
    tensors
        The model's inputs and outputs.
    """
    states = state_pairs(*tensors) if any(map(is_served, on)) else {}
    return {
        name: np.zeros_like(feed) if name in states and name not in given else feed
        for name, feed in feeds.items()
    }
