"""Weights in the network's dtype: what would be lost is refused, what is not finite is told."""

import warnings
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..errors import NonFiniteWarning, WeightError


def warn_of_nonfinite(array: NDArray[Any], name: str) -> None:
    """Warn where an array of weights holds NaN or infinity: a net seldom computes anything then."""
    lost = array.size - np.count_nonzero(np.isfinite(array))
    if lost:
        warnings.warn(
            f"'{name}' holds {lost} of {array.size} numbers that are NaN or infinite",
            NonFiniteWarning,
            stacklevel=2,
        )


def narrow(array: NDArray[Any], dtype: np.dtype[Any], name: str) -> NDArray[Any]:
    """Convert to `dtype`, refusing to turn a finite number into an infinity.

    Raises
    ------
    WeightError
        A finite number is too large for the dtype.
    """
    if array.dtype == dtype:
        return array
    with np.errstate(over="ignore"):
        converted = array.astype(dtype)
    if dtype.itemsize < array.dtype.itemsize or dtype.name == "float16":
        lost = np.isfinite(array) & ~np.isfinite(converted)
        if lost.any():
            largest = float(np.abs(np.where(lost, array, 0)).max())
            raise WeightError(
                f"'{name}' holds {largest:g}, which {dtype.name} cannot hold",
                "build the network with a wider dtype, or scale the weights",
            )
    return converted
