"""PyTorch's files, ``.pt``, ``.pth`` and ``.bin``, read without PyTorch and without running them.

Two formats (torch/serialization.py of PyTorch 2). A zip archive: ``NAME/data.pkl`` holds the
pickled object, ``NAME/data/KEY`` the bytes of each storage, ``NAME/byteorder`` their order. The
older one: four pickles (a magic number, the protocol, the machine, the object), one with the
storages' keys, and then each storage's length and bytes.
"""

import io
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from ..errors import WeightError
from ..weights.arrays import Array
from .archive import stored_bytes
from .choose_entry import Chosen, choose_entry
from .inert import walk
from .npz import FREE_BYTES, FREE_RATIO
from .pickled import read_pickle
from .plain import ForeignError, PickleError, Storage, TensorView

MAGIC = 0x1950A86A20F9469CFC6C
"""What the older format begins with."""
PROTOCOL = 1001
MAX_PICKLE = 1 << 28
"""Bytes of the pickled object, which holds no elements."""
HOW = "torch.save(model.state_dict(), 'weights.pt')"
Load = Callable[[Storage], Array]


def read_pytorch(path: Path, entry: str | None = None) -> Chosen:
    """Return the tensors of a checkpoint by name, as read-only views of the mapped file.

    Raises
    ------
    WeightError
        The file is damaged, holds more than plain data, or has no `entry` of that name.
    """
    try:
        if zipfile.is_zipfile(path):
            return _read_zip(path, entry)
        return _read_old(path, entry)
    except ForeignError as error:
        raise _foreign(path, error) from error
    except PickleError as error:
        raise _damaged(path, str(error)) from error
    except (OSError, WeightError):
        raise
    except Exception as error:  # zipfile, zlib and struct raise almost anything at damage
        told = str(error)[:100] or type(error).__name__
        raise _damaged(path, f"its archive cannot be read ({told})") from error


def _read_zip(path: Path, entry: str | None) -> Chosen:
    with zipfile.ZipFile(path) as archive:
        members = {member.filename: member for member in archive.infolist()}
        if len(members) < len(archive.infolist()):
            raise PickleError("a name stands in its archive twice")
        stem = _stem(path, list(members))
        pickled = _content(archive, members[f"{stem}data.pkl"], MAX_PICKLE)
        made = read_pickle(io.BytesIO(pickled))
        order = members.get(f"{stem}byteorder")
        little = order is None or _content(archive, order, 16) == b"little"
        mapped = np.asarray(np.memmap(path, np.uint8, "r"))
        budget = [_most_bytes(path)]

        def load(storage: Storage) -> Array:
            member = members.get(f"{stem}data/{storage.key}")
            if member is None:
                raise PickleError(f"its storage {storage.key[:40]!r} is not in the archive")
            raw = _bytes_of(archive, member, mapped, budget)
            return _typed(raw, storage, little)

        return choose_entry(path, made, _viewer(path, load), entry)


def _stem(path: Path, names: list[str]) -> str:
    """Return what stands before ``data.pkl`` in the archive."""
    found = [name for name in names if name.count("/") == 1 and name.endswith("/data.pkl")]
    if any("/code/" in name or name.endswith("constants.pkl") for name in names):
        raise WeightError(
            f"weights file {path}: it is a TorchScript archive, a program and not weights alone",
            f"save the weights: {HOW} with model = torch.jit.load(...)",
        )
    if len(found) != 1:
        raise PickleError("its archive has no data.pkl, as torch.save writes it")
    return found[0].removesuffix("data.pkl")


def _content(archive: zipfile.ZipFile, member: zipfile.ZipInfo, most: int) -> bytes:
    if member.file_size > most:
        raise PickleError(f"its part {member.filename[:60]!r} has {member.file_size} bytes")
    with archive.open(member) as stream:
        return stream.read(most + 1)


def _bytes_of(
    archive: zipfile.ZipFile, member: zipfile.ZipInfo, mapped: Array, budget: list[int]
) -> Array:
    """Return a member's bytes: a view of the mapped file where it is stored as it is."""
    if member.compress_type != zipfile.ZIP_STORED:
        budget[0] -= member.file_size
        if budget[0] < 0:
            raise PickleError("its archive unpacks to far more than its size")
        return np.frombuffer(_content(archive, member, member.file_size), np.uint8)
    return stored_bytes(mapped, member)


