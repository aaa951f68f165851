"""How much the values that a graph holds at one time may take together.

The kernels ask about single arrays. A graph that holds many values at once asks here about their
sum, every few nodes, so that a small graph pays nothing.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import numpy as np

from .plan import DISCARD, Row, taker
from .run_limits import LEAST, check_alive

MANY = 8
"""Values that a graph may hold at once without being asked: each is limited by itself."""


def watched(rows: Iterable[Row]) -> Iterator[Row]:
    """Yield the rows, and between them some that check the memory of the values alive there.

    A check takes time in proportion to the values alive: the more there are, the rarer it is.
    """
    alive: set[int] = set()
    since = 0
    for row in rows:
        yield row
        alive.update(row.outputs)
        alive.difference_update(row.dead)
        since += 1
        if len(alive) > MANY and since >= max(MANY, len(alive) // 2):
            yield Row(ask, taker(tuple(sorted(alive))), DISCARD, (), (), row.step)
            since = 0


def ask(*values: Any) -> None:
    """Refuse values that together take more than a run may hold; views are counted once."""
    size = 0
    for value in values:
        if type(value) is np.ndarray:
            size += value.nbytes
    if size > LEAST:
        check_alive(size, lambda: sum(buffers(values).values()))


def buffers(values: Iterable[Any]) -> dict[int, int]:
    """Return buffer to size; a view counts as the array that owns its memory."""
    owners = (_owner(array) for array in arrays(values))
    return {id(owner): owner.nbytes for owner in owners}


def _owner(array: Any) -> Any:
    while isinstance(array, np.ndarray) and isinstance(array.base, np.ndarray):
        array = array.base
    return array


def arrays(values: Iterable[Any]) -> Iterable[Any]:
    """Yield the arrays and numbers among `values` and in their sequences."""
    for value in values:
        if isinstance(value, list):
            yield from arrays(value)
        elif isinstance(value, (np.ndarray, np.generic)):
            yield value


def made(rows: Sequence[Row]) -> Iterator[Row]:
    """Yield the rows that compute something."""
    return (row for row in rows if row.function is not ask)
