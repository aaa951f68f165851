"""The nets of ``tests/data/foreign``, in the layouts and with the cells of other makers.

``tools/training/foreign`` trained them and recorded what PyTorch answers in float64.
"""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

Arrays = Mapping[str, NDArray[Any]]
FOLDER = Path(__file__).parents[1] / "data" / "foreign"
LENGTHS = np.arange(15, 31, dtype=np.int32)
"""How many steps of each input of ``words`` its answers are for."""


@cache
def arrays_of(name: str) -> Arrays:
    """Return a net's arrays, its inputs ``in.x`` and the recorded ``out.<name>``."""
    with np.load(FOLDER / f"{name}.npz") as archive:
        return {key: archive[key] for key in archive}


def take(arrays: Arrays, prefix: str, *roles: str) -> list[NDArray[Any]]:
    """Return the arrays named ``<prefix><role>``, by default W, R and b."""
    return [arrays[prefix + role] for role in roles or ("W", "R", "b")]
