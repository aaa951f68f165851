"""How much memory the machine has left, without packages that must be installed for it."""

import math
import os
import re
from pathlib import Path

from ..errors import ProviderError

UNKNOWN = 8 << 30
"""Bytes taken to be available where the system does not tell (Windows)."""
_UNITS = ("bytes", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB")
_MEMINFO = Path("/proc/meminfo")
_CGROUPS = (
    Path("/sys/fs/cgroup/memory.max"),
    Path("/sys/fs/cgroup/memory/memory.limit_in_bytes"),
)
"""A container's limit, in cgroups of version 2 and 1."""


def available() -> int:
    """Return the bytes that can be had without swapping.

    On Linux what /proc/meminfo calls MemAvailable, or a container's own limit where that is less
    (what it uses of it counts the files that it has read, so it says little); elsewhere all of
    the machine's memory.
    """
    return min(_system(), *(_limit(path) for path in _CGROUPS))


def _system() -> int:
    try:
        found = re.search(r"^MemAvailable: *(\d+) kB", _MEMINFO.read_text(), re.MULTILINE)
    except OSError:
        found = None
    if found is not None:
        return int(found[1]) << 10
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, OSError, ValueError):
        return UNKNOWN


def _limit(path: Path) -> int:
    try:
        return int(path.read_text())
    except (OSError, ValueError):  # no such cgroup, or "max"
        return 1 << 62


def in_words(size: float) -> str:
    """Return a size for people.

    >>> in_words(2**40), in_words(1536), in_words(12)
    ('1 TiB', '1.5 KiB', '12 bytes')
    """
    if not math.isfinite(size):
        return "unlimited"
    unit = min(max(0, (int(size).bit_length() - 1) // 10), len(_UNITS) - 1)
    return f"{size / 1024**unit:.3g} {_UNITS[unit]}"


def parsed(size: int | str, least: int) -> int:
    """Return the bytes that a memory limit says: a number, or text such as ``"2G"``.

    K, M, G and T are powers of 1024.

    Raises
    ------
    ProviderError
        It says none, or fewer than `least`.

    Examples
    --------
    >>> parsed("1.5G", 1), parsed(3000, 1)
    (1610612736, 3000)
    """
    found = re.fullmatch(r"(\d+(?:\.\d+)?) ?([KMGT]?)i?B?", str(size), re.IGNORECASE)
    if found is None or isinstance(size, bool):
        raise ProviderError(
            f"memory_limit is {size!r}, which is no size",
            'write a number of bytes, or "512M", "2G", "1.5T"',
        )
    count = int(float(found[1]) * 1024 ** " KMGT".index(found[2].upper() or " "))
    if count < least:
        raise ProviderError(
            f"memory_limit is {in_words(count)}, but must be at least {in_words(least)}",
            "it is the limit for each single array",
        )
    return count
