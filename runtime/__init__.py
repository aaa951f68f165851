"""Run ONNX models on NumPy and on onnxruntime's execution providers."""

from typing import TYPE_CHECKING, Any

from .discovery import providers
from .errors import FeedError, ModelError, NodeError, ProviderError, RunnerError
from .loading import load
from .runner import Runner, TensorInfo

if TYPE_CHECKING:
    from .interpreter.coverage import coverage

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


def __getattr__(name: str) -> Any:
    """Import `coverage` when it is asked for: it needs all of the interpreter's kernels."""
    if name == "coverage":
        from .interpreter.coverage import coverage

        return coverage
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
