"""Kernels that lay their constant weights out once, when the model is compiled."""

from collections.abc import Callable, Sequence
from typing import Any

from ...registry import Kernel
from .options import Options
from .sequences import Array, Cell, recur

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

    `weights` and `states` are positions among the inputs; sequence_lens is at 4.
    """
    fixed = _pick(constants, weights)
    if fixed[0] is None or fixed[1] is None:
        return None
    try:
        cells = build(options, *fixed)
    except ValueError:
        return None  # the plain kernel says it again, when it runs and the node can be named

    def run(*inputs: Any) -> tuple[Array, ...]:
        now = _pick(inputs, weights)
        # A bias may be present and yet no constant; then nothing can be laid out ahead.
        same = all(a is b for a, b in zip(now, fixed, strict=True))
        layer = cells if same else build(options, *now)
        (lens,) = _pick(inputs, [4])
        return recur(layer, options, inputs[0], lens, _pick(inputs, states))

    return run


def _pick(values: Sequence[Any], positions: Sequence[int]) -> list[Any]:
    return [values[p] if p < len(values) else None for p in positions]
