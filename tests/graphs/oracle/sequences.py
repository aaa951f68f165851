"""Running a cell over sequences, row by row and step by step, and joining two directions."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .cells import Step
from .functions import Array


@dataclass(frozen=True)
class Result:
    """What a layer gives: ``[batch, time, n]``, ``[batch, n]`` and the states ``[batch, ...]``."""

    sequence: Array
    last: Array
    state: tuple[Array, ...]


def run(
    step: Step,
    x: NDArray[Any],
    initial: Sequence[NDArray[Any]],
    *,
    lengths: Sequence[int] | NDArray[Any] | None = None,
    backward: bool = False,
) -> Result:
    """Return one direction over ``x [batch, time, I]`` from the `initial` states ``[batch, n]``.

    Of each row, the first `lengths` steps are valid: the others give zeros. The backward direction
    begins at the last valid step. A row without valid steps ends where it began.
    """
    x = np.asarray(x, dtype=np.float64)
    initial = [np.asarray(state, dtype=np.float64) for state in initial]
    batch, time, _ = x.shape
    sequence = np.zeros((batch, time, initial[0].shape[1]))
    finals = [state.copy() for state in initial]
    for row in range(batch):
        state = tuple(start[row] for start in initial)
        valid = range(time if lengths is None else int(lengths[row]))
        for t in reversed(valid) if backward else valid:
            state = step(x[row, t], state)
            sequence[row, t] = state[0]
        for final, part in zip(finals, state, strict=True):
            final[row] = part
    return Result(sequence, finals[0], tuple(finals))


def join(
    forward: Array,
    backward: Array,
    merge: str | tuple[NDArray[Any], NDArray[Any] | None] = "concat",
) -> Array:
    """Return ``f3(a, b)``; a tuple is the matrix and bias of a dense layer over both."""
    if isinstance(merge, tuple):
        w, b = merge
        product = np.concatenate([forward, backward], axis=-1) @ np.asarray(w, np.float64).T
        return product if b is None else product + np.asarray(b, np.float64)
    if merge == "concat":
        return np.concatenate([forward, backward], axis=-1)
    if merge == "sum":
        return forward + backward
    if merge == "mean":
        return (forward + backward) / 2
    assert merge == "product"
    return forward * backward


def both(
    forward: Result,
    backward: Result,
    merge: str | tuple[NDArray[Any], NDArray[Any] | None] = "concat",
) -> Result:
    """Return the bidirectional layer: merged outputs, final states side by side."""
    return Result(
        join(forward.sequence, backward.sequence, merge),
        join(forward.last, backward.last, merge),
        tuple(join(*pair) for pair in zip(forward.state, backward.state, strict=True)),
    )
