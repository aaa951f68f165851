"""Kernels that lay their constant weights out once, when the model is compiled."""

from collections.abc import Callable, Sequence
from typing import Any

from ...registry import Kernel
from .options import Options
from .sequences import Array, Cell, recur

LENS = 4
"""The position of sequence_lens."""
Build = Callable[..., Sequence[Cell]]
"""Lays out weights: a function of the options and the arrays at the `weights` positions."""


def prepared(
    build: Build,
    options: Options,
    constants: Sequence[Any],
    *,
    weights: Sequence[int],
    states: Sequence[int],
) -> Kernel | None:
    """Return a kernel of all inputs for constant weights, None where they are not constant.

    `weights` and `states` are positions among the inputs.
    """
    fixed = _pick(constants, weights)
    if fixed[0] is None or fixed[1] is None:
        return None
    try:
        cells = build(options, *fixed)
    except ValueError:
        return None  # the plain kernel says it again, when it runs and the node can be named

    laid_out = [(p, constants[p]) for p in weights if p < len(constants)]
    carried = [p for p in states if p < len(constants)]
    absent = [None] * (len(states) - len(carried))
    has_lens = len(constants) > LENS

    def run(*inputs: Any) -> tuple[Array, ...]:
        layer = cells
        for p, value in laid_out:
            if inputs[p] is not value:
                # A bias may be present and yet no constant; then nothing can be laid out ahead.
                layer = build(options, *_pick(inputs, weights))
                break
        lens = inputs[LENS] if has_lens else None
        return recur(layer, options, inputs[0], lens, [inputs[p] for p in carried] + absent)

    return run


def _pick(values: Sequence[Any], positions: Sequence[int]) -> list[Any]:
    return [values[p] if p < len(values) else None for p in positions]
