"""Arrays from and to .npy and .npz files, which are never unpickled."""

import os
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...files import atomic_write
from ...graphs.checkpoints import npz
from ...graphs.errors import WeightError
from ...kinds import NPY, NPZ, Kind, recognised
from ..errors import BenchError

AS_WRITTEN = "give a file that numpy.save or numpy.savez wrote, without objects in it"
"""The remedy for a file that holds no arrays."""

Value = NDArray[Any] | list[NDArray[Any]] | None
"""An output: an array, a sequence of them, or the absence of an optional one."""


def read_inputs(texts: Sequence[str]) -> dict[str, NDArray[Any]]:
    """Read what ``--input`` was given, each ``NAME=FILE.npy``, ``FILE.npz`` or ``NAME=FILE.npz``.

    An .npz without a name gives all its arrays; with one, the array of that name or its only one.

    Raises
    ------
    BenchError
        A file cannot be read, or a name is given twice or is not in the file.
    """
    feeds: dict[str, NDArray[Any]] = {}
    for text in texts:
        name, equals, path = text.partition("=")
        found = _read(name, Path(path)) if equals else _read("", Path(text))
        for key, array in found.items():
            if key in feeds:
                raise BenchError(f"the input '{key}' is given twice", "give each input once")
            feeds[key] = array
    return feeds


def input_files(texts: Sequence[str]) -> list[Path]:
    """Return the files that ``--input`` names, without reading them.

    >>> [str(path) for path in input_files(["x=a.npy", "b.npz"])]
    ['a.npy', 'b.npz']
    """
    return [Path(text.partition("=")[2] or text) for text in texts]


def _read(name: str, path: Path) -> dict[str, NDArray[Any]]:
    if path.suffix == ".npz":
        arrays = read_npz(path)
        return _chosen(name, arrays, path) if name else arrays
    if not name:
        raise BenchError(f"--input {path} names no input", f"write --input NAME={path}")
    return {name: _read_npy(path)}


def _read_npy(path: Path) -> NDArray[Any]:
    _check_kind(path, NPY)
    try:
        # Mapping refuses a header whose shape the file cannot hold; reading would allocate it.
        return np.array(np.load(path, mmap_mode="r", allow_pickle=False))
    except Exception as error:  # whatever the parser of the header meets first: tokenize, ast, ...
        raise _unreadable(path, error) from error


def read_npz(path: Path) -> dict[str, NDArray[Any]]:
    """Return the arrays of an ``.npz`` file by name.

    Raises
    ------
    BenchError
        It cannot be read, or unpacks to far more than its size.
    """
    _check_kind(path, NPZ)
    try:
        return npz.read_npz(path)
    except WeightError as error:
        problem = error.problem.removeprefix(f"weights file {path}: ")
        raise BenchError(f"cannot read arrays from {path}: {problem}", error.remedy) from error
    except OSError as error:
        raise _unreadable(path, error) from error


def _check_kind(path: Path, needed: Kind) -> None:
    """Refuse a file of another kind than is needed, where it is of one that is known."""
    kind = recognised(path)
    if kind is not None and kind is not needed:
        raise BenchError(
            f"cannot read arrays from {path}: it is {kind.what}, not {needed.what}",
            "write it by numpy.savez, under its name in the model" if kind is NPY else AS_WRITTEN,
        )


def _unreadable(path: Path, error: Exception) -> BenchError:
    if isinstance(error, OSError) and error.strerror:
        return BenchError(f"cannot read arrays from {path}: {error.strerror}", "check the path")
    reason = " ".join(str(error).split()) or type(error).__name__
    if "pickle" in reason:  # NumPy's text says how to unpickle it all the same
        reason = "it is no file of arrays, or holds pickled objects, which are never read"
    return BenchError(f"cannot read arrays from {path}: {reason}", AS_WRITTEN)


def _chosen(name: str, arrays: Mapping[str, NDArray[Any]], path: Path) -> dict[str, NDArray[Any]]:
    if name in arrays:
        return {name: arrays[name]}
    if len(arrays) == 1:
        return {name: next(iter(arrays.values()))}
    raise BenchError(
        f"{path} has no array '{name}'", f"its arrays are {', '.join(arrays) or 'none'}"
    )


def write_arrays(
    path: str | os.PathLike[str], arrays: Mapping[str, Value], *, raw: bool = False
) -> None:
    """Write `arrays` to an .npz file at once.

    Element types that NumPy lacks (bfloat16) become float32. With `raw` their bytes are written as
    they are; they read back without their type, which :func:`~.inputs.typed` restores.

    Raises
    ------
    BenchError
        One of them is a sequence, or absent.
    FileError
        The file cannot be written.
    """
    plain = {name: _plain(name, array, raw) for name, array in arrays.items()}
    with atomic_write(path) as stream, zipfile.ZipFile(stream, "w") as archive:
        for name, array in plain.items():
            # numpy.savez takes the names as keyword arguments, and so loses one called "file".
            with archive.open(f"{name}.npy", "w", force_zip64=True) as entry:
                np.lib.format.write_array(entry, array, allow_pickle=False)


def _plain(name: str, array: Value, raw: bool) -> NDArray[Any]:
    if array is None or isinstance(array, list):
        kind = "absent" if array is None else "a sequence"
        raise BenchError(
            f"the output '{name}' is {kind}, and an .npz file holds arrays",
            "leave out -o, or run it from Python",
        )
    if array.dtype.kind == "O":
        return array.astype(str)
    if array.dtype.kind == "V":
        return array.view(f"V{array.dtype.itemsize}") if raw else array.astype(np.float32)
    return array


def joined(value: Value) -> NDArray[Any]:
    """Return an output as one array: the elements of a sequence in a row, none for an absent one.

    Of a map, such as a classifier's probabilities, the values stand in the order of its keys.

    >>> joined([np.zeros((2, 2)), np.zeros(3)]).shape
    (7,)
    >>> joined([{1: 0.25, 0: 0.75}])
    array([0.75, 0.25])
    """
    if value is None:
        return np.empty(0)
    if not isinstance(value, list):
        return np.asarray(value)
    return np.concatenate([np.ravel(_listed(one)) for one in value]) if value else np.empty(0)


def _listed(item: Any) -> Any:
    return [item[key] for key in sorted(item)] if isinstance(item, Mapping) else item
