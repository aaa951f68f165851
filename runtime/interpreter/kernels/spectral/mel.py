"""MelWeightMatrix."""

import numpy as np

from ...dtypes import Array, dtype_of, widened
from ...registry import NodeInfo, kernel
from ...run_limits import check_bytes

FLOAT = 1
"""TensorProto.FLOAT."""


@kernel("MelWeightMatrix", since=17)
def mel_weight_matrix(
    num_mel_bins: Array,
    dft_length: Array,
    sample_rate: Array,
    lower_edge_hertz: Array,
    upper_edge_hertz: Array,
    *,
    output_datatype: int = FLOAT,
    node: NodeInfo,
) -> Array:
    """Return [dft_length // 2 + 1, bands]: triangles that are equally wide on the mel scale.

    mel(f) = 2595 log10(1 + f / 700); their corners are rounded down to whole bins.
    """
    bands, length, rate = (int(x.item()) for x in (num_mel_bins, dft_length, sample_rate))
    if bands < 0 or length < 1 or rate < 1:
        raise ValueError(f"{bands} bands of a transform of {length} at {rate} samples a second")
    dtype = widened(dtype_of(output_datatype), node.float_dtype)
    check_bytes((length // 2 + 1, bands), np.float64)
    low, high = (2595 * np.log10(1 + x.item() / 700) for x in (lower_edge_hertz, upper_edge_hertz))
    hertz = 700 * (10 ** ((low + np.arange(bands + 2) * (high - low) / (bands + 2)) / 2595) - 1)
    corners = np.floor((length + 1) * hertz / rate)
    left, middle, right = corners[:-2], corners[1:-1], corners[2:]
    bins = np.arange(length // 2 + 1)[:, None]
    with np.errstate(all="ignore"):
        rising = np.where((left <= bins) & (bins <= middle), (bins - left) / (middle - left), 0)
        falling = np.where((middle <= bins) & (bins < right), (right - bins) / (right - middle), 0)
    found = np.where(bins >= middle, falling, rising)
    return np.where(bins == middle, 1.0, found).astype(dtype)