def _read_old(path: Path, entry: str | None) -> Chosen:
    with path.open("rb") as stream:
        if read_pickle(stream) != MAGIC or read_pickle(stream) != PROTOCOL:
            raise PickleError("it is no file that torch.save wrote")
        machine = read_pickle(stream)
        made, keys = read_pickle(stream), read_pickle(stream)
        little = not isinstance(machine, dict) or machine.get("little_endian", True) is True
        begin = stream.tell()
    mapped = np.asarray(np.memmap(path, np.uint8, "r"))
    if not isinstance(keys, list) or not all(isinstance(key, str) for key in keys):
        raise PickleError("its list of storages is none")
    known = {each.storage.key: each.storage for each in walk(made) if isinstance(each, TensorView)}
    places = {}
    for key in keys:
        count = int.from_bytes(mapped[begin : begin + 8].tobytes(), "little")
        if key not in known or count != known[key].count:
            raise PickleError(f"its storage {key[:40]!r} has another size than its tensors say")
        size = count * _dtype(known[key].dtype).itemsize
        if begin + 8 + size > mapped.size:
            raise PickleError(f"its storage {key[:40]!r} is cut short")
        places[key] = mapped[begin + 8 : begin + 8 + size]
        begin += 8 + size

    def load(storage: Storage) -> Array:
        if storage.key not in places:
            raise PickleError(f"its storage {storage.key[:40]!r} is not in the file")
        return _typed(places[storage.key], storage, little)

    return choose_entry(path, made, _viewer(path, load), entry)


def _dtype(name: str) -> np.dtype[Any]:
    if name.startswith(("bfloat", "float8")):
        import ml_dtypes  # noqa: F401  # teaches NumPy these names
    return np.dtype(name)


def _typed(raw: Array, storage: Storage, little: bool) -> Array:
    kind = _dtype(storage.dtype)
    if raw.size != storage.count * kind.itemsize:
        raise PickleError(
            f"its storage {storage.key[:40]!r} has {raw.size} bytes for {storage.count} elements"
        )
    return raw.view(kind) if little else raw.view(kind).byteswap()


def _viewer(path: Path, load: Load) -> Callable[[TensorView], Array]:
    """Return what gives a tensor's array, for all tensors of a file.

    Those that repeat elements (``expand``: strides of 0) may have so many more than the file holds.
    """
    left = _most_bytes(path)

    def view(tensor: TensorView) -> Array:
        nonlocal left
        array = _view(tensor, load)
        left -= max(0, array.nbytes - tensor.storage.count * _dtype(tensor.storage.dtype).itemsize)
        if left < 0:
            raise PickleError("its tensors repeat their elements to far more than its size")
        return array

    return view


def _most_bytes(path: Path) -> int:
    return max(FREE_BYTES, FREE_RATIO * path.stat().st_size)


def _view(tensor: TensorView, load: Load) -> Array:
    """Return a tensor's array, once all its elements lie within the storage."""
    held, kind = load(tensor.storage), _dtype(tensor.dtype)
    if held.dtype != kind:
        if held.size * held.itemsize % kind.itemsize:
            raise PickleError("it has a storage that is no whole number of elements")
        held = held.view(kind)
    count = 1
    for size in tensor.shape:
        count *= size
    last = tensor.offset + sum(
        (size - 1) * step for size, step in zip(tensor.shape, tensor.strides, strict=True)
    )
    if count and (last >= held.size or count * kind.itemsize > 2**62):
        raise PickleError(
            f"it has a tensor of shape {list(tensor.shape)[:8]} beyond its storage of {held.size}"
        )
    strides = [step * kind.itemsize for step in tensor.strides]
    start = held[tensor.offset :] if count else held[:0]
    if not count:
        return np.zeros(tensor.shape, kind) if max(tensor.shape) < 2**31 else start
    return np.lib.stride_tricks.as_strided(start, tensor.shape, strides, writeable=False)


def _foreign(path: Path, error: ForeignError) -> WeightError:
    return WeightError(
        f"weights file {path}: {error}; a file that needs code to be read is not read",
        f"save the weights alone, where they were trained: {HOW}",
    )


def _damaged(path: Path, problem: str) -> WeightError:
    return WeightError(
        f"weights file {path}: not a whole file of torch.save: {problem}",
        f"save it again ({HOW}), or fetch it again",
    )
