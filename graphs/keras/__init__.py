"""Keras files, ``.keras`` and ``.h5``, as networks: without Keras, read as data."""

from .convert import from_keras_file

__all__ = ["from_keras_file"]
