"""Reading HDF5 files that may be broken or hostile: ``.h5``, ``.weights.h5`` and ``.keras``.

The structure is parsed by pyfive (pure Python), which reads through a stream with a budget, so that
a file whose parts point at each other in circles ends in an error. Arrays are views of the file's
bytes: nothing is allocated for what a header only claims.
"""

import importlib
import io
import mmap
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

from ..errors import WeightError
from ..weights.arrays import Array
from .archive import damaged, is_archive, read_member

WEIGHTS_MEMBER = "model.weights.h5"
"""The member of a ``.keras`` archive that holds the weights."""
MAX_MEMBER = 1 << 36
MAX_OBJECTS = 20_000
MAX_DEPTH = 64
"""Groups inside each other: a nested model of Keras takes two levels."""
MAX_TEXT = 1 << 26
"""Bytes of one attribute: the configuration of the largest published models takes 2 MB."""

Attribute = str | list[str]


@dataclass(frozen=True)
class Contents:
    """What an HDF5 file holds: arrays by their paths, and texts among the groups' attributes.

    ``arrays["layers/dense/vars/0"]`` is read-only. ``attributes[""]["model_config"]`` is that of
    the root. Both are in the order of the file.
    """

    arrays: dict[str, Array] = field(default_factory=dict)
    attributes: dict[str, dict[str, Attribute]] = field(default_factory=dict)

    def text(self, group: str, name: str) -> str | None:
        """Return an attribute that is one text, or None where there is none."""
        value = self.attributes.get(group, {}).get(name)
        return value if isinstance(value, str) else None

    def texts(self, group: str, name: str) -> list[str] | None:
        """Return an attribute that is a list of texts, or None where there is none."""
        value = self.attributes.get(group, {}).get(name)
        return value if isinstance(value, list) else None


def read_hdf5(path: Path) -> Contents:
    """Return the contents of an HDF5 file, mapped; of a ``.keras`` archive, those of its weights.

    Raises
    ------
    WeightError
        pyfive is not installed, or the file is damaged or compressed.
    """
    if is_archive(path):
        return parse_hdf5(read_member(path, WEIGHTS_MEMBER, MAX_MEMBER), path)
    with path.open("rb") as stream:
        if not stream.read(1):
            raise damaged(path, "it is empty")
        return parse_hdf5(mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ), path)


def parse_hdf5(data: bytes | mmap.mmap, path: Path) -> Contents:
    """Return the contents of an HDF5 file's bytes; `path` names the file in errors."""
    pyfive = _pyfive(path)
    contents = Contents()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # pyfive warns of types that it leaves out
            root = pyfive.File(_Budgeted(data))
            for name, thing in _walk(pyfive, root, path):
                if isinstance(thing, pyfive.Dataset):
                    _add_array(contents, data, name, thing, path)
                else:
                    contents.attributes[name] = _texts(thing.attrs, name, path)
    except (OSError, WeightError):
        raise
    except Exception as error:  # damage surfaces as almost anything: struct, asserts, recursion
        raise damaged(path, str(error) or type(error).__name__) from error
    return contents


def _pyfive(path: Path) -> ModuleType:
    try:
        return importlib.import_module("pyfive")
    except ImportError as error:
        raise WeightError(
            f"weights file {path}: HDF5 files are read by pyfive, which is not installed",
            "pip install 'onnxwright[keras]'",
        ) from error


class _Budgeted(io.RawIOBase):
    """A file's bytes as a stream whose reads are counted.

    A whole file is read once; pyfive goes back to headers and heaps, some times each. Beyond 16
    times the size (and 64 MiB) something goes round in circles.
    """

    def __init__(self, data: bytes | mmap.mmap) -> None:
        self._data, self._at = data, 0
        self._left = 16 * len(data) + (1 << 26)

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: len(self._data)}[whence]
        self._at = max(0, base + offset)
        return self._at

    def tell(self) -> int:
        return self._at

    def read(self, size: int | None = -1, /) -> bytes:
        count = len(self._data) if size is None or size < 0 else size
        piece = bytes(self._data[self._at : self._at + count])
        self._at += len(piece)
        self._left -= len(piece) + 256  # an empty read costs too
        if self._left < 0:
            raise ValueError("its parts point at each other in circles")
        return piece


def _walk(pyfive: ModuleType, root: Any, path: Path) -> Iterator[tuple[str, Any]]:
    """Yield every group and array with its path, a group before what is in it."""
    waiting: list[tuple[str, Any]] = [("", root)]
    count = 0
    while waiting:
        name, thing = waiting.pop()
        count += 1
        if count > MAX_OBJECTS or name.count("/") >= MAX_DEPTH:
            raise damaged(
                path,
                f"it has more than {MAX_OBJECTS} groups and arrays, or groups {MAX_DEPTH} deep",
            )
        yield name, thing
        if isinstance(thing, pyfive.Group):
            below = [(f"{name}/{key}".lstrip("/"), thing.get_lazy_view(key)) for key in thing]
            kinds = (pyfive.Group, pyfive.Dataset)
            waiting += [pair for pair in reversed(below) if isinstance(pair[1], kinds)]


def _add_array(
    contents: Contents, data: bytes | mmap.mmap, name: str, dataset: Any, path: Path
) -> None:
    """Add a view of a dataset of numbers or bools; one of anything else is left out."""
    dtype, shape = np.dtype(dataset.dtype), tuple(map(int, dataset.shape))
    if dtype.kind not in "biufV" or dtype.names or dtype.subdtype:
        return
    count = 1
    for size in shape:
        count *= size
    offset = getattr(dataset.id, "data_offset", None)
    if count == 0:
        contents.arrays[name] = np.empty(shape, dtype)
    elif dataset.compression or dataset.id.filter_pipeline or dataset.id.layout_class != 1:
        contents.arrays[name] = _read_small(dataset, name, count * dtype.itemsize, path)
    elif not isinstance(offset, int) or offset + count * dtype.itemsize > len(data):
        raise damaged(path, f"{name!r} claims shape {list(shape)} of {dtype} beyond its end")
    else:
        contents.arrays[name] = np.frombuffer(data, dtype, count, offset).reshape(shape)
    contents.arrays[name].flags.writeable = False


def _read_small(dataset: Any, name: str, size: int, path: Path) -> Array:
    """Return an array that stands inside its header, which is how small ones may be stored."""
    if dataset.id.layout_class != 0:
        raise WeightError(
            f"weights file {path}: array {name!r} is stored in chunks or compressed",
            "Keras stores arrays in one piece: save the file again with model.save, or the arrays "
            "as .safetensors",
        )
    array = np.array(dataset[()])
    if array.nbytes != size:
        raise damaged(path, f"{name!r} has {array.nbytes} bytes, claims {size}")
    return array


def _texts(attributes: Any, group: str, path: Path) -> dict[str, Attribute]:
    """Return those of a group's attributes that are a text or a list of texts."""
    found: dict[str, Attribute] = {}
    for name, value in attributes.items():
        array = np.asarray(value)
        if array.dtype.kind not in "SUO" or array.ndim > 1:
            continue
        texts = [_decoded(item) for item in array.reshape(-1)]
        if sum(map(len, texts)) > MAX_TEXT:
            raise damaged(path, f"attribute {name!r} of group {group!r} is too long")
        found[name] = texts if array.ndim else texts[0]
    return found


def _decoded(item: Any) -> str:
    return item.decode("utf-8") if isinstance(item, bytes) else str(item)
