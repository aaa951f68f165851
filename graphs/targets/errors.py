"""The errors of :mod:`onnxwright.graphs.targets`."""

from ..errors import GraphError


class TargetError(GraphError):
    """A target is not known, or its rules are not well formed."""
