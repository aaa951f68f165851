"""Scan."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from ...dtypes import Array
from ...plan import BoundBody
from ...registry import kernel
from ...run_limits import check_bytes, count_steps
from .loop import unrun


@kernel("Scan", since=9)
def scan(
    *initial_state_and_scan_inputs: Array,
    body: BoundBody,
    num_scan_inputs: int,
    scan_input_axes: Sequence[int] | None = None,
    scan_input_directions: Sequence[int] | None = None,
    scan_output_axes: Sequence[int] | None = None,
    scan_output_directions: Sequence[int] | None = None,
) -> tuple[Any, ...]:
    """Run `body` once for every slice of the scan inputs, carrying a state from step to step.

    The body takes the states and one slice of every scan input, and gives the next states and
    one slice of every scan output. Direction 1 reads, or writes, from the end backwards.
    """
    split = _split(initial_state_and_scan_inputs, num_scan_inputs)
    states = initial_state_and_scan_inputs[:split]
    axes = scan_input_axes or [0] * num_scan_inputs
    sequences = [
        np.moveaxis(x, axis, 0) if axis else x
        for x, axis in zip(initial_state_and_scan_inputs[split:], axes, strict=True)
    ]
    sequences = _directed(sequences, scan_input_directions)
    final, scanned = iterate(body, states, sequences)
    scanned = _directed(scanned, scan_output_directions)
    placed = [
        np.moveaxis(y, 0, axis) if axis else y
        for y, axis in zip(scanned, scan_output_axes or [0] * len(scanned), strict=True)
    ]
    return (*final, *placed)


def _split(inputs: Sequence[Array], scanned: int) -> int:
    """Return how many of the inputs are states."""
    if not 1 <= scanned <= len(inputs):
        raise ValueError(f"num_scan_inputs is {scanned}, of {len(inputs)} inputs")
    return len(inputs) - scanned


def _directed(sequences: list[Array], directions: Sequence[int] | None) -> list[Array]:
    if not directions:
        return sequences
    return [x[::-1] if back else x for x, back in zip(sequences, directions, strict=True)]


def iterate(
    body: BoundBody, states: Sequence[Array], sequences: Sequence[Array]
) -> tuple[Sequence[Array], list[Array]]:
    """Return the last states and the stacked outputs, [steps, ...]."""
    lengths = {len(x) for x in sequences}
    if len(lengths) != 1:
        raise ValueError(f"the scan inputs differ in length: {sorted(lengths)}")
    steps, carried = lengths.pop(), len(states)
    if steps == 0:
        return states, [unrun(info, 0) for info in body.results[carried:]]
    count_steps(steps)
    slices = zip(*sequences, strict=True)
    outputs = body(*states, *next(slices))
    for y in outputs[carried:]:
        check_bytes((steps, *np.shape(y)), np.asarray(y).dtype)
    stacks = [np.empty((steps, *np.shape(y)), np.asarray(y).dtype) for y in outputs[carried:]]
    for stack, value in zip(stacks, outputs[carried:], strict=True):
        stack[0] = value
    for step, inputs in enumerate(slices, 1):
        outputs = body(*outputs[:carried], *inputs)
        for stack, value in zip(stacks, outputs[carried:]):  # noqa: B905 (it costs a step 0.1 us)
            stack[step] = value
    return outputs[:carried], stacks


@kernel("Scan", since=8)
def scan_8(
    sequence_lens: Array | None = None,
    *initial_state_and_scan_inputs: Array,
    body: BoundBody,
    directions: Sequence[int] | None = None,
    num_scan_inputs: int,
) -> tuple[Any, ...]:
    """Scan each row of a batch by itself: inputs are [batch, ...] and [batch, time, ...].

    A row shorter than the others leaves zeros behind its last step (the specification is
    silent); direction 1 reads a row's valid steps from the last to the first.
    """
    split = _split(initial_state_and_scan_inputs, num_scan_inputs)
    states, inputs = initial_state_and_scan_inputs[:split], initial_state_and_scan_inputs[split:]
    batch, steps = inputs[0].shape[:2]
    lengths = [steps] * batch if sequence_lens is None else sequence_lens.tolist()
    rows = []
    for row, length in enumerate(lengths):
        sequences = _directed([x[row, :length] for x in inputs], directions)
        rows.append(iterate(body, [state[row] for state in states], sequences))
    finals = [np.stack(parts) for parts in zip(*(final for final, _ in rows), strict=True)]
    for y in rows[0][1]:
        check_bytes((batch, steps, *y.shape[1:]), y.dtype)
    scanned = zip(*(outputs for _, outputs in rows), strict=True)
    return (*finals, *(np.stack([_lengthened(y, steps) for y in parts]) for parts in scanned))


def _lengthened(y: Array, steps: int) -> Array:
    return np.pad(y, [(0, steps - len(y)), *[(0, 0)] * (y.ndim - 1)])
