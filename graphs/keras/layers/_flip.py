"""Turning a sequence round."""

import numpy as np

from ...builder.ops import Ops
from ...values import Value


def flip(ops: Ops, sequence: Value) -> Value:
    """Return ``[batch, time, ...]`` with the last step first."""
    least = int(np.iinfo(np.int64).min)
    limits = [ops.net.indices(number) for number in (-1, least, 1, -1)]
    return ops.net.emit("Slice", sequence, *limits, layer=ops.layer, dims=sequence.dims)
