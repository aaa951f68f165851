"""Weights files of every format that is read: as data, and never executed."""

import os
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from ..errors import WeightError
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
    suffixes: tuple[str, ...]
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


NPZ = Format("NumPy .npz", (".npz",), _whole(read_npz))
SAFETENSORS = Format("safetensors", (".safetensors",), _whole(read_safetensors))
TORCH = Format("PyTorch", (".pt", ".pth", ".bin", ".ckpt"), read_pytorch)
KERAS = Format("Keras", (".h5", ".hdf5", ".keras"), _whole(_read_keras))
FORMATS = (NPZ, SAFETENSORS, TORCH, KERAS)
HDF5_MAGIC = b"\x89HDF\r\n\x1a\n"
OLD_TORCH_MAGIC = b"\x80\x02\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19."
"""The pickle of the number that PyTorch's older format begins with."""


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
    file = Path(path)
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


def format_of(path: Path) -> Format:
    """Return the format of a weights file: by its content, else by its suffix.

    Raises
    ------
    WeightError
        It is of none.
    """
    with path.open("rb") as stream:
        head = stream.read(64)
    if head.startswith(HDF5_MAGIC):
        return KERAS
    if head.startswith(OLD_TORCH_MAGIC):
        return TORCH
    found = _of_archive(path) if head.startswith(b"PK") else None
    if found is None and head[8:9] == b"{":
        found = SAFETENSORS
    suffix = path.suffix.lower()
    found = found or next((each for each in FORMATS if suffix in each.suffixes), None)
    if found is None:
        known = ", ".join(suffix for each in FORMATS for suffix in each.suffixes)
        raise WeightError(
            f"weights file {path}: suffix {path.suffix!r} is not known, needs one of {known}",
            "save the arrays with numpy.savez or safetensors.numpy.save_file",
        )
    return found


def _of_archive(path: Path) -> Format | None:
    try:
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError):
        return None
    if any(name.endswith("/data.pkl") for name in names):
        return TORCH
    if "model.weights.h5" in names:
        return KERAS
    return NPZ if any(name.endswith(".npy") for name in names) else None
