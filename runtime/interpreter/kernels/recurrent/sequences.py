"""What RNN, GRU and LSTM share: directions, layouts, lengths and states.

Rows are sorted by length, longest first, so that the rows still running at a step are always the
first ones: a step then works on slices, not on masks, and wastes nothing on padding.  The reverse
direction walks the steps backwards, and a row joins at its own last step.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]


class Cell(Protocol):
    """One direction of one recurrent layer, its weights laid out for the loop."""

    def scan(
        self, x: Array, times: Sequence[int], counts: Sequence[int], state: list[Array], y: Array
    ) -> None:
        """Walk over `times`, updating the states and writing the hidden states to `y`.

        `x` is [time, batch, input], `y` [time, batch, hidden], each state [batch, hidden]; at
        step t only the first ``counts[t]`` rows run.
        """
        ...


@dataclass(frozen=True)
class Weights:
    """Checked weights in the dtype that is computed in.

    W [directions, gates * hidden, input], R [directions, gates * hidden, hidden],
    B [directions, 2 * gates * hidden] (zeros where absent).
    """

    W: Array
    R: Array
    B: Array

    @property
    def hidden(self) -> int:
        """Units of the layer."""
        return int(self.R.shape[2])


def direction_count(direction: str) -> int:
    """Return 1 or 2.

    Raises
    ------
    ValueError
        The direction is none of forward, reverse, bidirectional.
    """
    if direction not in ("forward", "reverse", "bidirectional"):
        raise ValueError(f"direction must be forward, reverse or bidirectional, got {direction!r}")
    return 2 if direction == "bidirectional" else 1


def compute_dtype(dtype: np.dtype[Any]) -> np.dtype[Any]:
    """Return float64 for float64 and float32 for all smaller floats."""
    return dtype if dtype == np.float64 else np.dtype(np.float32)


def check_weights(
    W: Array, R: Array, B: Array | None, gates: int, directions: int, hidden_size: int | None
) -> Weights:
    """Check the shapes against each other and bring the arrays into the computing dtype."""
    hidden = R.shape[-1] if hidden_size is None else hidden_size
    _expect("R", R, (directions, gates * hidden, hidden))
    if W.ndim != 3 or W.shape[:2] != (directions, gates * hidden):
        raise ValueError(
            f"W must be [{directions}, {gates * hidden}, input_size], got {list(W.shape)}"
        )
    dtype = compute_dtype(W.dtype)
    if B is None:
        B = np.zeros((directions, 2 * gates * hidden), dtype)
    _expect("B", B, (directions, 2 * gates * hidden))
    return Weights(W.astype(dtype, copy=False), R.astype(dtype, copy=False), B.astype(dtype))


def recur(
    cells: Sequence[Cell],
    X: Array,
    sequence_lens: Array | None,
    initial: Sequence[Array | None],
    *,
    hidden: int,
    direction: str,
    layout: int,
) -> tuple[Array, ...]:
    """Run one cell per direction; return Y and the last value of each state, as ONNX shapes them.

    `initial` holds one array per state of the cell, or None for zeros.
    """
    _expect_rank_3(X)
    x = X.swapaxes(0, 1) if layout else X
    steps, batch, _ = x.shape
    order, counts = _schedule(sequence_lens, steps, batch)
    dtype = compute_dtype(X.dtype)
    x = (x if order is None else x[:, order]).astype(dtype, copy=False)
    states = [_start(value, len(cells), batch, hidden, dtype, layout, order) for value in initial]
    make = np.empty if order is None else np.zeros
    Y = make((steps, len(cells), batch, hidden), dtype)
    for d, cell in enumerate(cells):
        reverse = direction == "reverse" or d == 1
        times = range(steps - 1, -1, -1) if reverse else range(steps)
        cell.scan(x, times, counts, [state[d] for state in states], Y[:, d])
    return _finish([Y, *states], X.dtype, layout, order)


def _expect(name: str, array: Array, shape: tuple[int, ...]) -> None:
    if array.shape != shape:
        raise ValueError(f"{name} must be {list(shape)}, got {list(array.shape)}")


def _expect_rank_3(X: Array) -> None:
    if X.ndim != 3:
        raise ValueError(f"X must have 3 dimensions, got {list(X.shape)}")


def _schedule(lens: Array | None, steps: int, batch: int) -> tuple[Array | None, list[int]]:
    """Return the order of the rows (None: as they are) and how many run at each step."""
    if lens is None:
        return None, [batch] * steps
    _expect("sequence_lens", lens, (batch,))
    if batch and (lens.min() < 0 or lens.max() > steps):
        raise ValueError(f"sequence_lens must lie in 0..{steps}, got {lens.tolist()}")
    if (lens == steps).all():
        return None, [batch] * steps
    counts = (lens[None, :] > np.arange(steps)[:, None]).sum(axis=1)
    return np.argsort(-lens.astype(np.int64), kind="stable"), counts.tolist()


def _start(
    value: Array | None,
    directions: int,
    batch: int,
    hidden: int,
    dtype: np.dtype[Any],
    layout: int,
    order: Array | None,
) -> Array:
    """Return a fresh [directions, batch, hidden] array to be updated in place."""
    if value is None:
        return np.zeros((directions, batch, hidden), dtype)
    shape = (batch, directions, hidden) if layout else (directions, batch, hidden)
    _expect("an initial state", value, shape)
    value = value.swapaxes(0, 1) if layout else value
    return np.array(value if order is None else value[:, order], dtype, order="C")


def _finish(
    results: Sequence[Array], dtype: np.dtype[Any], layout: int, order: Array | None
) -> tuple[Array, ...]:
    """Undo the sorting, the layout and the computing dtype; the batch axis is the last but one."""
    if order is not None:
        back = np.argsort(order)
        results = [result[..., back, :] for result in results]
    if layout:
        # Y [time, directions, batch, hidden] and states [directions, batch, hidden], batch first.
        results = [np.moveaxis(result, -2, 0) for result in results]
    return tuple(np.ascontiguousarray(result).astype(dtype, copy=False) for result in results)
