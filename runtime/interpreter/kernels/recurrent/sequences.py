"""What RNN, GRU and LSTM share: directions, layouts, lengths and states.

Rows are sorted by length, longest first, so that the rows still running at a step are always the
first ones: a step then works on slices, not on masks, and wastes nothing on padding.  The reverse
direction walks the steps backwards, and a row joins at its own last step.
"""

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from ...run_limits import LEAST, check_bytes
from .gates import Gates
from .options import Options

Array = NDArray[Any]

CHUNK = 2**19
"""Bytes of input products computed ahead: they should stay in a core's cache."""


class Cell(Protocol):
    """One direction of one recurrent layer, its weights laid out for the loop."""

    @property
    def inputs(self) -> Gates:
        """The weights between the input and the gates."""
        ...

    def run(self, products: Array, outs: Array, state: Sequence[Array]) -> None:
        """Run over some steps, all with the same rows, and update the states in place.

        `products` [steps, gates, rows, hidden] are the inputs' products, which may be
        overwritten; `outs` [steps, rows, hidden] takes the hidden states; each state is
        [rows, hidden].
        """
        ...


def compute_dtype(dtype: np.dtype[Any]) -> np.dtype[Any]:
    """Return float64 for float64 and float32 for all smaller floats."""
    return dtype if dtype == np.float64 else np.dtype(np.float32)


def recur(
    cells: Sequence[Cell],
    options: Options,
    X: Array,
    sequence_lens: Array | None,
    initial: Sequence[Array | None],
) -> tuple[Array, ...]:
    """Run one cell per direction; return Y and the last value of each state, as ONNX shapes them.

    `initial` holds one array per state of the cell, or None for zeros.
    """
    if X.ndim != 3 or X.shape[2] != len(cells[0].inputs.matrix):
        raise ValueError(
            f"X must be [.., .., {len(cells[0].inputs.matrix)}], as W is, got {list(X.shape)}"
        )
    x = X.swapaxes(0, 1) if options.layout else X
    steps, batch, _ = x.shape
    order, counts = _schedule(sequence_lens, steps, batch)
    dtype = cells[0].inputs.matrix.dtype
    x = (x if order is None else x[:, order]).astype(dtype, copy=False)
    hidden = cells[0].inputs.matrix.shape[1] // cells[0].inputs.count
    shape = (len(cells), batch, hidden)
    if steps * batch * hidden * len(cells) * dtype.itemsize > LEAST:
        check_bytes((steps, *shape), dtype)
    states = [_start(value, shape, dtype, options.layout, order) for value in initial]
    Y = (np.empty if order is None else np.zeros)((steps, *shape), dtype)
    for d, cell in enumerate(cells):
        backwards = options.direction == "reverse" or d == 1
        _scan(cell, x, counts, backwards, [state[d] for state in states], Y[:, d])
    return _finish([Y, *states], X.dtype, options.layout, order)


def _scan(
    cell: Cell, x: Array, counts: Sequence[int], backwards: bool, state: list[Array], y: Array
) -> None:
    """Run a cell over all steps of `x` [time, batch, input] into `y` [time, batch, hidden]."""
    step_bytes = max(1, cell.inputs.matrix.shape[1] * x.itemsize)
    single = len(counts) == 1 and counts[0] > 0  # of a net that is run step by step
    spans = [(0, 1, counts[0])] if single else list(_spans(counts, step_bytes))
    for start, stop, rows in reversed(spans) if backwards else spans:
        products = cell.inputs.of_steps(x[start:stop, :rows])
        outs = y[start:stop, :rows]
        if backwards:
            products, outs = products[::-1], outs[::-1]
        cell.run(products, outs, [value[:rows] for value in state])


def _spans(counts: Sequence[int], row_bytes: int) -> Iterator[tuple[int, int, int]]:
    """Yield (start, stop, rows): spans of steps with as many rows, none longer than the cache."""
    start = 0
    for rows, group in groupby(counts):
        stop = start + len(list(group))
        length = max(1, CHUNK // (row_bytes * max(1, rows)))
        if rows:
            for first in range(start, stop, length):
                yield first, min(first + length, stop), rows
        start = stop


def _schedule(lens: Array | None, steps: int, batch: int) -> tuple[Array | None, list[int]]:
    """Return the order of the rows (None: as they are) and how many run at each step."""
    if lens is None:
        return None, [batch] * steps
    if lens.shape != (batch,):
        raise ValueError(f"sequence_lens must be [{batch}], got {list(lens.shape)}")
    if batch and (lens.min() < 0 or lens.max() > steps):
        raise ValueError(f"sequence_lens must lie in 0..{steps}, got {lens.tolist()}")
    if (lens == steps).all():
        return None, [batch] * steps
    counts = (lens[None, :] > np.arange(steps)[:, None]).sum(axis=1)
    return np.argsort(-lens.astype(np.int64), kind="stable"), counts.tolist()


def _start(
    value: Array | None,
    shape: tuple[int, int, int],
    dtype: np.dtype[Any],
    layout: int,
    order: Array | None,
) -> Array:
    """Return a fresh [directions, batch, hidden] array to be updated in place."""
    if value is None:
        return np.zeros(shape, dtype)
    expected = (shape[1], shape[0], shape[2]) if layout else shape
    if value.shape != expected:
        raise ValueError(f"an initial state must be {list(expected)}, got {list(value.shape)}")
    value = value.swapaxes(0, 1) if layout else value
    return (value if order is None else value[:, order]).astype(dtype, order="C")


def _finish(
    results: Sequence[Array], dtype: np.dtype[Any], layout: int, order: Array | None
) -> tuple[Array, ...]:
    """Undo the sorting, the layout and the computing dtype; the batch axis is the last but one."""
    if order is None and not layout and results[0].dtype == dtype:
        return tuple(results)
    if order is not None:
        back = np.argsort(order)
        results = [result[..., back, :] for result in results]
    if layout:
        # Y [time, directions, batch, hidden] and states [directions, batch, hidden], batch first.
        results = [np.moveaxis(result, -2, 0) for result in results]
    return tuple(np.ascontiguousarray(result).astype(dtype, copy=False) for result in results)
