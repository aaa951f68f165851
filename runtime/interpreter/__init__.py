"""The NumPy interpreter: a model compiled once to a flat plan of kernel calls."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .numpy_runner import NumpyRunner

__all__ = ["NumpyRunner"]


def __getattr__(name: str) -> Any:
    """Import the runner when it is asked for: its kernels are most of what importing costs."""
    if name == "NumpyRunner":
        from .numpy_runner import NumpyRunner

        return NumpyRunner
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
