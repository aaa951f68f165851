"""The members of zip archives that may be broken or hostile, ``.keras`` files among them."""

import zipfile
from pathlib import Path

from ..errors import WeightError
from ..weights.arrays import Array

LOCAL_HEADER = 30
"""Bytes of a zip member's header before its name (APPNOTE.TXT of PKWARE, 4.3.7)."""


def stored_bytes(mapped: Array, member: zipfile.ZipInfo) -> Array:
    """Return the bytes of a member that is not compressed, as a view of the mapped archive.

    Raises
    ------
    ValueError
        They are not where the archive says.
    """
    at = member.header_offset
    header = mapped[at : at + LOCAL_HEADER].tobytes()
    begin = at + LOCAL_HEADER + sum(int.from_bytes(header[k : k + 2], "little") for k in (26, 28))
    if header[:4] != b"PK\x03\x04" or begin + member.file_size > mapped.size:
        raise ValueError(f"its part {member.filename[:60]!r} is not where the archive says")
    return mapped[begin : begin + member.file_size]


def is_archive(path: Path) -> bool:
    """Say whether the file is a zip archive, as ``.keras`` files are, and no plain HDF5 file."""
    with path.open("rb") as stream:
        return stream.read(4) == b"PK\x03\x04"


def member_names(path: Path) -> list[str]:
    """Return the names of a zip archive's members.

    Raises
    ------
    WeightError
        The archive is damaged.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            return archive.namelist()
    except OSError:
        raise
    except Exception as error:  # as in `read_member`
        raise damaged(path, f"its list of members cannot be read ({error})") from error


def read_member(path: Path, name: str, limit: int) -> bytes:
    """Return a member of a zip archive that is stored as it is, of `limit` bytes at most.

    Raises
    ------
    WeightError
        There is none, it is compressed or too large, or the archive is damaged.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            if name not in archive.namelist():
                raise damaged(path, f"the archive has no member {name}")
            member = archive.getinfo(name)
            size, packed = member.file_size, path.stat().st_size
            if size > min(limit, max(packed, 1 << 24)):
                raise damaged(path, f"{name} claims {size} bytes in an archive of {packed}")
            return archive.read(member)
    except (OSError, WeightError):
        raise
    except Exception as error:  # zipfile and zlib raise almost anything on damage
        raise damaged(path, f"{name} cannot be unpacked ({error})") from error


def damaged(path: Path, problem: str) -> WeightError:
    """Return the error of a file that is not whole."""
    return WeightError(
        f"weights file {path}: not a whole HDF5 or .keras file: {problem}",
        "save it again with model.save, or fetch it again",
    )
