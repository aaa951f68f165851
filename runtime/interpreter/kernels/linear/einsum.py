"""Einsum."""

from typing import Any

import numpy as np

from ...dtypes import Array, through_float32
from ...registry import kernel


@kernel("Einsum", since=12)
@through_float32
def einsum(*Inputs: Array, equation: str) -> Any:
    """Return the products of the inputs summed over the indices that the result leaves out."""
    return np.einsum(equation.replace(" ", ""), *Inputs, optimize=len(Inputs) > 1)
