"""The errors of :mod:`onnxwright.bench`: one family, each with a remedy."""

from ..errors import OnnxwrightError


class BenchError(OnnxwrightError):
    """A command, case or results file that cannot be used as given."""
