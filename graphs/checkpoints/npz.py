"""Reading ``.npz`` archives that may be broken or hostile: no pickles, no bombs."""

import zipfile
from pathlib import Path
from typing import IO

import numpy as np

from ..errors import WeightError
from ..weights.arrays import Array

FREE_BYTES = 1 << 30
FREE_RATIO = 32
"""An archive may hold 1 GiB, or 32 times its own size where that is more. Trained weights hardly
shrink; a megabyte that claims a gigabyte of them is a bomb (deflate reaches 1,032 to 1)."""

CHUNK = 1 << 22


def read_npz(path: Path) -> dict[str, Array]:
    """Return the arrays of an archive by name.

    Raises
    ------
    WeightError
        An array of objects, a damaged archive, or one that unpacks to far more than its size.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            members = [member for member in archive.infolist() if not member.is_dir()]
            _check_size(path, members)
            return {
                member.filename.removesuffix(".npy"): _read_member(path, archive, member)
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


def _read_member(path: Path, archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> Array:
    """Return one array, allocated only once its header agrees with the archive's directory."""
    with archive.open(member) as stream:
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
        data = _read_exactly(stream, left)
    array = np.frombuffer(data, dtype).reshape(shape, order="F" if fortran else "C")
    array.flags.writeable = False
    return array


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
