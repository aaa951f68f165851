"""Scan."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ...dtypes import Array
from ...registry import NodeInfo, kernel

Body = Callable[..., list[Any]]


@kernel("Scan", since=9)
def scan(
    *initial_state_and_scan_inputs: Array,
    body: Body,
    num_scan_inputs: int,
    scan_input_axes: Sequence[int] | None = None,
    scan_input_directions: Sequence[int] | None = None,
    scan_output_axes: Sequence[int] | None = None,
    scan_output_directions: Sequence[int] | None = None,
    node: NodeInfo,
) -> tuple[Any, ...]:
    """Run `body` once for every slice of the scan inputs, carrying a state from step to step.

    The body takes the states and one slice of every scan input, and gives the next states and
    one slice of every scan output. Direction 1 reads, or writes, from the end backwards.
    """
    split = len(initial_state_and_scan_inputs) - num_scan_inputs
    states = initial_state_and_scan_inputs[:split]
    axes = scan_input_axes or [0] * num_scan_inputs
    sequences = [
        np.moveaxis(x, axis, 0) if axis else x
        for x, axis in zip(initial_state_and_scan_inputs[split:], axes, strict=True)
    ]
    sequences = _directed(sequences, scan_input_directions)
    count = len(node.outputs) - split
    final, scanned = iterate(body, states, sequences, count)
    scanned = _directed(scanned, scan_output_directions)
    placed = [
        np.moveaxis(y, 0, axis) if axis else y
        for y, axis in zip(scanned, scan_output_axes or [0] * count, strict=True)
    ]
    return (*final, *placed)


def _directed(sequences: list[Array], directions: Sequence[int] | None) -> list[Array]:
    if not directions:
        return sequences
    return [x[::-1] if back else x for x, back in zip(sequences, directions, strict=True)]


def iterate(
    body: Body, states: Sequence[Array], sequences: Sequence[Array], count: int
) -> tuple[Sequence[Array], list[Array]]:
    """Return the last states and `count` stacked outputs, [steps, ...]."""
    lengths = {len(x) for x in sequences}
    if len(lengths) != 1:
        raise ValueError(f"the scan inputs differ in length: {sorted(lengths)}")
    steps, carried = lengths.pop(), len(states)
    if steps == 0:
        return states, [np.zeros((0,), np.float32)] * count
    slices = zip(*sequences, strict=True)
    outputs = body(*states, *next(slices))
    stacks = [np.empty((steps, *np.shape(y)), np.asarray(y).dtype) for y in outputs[carried:]]
    _write(stacks, outputs, carried, 0)
    for step, inputs in enumerate(slices, 1):
        outputs = body(*outputs[:carried], *inputs)
        _write(stacks, outputs, carried, step)
    return outputs[:carried], stacks


def _write(stacks: Sequence[Array], outputs: Sequence[Any], carried: int, step: int) -> None:
    for stack, value in zip(stacks, outputs[carried:], strict=True):
        stack[step] = value
