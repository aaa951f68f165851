"""Loop."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from ....runner import TensorInfo
from ...dtypes import Array
from ...plan import BoundBody
from ...registry import NodeInfo, kernel
from ...run_limits import LEAST, check_total, counted_steps

ARRAY = 150
"""Bytes that an array takes besides its elements."""


@kernel("Loop", since=1)
def loop(
    M: Array | None = None,
    cond: Array | None = None,
    *v_initial: Any,
    body: BoundBody,
    node: NodeInfo,
) -> tuple[Any, ...]:
    """Run `body` until M trips are made or its condition is false.

    The body takes the trip's number, the condition and the carried values, and gives the next
    condition, the next carried values, and one element of every scan output. A missing M never
    stops the loop, a missing condition is true. The outputs are the last carried values, then
    the scan outputs with one row per trip.
    """
    trips = None if M is None else int(M.item())
    carried: Sequence[Any] = v_initial
    rows: list[Sequence[Any]] = []
    stored = 0
    going_on = np.array(True)
    if cond is not None and not cond.item():
        trips = 0
    for trip in counted_steps(trips):
        outputs = body(np.array(trip, np.int64), going_on, *carried)
        carried = outputs[1 : 1 + len(v_initial)]
        if len(outputs) > 1 + len(v_initial):
            row = outputs[1 + len(v_initial) :]
            stored += sum([np.asarray(y).nbytes + ARRAY for y in row])
            if stored > LEAST:
                check_total(stored, "what the body gives at each step")
            rows.append(row)
        if not outputs[0]:
            break
    return (*carried, *_stacked(rows, body, len(node.outputs) - len(v_initial)))


def _stacked(rows: list[Sequence[Any]], body: BoundBody, count: int) -> list[Any]:
    """Return one array per scan output, [trips, ...]."""
    if not rows:
        return [unrun(info, 0) for info in body.results[len(body.results) - count :]]
    return [np.stack([np.asarray(row[i]) for row in rows]) for i in range(len(rows[0]))]


def unrun(info: TensorInfo, *leading: int) -> Array:
    """Return the scan output of a body that never ran: empty, with the dims the model states.

    A dim that the model leaves open is 0; an output that it says nothing about is float32.
    """
    dims = [dim if isinstance(dim, int) else 0 for dim in info.shape or ()]
    return np.zeros((*leading, *dims), np.float32 if info.dtype == object else info.dtype)
