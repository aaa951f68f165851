"""Run ONNX models on NumPy and on onnxruntime's execution providers."""

from .discovery import providers
from .errors import FeedError, ModelError, NodeError, ProviderError, RunnerError
from .interpreter.coverage import coverage
from .loading import load
from .runner import Runner, TensorInfo

__all__ = [
    "FeedError",
    "ModelError",
    "NodeError",
    "ProviderError",
    "Runner",
    "RunnerError",
    "TensorInfo",
    "coverage",
    "load",
    "providers",
]
