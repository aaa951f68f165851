"""Weights files: NumPy's ``.npz`` and safetensors, read as data and never executed."""

import os
from collections.abc import Mapping
from pathlib import Path

from ..errors import WeightError
from ..weights.arrays import Array
from .npz import read_npz
from .safetensors import read_safetensors

READERS = {".npz": read_npz, ".safetensors": read_safetensors}
"""What reads a file, by its suffix; a reader raises `WeightError` for whatever is wrong in it."""


def load_weights(path: str | os.PathLike[str]) -> Mapping[str, Array]:
    """Return the arrays of a weights file by name, in the order of the file, read-only.

    Parameters
    ----------
    path
        A ``.npz`` without pickled objects, read into memory; or a ``.safetensors``, whose arrays
        are views of the mapped file: it must stay as it is while they are in use. bfloat16 has
        the dtype of ml_dtypes.

    Raises
    ------
    WeightError
        The file is not there, is of another kind, is cut short, or claims what it does not hold.
    """
    file = Path(path)
    reader = READERS.get(file.suffix.lower())
    if reader is None:
        raise WeightError(
            f"weights file {file}: suffix {file.suffix!r} is not known, needs one of "
            f"{', '.join(READERS)}",
            "save the arrays with numpy.savez or safetensors.numpy.save_file",
        )
    try:
        if not file.is_file():
            raise FileNotFoundError(2, "no such file" if not file.exists() else "not a file")
        return reader(file)
    except OSError as error:
        raise WeightError(
            f"weights file {file}: cannot be read: {error.strerror or error}",
            "check the path and its permissions",
        ) from error
