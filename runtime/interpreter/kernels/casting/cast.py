"""Cast and CastLike."""

from typing import Any

import numpy as np

from ...dtypes import Array, dtype_of, widened
from ...registry import NodeInfo, kernel


@kernel("Cast", since=6)
def cast(
    input_: Array, *, round_mode: str = "up", saturate: int = 1, to: int, node: NodeInfo
) -> Any:
    """The input in the element type `to`."""
    return input_.astype(widened(dtype_of(to), node.float_dtype), copy=False)
