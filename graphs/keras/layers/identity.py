"""Layers that change nothing once a net is trained."""

from ..registry import Call, keras_layer
from ..tensor import Tensor

RATES = ("rate", "drop_path_rate", "stddev", "l1", "l2", "alpha")
"""Fields that matter in training alone."""


@keras_layer(
    "Dropout",
    "SpatialDropout1D",
    "SpatialDropout2D",
    "SpatialDropout3D",
    "AlphaDropout",
    "GaussianDropout",
    "GaussianNoise",
    "ActivityRegularization",
    "Identity",
    "StochasticDepth",
    masking="keeps",
)
def identity(call: Call) -> Tensor:
    """Return the input."""
    for key in (*RATES, "data_format"):
        call.fields.get(key)
    return call.x
