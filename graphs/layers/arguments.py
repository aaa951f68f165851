"""Reading what a recurrent layer is given beside its values and weights."""

from collections.abc import Sequence
from typing import Literal

import numpy as np

from ..activations.notation import CELL_OPS, Activation, parse_activation
from ..errors import GraphError
from ..given import several, shown
from ..lowering.cell import RecurrentWeights
from ..lowering.op import DEFAULTS

Direction = Literal["forward", "reverse", "bidirectional"]
SMALLEST_CLIP = float(np.finfo(np.float32).smallest_subnormal)
LARGEST_CLIP = float(np.finfo(np.float32).max)
"""The attribute is a float32, and a clip at 0 leaves nothing."""
DIRECTIONS = {"forward": 1, "reverse": 1, "bidirectional": 2}


def read_activations(given: str | Sequence[str], kind: str, label: str) -> tuple[Activation, ...]:
    """Read the names of one direction's activations.

    Raises
    ------
    GraphError
        There are too many or too few, or one is unknown or not for recurrent layers.
    """
    names = [given] if isinstance(given, str) else several(given, f"{label}: activations")
    if len(names) != len(DEFAULTS[kind]):
        raise GraphError(
            f"{label}: activations: {len(names)} given, needs {len(DEFAULTS[kind])}",
            f"name one per function, as in {DEFAULTS[kind]}",
        )
    return tuple(_cell_activation(name, label) for name in names)


def _cell_activation(name: str, label: str) -> Activation:
    activation = parse_activation(name, label)
    if activation.name not in CELL_OPS:
        raise GraphError(
            f"{label}: activation '{activation.name}' cannot stand inside a recurrent layer",
            f"use one of {', '.join(CELL_OPS)}",
        )
    return activation


def read_direction(given: str | None, weights: RecurrentWeights, label: str) -> str:
    """Return the direction.

    Raises
    ------
    GraphError
        It does not fit the number of directions in the weights.
    """
    default = "bidirectional" if weights.directions == 2 else "forward"
    direction = default if given is None else given
    known = isinstance(direction, str) and direction in DIRECTIONS
    if not known or DIRECTIONS[direction] != weights.directions:
        raise GraphError(
            f"{label}: direction {shown(direction)} does not fit weights of "
            f"{weights.directions} direction{'s' * (weights.directions > 1)}",
            f"use {' or '.join(d for d, n in DIRECTIONS.items() if n == weights.directions)}",
        )
    return direction


def read_clip(given: float | None, label: str) -> float | None:
    """Return the bound of what goes into the activations.

    Raises
    ------
    GraphError
        It is no number above 0 that a float32 can hold.
    """
    number = isinstance(given, int | float | np.number)
    if given is not None and (not number or not SMALLEST_CLIP <= given <= LARGEST_CLIP):
        raise GraphError(
            f"{label}: clip is {shown(given)}, needs a number above 0 that float32 holds",
            "leave it out where nothing is to be held back",
        )
    return given
