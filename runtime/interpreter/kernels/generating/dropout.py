"""Dropout, which does nothing but in training."""

from typing import Any

import numpy as np

from ...dtypes import Array
from ...registry import kernel


@kernel("Dropout", since=7)
def dropout_7(data: Array, *, ratio: float = 0.5) -> tuple[Array, Array]:
    """Return the input itself, and a mask that keeps everything."""
    return data, np.ones(data.shape, bool)


@kernel("Dropout", since=12)
def dropout(
    data: Array,
    ratio: Array | None = None,
    training_mode: Array | None = None,
    *,
    seed: int | None = None,
) -> tuple[Any, Array]:
    """Return the input itself; in training data / (1 - ratio) where the mask holds, else 0.

    With a seed the mask is that of NumPy's RandomState, which onnx.reference draws too.
    """
    share = 0.5 if ratio is None else float(ratio.item())
    if training_mode is None or not training_mode.item() or share == 0:
        return data, np.ones(data.shape, bool)
    drawn = np.random.RandomState(seed).uniform(0, 1, data.shape)
    mask = drawn >= share
    return (mask * data * (1 / (1 - share))).astype(data.dtype), mask
