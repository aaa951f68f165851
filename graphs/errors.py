"""The errors of :mod:`onnxwright.graphs`: one family, each with a remedy."""

from ..errors import OnnxwrightError


class GraphError(OnnxwrightError, ValueError):
    """Anything that keeps a graph from being built or saved."""


class WeightError(GraphError):
    """An array of weights does not fit the layer, or its own container."""


class ValueMismatchError(GraphError):
    """A value's dtype or dims do not fit the layer that takes it."""


class UnknownNameError(GraphError, AttributeError):
    """A network has no layer of this name."""


class SpecError(GraphError):
    """A network file is not well formed."""


class NonFiniteWarning(UserWarning):
    """An array of weights holds NaN or infinity."""
