"""What keeps a model from being quantized."""

from ..errors import GraphError


class QuantizationError(GraphError):
    """A model that cannot be quantized, or a way of doing so that does not fit it."""
