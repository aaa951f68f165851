"""Upsampling."""

import numpy as np

from ..registry import Call, keras_layer
from ..tensor import Tensor
from .windows import channels_last, give, take

MODES = {
    "nearest": {"mode": "nearest", "coordinate_transformation_mode": "asymmetric",
                "nearest_mode": "floor"},
    "bilinear": {"mode": "linear", "coordinate_transformation_mode": "half_pixel"},
}  # fmt: skip
"""Keras's interpolations as attributes of Resize."""


@keras_layer("UpSampling1D", "UpSampling2D", "UpSampling3D")
def up_sampling(call: Call) -> Tensor:
    """Repeat each place of the spatial dims, or fill in what lies between two."""
    rank = int(next(c for c in call.kind if c.isdigit()))
    sizes = call.fields.integers("size", rank, 2, least=1)
    mode = call.fields.text("interpolation", "nearest", tuple(MODES))
    last = channels_last(call)
    x = take(call, last)
    scales = np.array([1, 1, *sizes], np.float32)
    given = call.net.initializer(f"{call.layer}.scales", scales)
    inner = zip(x.dims[2:], sizes, strict=True)
    dims = (*x.dims[:2], *(d * s if isinstance(d, int) else None for d, s in inner))
    y = call.net.emit("Resize", x, None, given, layer=call.layer, dims=dims, **MODES[mode])
    return give(y, last)
