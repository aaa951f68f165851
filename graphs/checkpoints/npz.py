"""Reading ``.npz`` archives that may be broken or hostile: no pickles, no bombs."""

import io
import zipfile
import zlib
from pathlib import Path
from typing import IO

import numpy as np

from ..errors import WeightError
from ..weights.arrays import Array
from .archive import stored_bytes

FREE_BYTES = 1 << 30
FREE_RATIO = 32
"""An archive may hold 1 GiB, or 32 times its own size where that is more. Trained weights hardly
shrink; a megabyte that claims a gigabyte of them is a bomb (deflate reaches 1,032 to 1)."""

CHUNK = 1 << 22
MAP_FROM = 1 << 20
"""Bytes from which a member is worth mapping: one that is mapped may be unaligned, and is then
copied where it is used."""
MAX_HEADER = 1 << 16
"""Bytes of a ``.npy`` header: NumPy itself reads no more than 10,000."""


def read_npz(path: Path, *, mapped: bool = False) -> dict[str, Array]:
    """Return the arrays of an archive by name.

    Parameters
    ----------
    mapped
        Large members that are not compressed (``numpy.savez``) are views of the file, which must
        then stay as it is; nothing of them is kept in memory.

    Raises
    ------
    WeightError
        An array of objects, a damaged archive, or one that unpacks to far more than its size.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            members = [member for member in archive.infolist() if not member.is_dir()]
            _check_size(path, members)
            whole = np.asarray(np.memmap(path, np.uint8, "r")) if mapped else None
            return {
                member.filename.removesuffix(".npy"): _read_member(path, archive, member, whole)
                for member in members
            }
    except (OSError, WeightError):
        raise
    except Exception as error:
        # Damage surfaces as almost anything, depending on the parser that meets it first:
        # zipfile, zlib, bz2, lzma, struct, or NumPy's header parser (tokenize, ast, descr).
        raise WeightError(
            f"weights file {path}: not a whole .npz archive ({str(error) or type(error).__name__})",
            "save it again with numpy.savez, or fetch it again",
        ) from error


def _check_size(path: Path, members: list[zipfile.ZipInfo]) -> None:
    packed = path.stat().st_size
    unpacked = sum(member.file_size for member in members)
    if unpacked > max(FREE_BYTES, FREE_RATIO * packed):
        raise WeightError(
            f"weights file {path}: {packed} bytes unpack to {unpacked}, more than {FREE_RATIO} "
            "times as much",
            "if that is meant, save it uncompressed: numpy.savez, not savez_compressed",
        )


def _read_member(
    path: Path, archive: zipfile.ZipFile, member: zipfile.ZipInfo, whole: Array | None
) -> Array:
    """Return one array: a view of the archive's bytes `whole`, or read from it."""
    if whole is not None and _is_mappable(member):
        raw = stored_bytes(whole, member)
        if zlib.crc32(raw.data) != member.CRC:
            raise zipfile.BadZipFile(f"Bad CRC-32 for file {member.filename!r}")
        stream: IO[bytes] = io.BytesIO(raw[:MAX_HEADER].tobytes())
        shape, fortran, dtype = _checked_header(path, member, stream)
        data = raw[stream.tell() :]
    else:
        with archive.open(member) as stream:
            shape, fortran, dtype = _checked_header(path, member, stream)
            data = np.frombuffer(_read_exactly(stream, member.file_size - stream.tell()), np.uint8)
    array = data.view(dtype).reshape(shape, order="F" if fortran else "C")
    array.flags.writeable = False
    return array


def _is_mappable(member: zipfile.ZipInfo) -> bool:
    return member.compress_type == zipfile.ZIP_STORED and member.file_size >= MAP_FROM


def _checked_header(
    path: Path, member: zipfile.ZipInfo, stream: IO[bytes]
) -> tuple[tuple[int, ...], bool, np.dtype[np.generic]]:
    """Return what an array's header says, once it agrees with the archive's directory."""
    shape, fortran, dtype = _read_header(stream)
    name = member.filename.removesuffix(".npy")
    if dtype.hasobject:
        raise WeightError(
            f"weights file {path}: array {name!r} holds Python objects, which are never loaded",
            "save plain arrays of numbers: unpickling runs code of the file's maker",
        )
    count = 1
    for size in shape:
        count *= size
    left = member.file_size - stream.tell()
    if count * dtype.itemsize != left or any(size < 0 for size in shape):
        raise WeightError(
            f"weights file {path}: array {name!r} claims shape {list(shape)} of {dtype}, "
            f"but has {left} bytes",
            "the file is damaged: save or fetch it again",
        )
    return shape, fortran, dtype


def _read_header(stream: IO[bytes]) -> tuple[tuple[int, ...], bool, np.dtype[np.generic]]:
    version = np.lib.format.read_magic(stream)
    if version == (1, 0):
        return np.lib.format.read_array_header_1_0(stream)
    if version == (2, 0):
        return np.lib.format.read_array_header_2_0(stream)
    raise ValueError(f"array format {version[0]}.{version[1]} holds no plain numbers")


def _read_exactly(stream: IO[bytes], size: int) -> bytearray:
    data = bytearray(size)
    view, filled = memoryview(data), 0
    while filled < size:
        chunk = stream.read(min(CHUNK, size - filled))
        if not chunk:
            raise EOFError(f"{size - filled} bytes are missing")
        view[filled : filled + len(chunk)] = chunk
        filled += len(chunk)
    stream.read(1)  # zipfile compares the checksum when the end is reached
    return data
