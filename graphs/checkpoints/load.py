"""Weights files of every format that is read: as data, and never executed."""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from ... import kinds
from ..errors import WeightError
from ..given import shown
from ..weights.arrays import Array
from .choose_entry import Chosen
from .hdf5 import read_hdf5
from .npz import read_npz
from .pytorch import read_pytorch
from .safetensors import read_safetensors


@dataclass(frozen=True)
class Format:
    """A format of weights files."""

    name: str
    read: Callable[[Path, str | None], Chosen]


def _whole(read: Callable[[Path], Mapping[str, Array]]) -> Callable[[Path, str | None], Chosen]:
    """Return the reader of a format whose files have no parts to choose from."""

    def read_whole(path: Path, entry: str | None) -> Chosen:
        if entry is not None:
            raise WeightError(
                f"weights file {path}: it has no part {entry!r}: its format has none",
                "leave the entry out",
            )
        return Chosen(read(path))

    return read_whole


def _read_keras(path: Path) -> dict[str, Array]:
    """Return the arrays of the layers, without the optimizer's and without their common folder."""
    arrays = read_hdf5(path).arrays
    top = "model_weights/" if any(name.startswith("model_weights/") for name in arrays) else ""
    return {
        name.removeprefix(top): array
        for name, array in arrays.items()
        if name.startswith(top) and not name.startswith("optimizer")
    }


KERAS = Format("Keras", _whole(_read_keras))
FORMATS = {
    kinds.NPZ: Format("NumPy .npz", _whole(partial(read_npz, mapped=True))),
    kinds.SAFETENSORS: Format("safetensors", _whole(read_safetensors)),
    kinds.TORCH: Format("PyTorch", read_pytorch),
    kinds.HDF5: KERAS,
    kinds.KERAS: KERAS,
}


@dataclass(frozen=True)
class WeightsFile:
    """A weights file's arrays, and what was found around them."""

    arrays: Mapping[str, Array]
    """By name, in the order of the file, read-only."""
    format: str
    """The format's name."""
    entry: str = ""
    """The part of a checkpoint that was taken; "" where the file is the weights alone."""
    others: tuple[str, ...] = ()
    """Its other parts that hold arrays."""
    prefix: str = ""
    """What stood before every name, and was left out: ``module.``."""


def load_weights(path: str | os.PathLike[str], entry: str | None = None) -> Mapping[str, Array]:
    """Return the arrays of a weights file by name, in the order of the file, read-only.

    Parameters
    ----------
    path
        A file of NumPy (``.npz``), safetensors, PyTorch (``.pt``, ``.pth``, ``.bin``: a state dict,
        or a checkpoint that holds one) or Keras (``.h5``, ``.weights.h5``, ``.keras``; needs the
        extra ``keras``). Its content says which; nothing in it is executed, and no framework is
        needed. Where the format allows, arrays are views of the mapped file: it must stay as it
        is while they are in use. bfloat16 has the dtype of ml_dtypes.
    entry
        The part of a PyTorch checkpoint to take, as ``"ema"``; by itself the model's state dict
        is found under the usual names. ``module.`` and ``_orig_mod.`` before every name go.

    Raises
    ------
    WeightError
        The file is not there, is of another kind, is cut short, claims what it does not hold, or
        holds more than plain data.
    """
    return read_weights(path, entry).arrays


def read_weights(path: str | os.PathLike[str], entry: str | None = None) -> WeightsFile:
    """Return the arrays of a weights file with what was found around them; see `load_weights`."""
    file = weights_path(path)
    try:
        if not file.is_file():
            raise FileNotFoundError(2, "no such file" if not file.exists() else "not a file")
        kind = format_of(file)
        chosen = kind.read(file, entry)
    except OSError as error:
        raise WeightError(
            f"weights file {file}: cannot be read: {error.strerror or error}",
            "check the path and its permissions",
        ) from error
    return WeightsFile(chosen.arrays, kind.name, chosen.entry, chosen.others, chosen.prefix)


def weights_path(path: object) -> Path:
    """Return the path that was given.

    Raises
    ------
    WeightError
        It is none.
    """
    if not isinstance(path, str | os.PathLike) or not isinstance(os.fspath(path), str):
        raise WeightError(
            f"weights cannot be loaded from {shown(path)}", "give the path of a weights file"
        )
    return Path(path)


def format_of(path: Path) -> Format:
    """Return the format of a weights file: by its content, else by its suffix.

    Raises
    ------
    WeightError
        It is of none.
    """
    kind = kinds.weights_kind(path)
    if kind is None:
        known = ", ".join(suffix for each in FORMATS for suffix in each.suffixes)
        raise WeightError(
            f"weights file {path}: suffix {path.suffix!r} is not known, needs one of {known}",
            "save the arrays with numpy.savez or safetensors.numpy.save_file",
        )
    return FORMATS[kind]
