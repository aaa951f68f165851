"""The NumPy interpreter: a model compiled once to a flat plan of kernel calls."""

from .numpy_runner import NumpyRunner

__all__ = ["NumpyRunner"]
