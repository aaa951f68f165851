"""What keeps a model from being bundled."""

from ..errors import GraphError


class BundleError(GraphError):
    """A model, an option or a folder that a bundle cannot be made of."""
