"""Loop."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ...dtypes import Array
from ...registry import NodeInfo, kernel


@kernel("Loop", since=1)
def loop(
    M: Array | None = None,
    cond: Array | None = None,
    *v_initial: Any,
    body: Callable[..., list[Any]],
    node: NodeInfo,
) -> tuple[Any, ...]:
    """Run `body` until M trips are made or its condition is false.

    The body takes the trip's number, the condition and the carried values, and gives the next
    condition, the next carried values, and one element of every scan output. A missing M never
    stops the loop, a missing condition is true. The outputs are the last carried values, then
    the scan outputs with one row per trip.
    """
    trips = None if M is None else int(M.item())
    going = True if cond is None else bool(cond.item())
    carried: Sequence[Any] = v_initial
    rows: list[list[Any]] = []
    trip = 0
    while going and (trips is None or trip < trips):
        outputs = body(np.array(trip, np.int64), np.array(going), *carried)
        going = bool(outputs[0])
        carried = outputs[1 : 1 + len(v_initial)]
        rows.append(outputs[1 + len(v_initial) :])
        trip += 1
    return (*carried, *_stacked(rows, len(node.outputs) - len(v_initial)))


def _stacked(rows: list[list[Any]], count: int) -> list[Any]:
    """Return one array per scan output, [trips, ...].

    Without a single trip an element's shape is not known; the array is then empty.
    """
    if not rows:
        return [np.zeros((0,), np.float32)] * count
    return [np.stack([np.asarray(row[i]) for row in rows]) for i in range(len(rows[0]))]
