"""Joining requests along their batch, and parting the answer.

Requests are joined only where all their tensors have the same dims behind the batch: nothing is
padded, so every row goes through the same arithmetic as alone.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..errors import ProviderError
from ..runner import TensorInfo

Arrays = Mapping[str, NDArray[Any]]
Key = tuple[Any, ...]


def check_batches(model: str, tensors: Sequence[TensorInfo]) -> None:
    """Check that requests to a model can be joined.

    Raises
    ------
    ProviderError
        A tensor does not begin with the dim that the first one begins with, or has it twice.
    """
    first = (tensors[0].shape or (None,))[0] if tensors else None
    for info in tensors:
        dims = info.shape or ()
        if not isinstance(first, str) or dims[:1] != (first,) or dims.count(first) != 1:
            raise ProviderError(
                f"requests to the model '{model}' cannot be joined: '{info}' does not begin with "
                "one named dim that all its inputs and outputs begin with",
                "leave out the batching, or export it with a dim 'batch' in front",
            )


def key_of(feeds: Arrays, outputs: Sequence[str]) -> Key:
    """Return what requests must have in common to be joined."""
    return tuple(outputs), tuple((name, feeds[name].shape[1:]) for name in sorted(feeds))


def rows_of(feeds: Arrays) -> int:
    """Return a request's batch; 1 where the first tensor has no dims.

    >>> rows_of({"x": np.zeros((4, 2))})
    4
    """
    shape = next(iter(feeds.values())).shape if feeds else ()
    return int(shape[0]) if shape else 1


def joined(requests: Sequence[Arrays]) -> Arrays:
    """Return the feeds of all requests as those of one."""
    if len(requests) == 1:
        return requests[0]
    return {name: np.concatenate([request[name] for request in requests]) for name in requests[0]}


def parted(outputs: Arrays, rows: Sequence[int]) -> list[dict[str, NDArray[Any]]] | None:
    """Return each request's part of the outputs; None where they have not as many rows."""
    if len(rows) == 1:
        return [dict(outputs)]
    if any(array.shape[:1] != (sum(rows),) for array in outputs.values()):
        return None
    ends = np.cumsum(rows)[:-1]
    parts = {name: np.split(array, ends) for name, array in outputs.items()}
    return [{name: parts[name][at] for name in outputs} for at in range(len(rows))]
