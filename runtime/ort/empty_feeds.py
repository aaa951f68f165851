"""Feeds with a dim of 0 that would end the whole process inside onnxruntime."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..errors import FeedError

ALL = 64
"""More dims than an array has."""


@dataclass(frozen=True)
class Abort:
    """An operator of onnxruntime's CPU provider that ends the process on an empty array."""

    leading: int
    """How many leading dims of a feed, batch and then time, must not be 0."""
    how: str
    mended: tuple[int, int] | None = None
    """The first version of onnxruntime that computes it; 1.32 does not where None."""


ABORTS = {
    "LSTM": Abort(1, "LSTM ends the process on no row, its GRU also on no step"),
    "GRU": Abort(2, "LSTM ends the process on no row, its GRU also on no step"),
    "Einsum": Abort(ALL, "Einsum ends the process where it divides by a dim of 0"),
    "TopK": Abort(ALL, "TopK ends the process where it divides by a dim of 0", (1, 31)),
}


def aborts(ops: Collection[str], version: str) -> tuple[Abort, ...]:
    """Return how the operators of a model abort in a version of onnxruntime.

    >>> [found.leading for found in aborts(["LSTM", "TopK", "Add"], "1.31.0")]
    [1]
    """
    return tuple(found for op, found in ABORTS.items() if op in ops and _hits(found, version))


def dividing(ops: Collection[str], version: str) -> set[str]:
    """Return the operators of a model that abort on any empty array, in a version of onnxruntime.

    >>> dividing(["LSTM", "Einsum", "Add"], "1.32.0")
    {'Einsum'}
    """
    return {op for op, a in ABORTS.items() if op in ops and a.leading == ALL and _hits(a, version)}


def _hits(abort: Abort, version: str) -> bool:
    major, minor = (int(part) for part in version.split(".")[:2])
    return abort.mended is None or (major, minor) < abort.mended


def check_not_empty(feeds: Mapping[str, Any], known: Collection[Abort]) -> None:
    """Check that no feed is one on which a model's operators abort.

    Raises
    ------
    FeedError
        One is.
    """
    for abort in known:
        for name, value in feeds.items():
            if 0 in np.shape(value)[: abort.leading]:
                raise FeedError(
                    f"input '{name}' is empty, shape {list(np.shape(value))}: "
                    f"onnxruntime's {abort.how}",
                    "feed one row and one step or more, or run it on='numpy'",
                )
