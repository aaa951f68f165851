"""Multinomial, which onnx.reference lacks; the other random operators are on the fallback."""

from typing import Any

import numpy as np

from ...dtypes import Array, dtype_of, widened
from ...registry import NodeInfo, kernel

INT32 = 6
"""ONNX's number for int32."""


def _drawn(input_: Array, *, sample_size: int = 1, **_: Any) -> tuple[tuple[int, int, int], Any]:
    return (len(input_), sample_size, input_.shape[1]), np.float64


@kernel("Multinomial", since=7, size=_drawn)
def multinomial(
    input_: Array,
    *,
    dtype: int = INT32,
    sample_size: int = 1,
    seed: float | None = None,
    node: NodeInfo,
) -> Any:
    """Draw `sample_size` classes for each row of unnormalized log probabilities [batch, classes].

    By the Gumbel trick: the greatest of log p + g, where g = -log(-log(u)) and u is uniform, is
    class c with probability p[c]. The draws are those of NumPy's generator and of no other runtime.
    """
    bits = None if seed is None else int(np.float32(seed).view(np.uint32))
    shape, _ = _drawn(input_, sample_size=sample_size)
    uniform = np.random.default_rng(bits).random(shape)
    gumbel = -np.log(-np.log(uniform))
    drawn = np.argmax(input_[:, None].astype(np.float64) + gumbel, axis=2)
    return drawn.astype(widened(dtype_of(dtype), node.float_dtype))
