"""The errors of :mod:`onnxwright.runtime`: one family, each with a remedy."""

from ..errors import OnnxwrightError


class RunnerError(OnnxwrightError):
    """Anything that keeps a model from being loaded or run."""


class ModelError(RunnerError):
    """The model itself is broken, hostile, or uses what this runtime does not know."""


class NoKernelError(ModelError):
    """The NumPy runtime has no kernel for an operator that an output needs."""


class FeedError(RunnerError):
    """The arrays given to ``run`` do not fit the model's inputs."""


class ProviderError(RunnerError):
    """The runtime or execution provider asked for is not there, or did not take the model."""


class NodeError(RunnerError):
    """A node failed while the model ran."""
