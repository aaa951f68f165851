"""Releases of onnxruntime as ``--ort`` names them, and where their environments are kept."""

import os
import re
import sys
import sysconfig
import zlib
from collections.abc import Sequence
from pathlib import Path

from ..errors import BenchError

MOST = 8
"""Releases of one run."""
NUMPY_2 = (1, 19)
"""The first release that works with NumPy 2; earlier ones end while they are imported."""
_RELEASE = re.compile(r"[0-9]{1,3}\.[0-9]{1,3}(\.[0-9]{1,3})?")


def parse_releases(texts: Sequence[str]) -> tuple[str, ...]:
    """Parse ``1.20,1.25.1``, the oldest first; a text is a release's number and nothing else.

    >>> parse_releases(["1.32,1.20.1", "1.25"])
    ('1.20.1', '1.25', '1.32')
    """
    names = [name.strip() for text in texts for name in text.split(",")]
    for name in names:
        if not is_release(name):
            raise BenchError(
                f"--ort: {name!r} is no release of onnxruntime", "write it as 1.20 or 1.20.1"
            )
        if names.count(name) > 1:
            raise BenchError(f"--ort names {name} twice", "give each release once")
    if len(names) > MOST:
        raise BenchError(f"--ort names {len(names)} releases", f"give at most {MOST}")
    return tuple(sorted(names, key=numbers))


def is_release(name: str) -> bool:
    """Say whether a name is that of a release.

    >>> is_release("1.20"), is_release("1.20.1"), is_release("1.20 --index-url x"), is_release("1")
    (True, True, False, False)
    """
    return _RELEASE.fullmatch(name) is not None


def numbers(release: str) -> tuple[int, ...]:
    """Return what releases are ordered by.

    >>> numbers("1.9.1") < numbers("1.20") < numbers("1.20.1")
    True
    """
    return tuple(int(part) for part in re.findall(r"[0-9]{1,9}", release)[:4])


def requirements(release: str) -> tuple[str, ...]:
    """Return what pip installs: of ``1.20`` the last release that begins so.

    >>> requirements("1.20.1"), requirements("1.18")
    (('onnxruntime==1.20.1',), ('onnxruntime==1.18.*', 'numpy<2'))
    """
    exact = release if release.count(".") == 2 else f"{release}.*"
    older = ("numpy<2",) if numbers(release)[:2] < NUMPY_2 else ()
    return (f"onnxruntime=={exact}", *older)


def environments_folder() -> Path:
    """Return where environments are kept: in the folder for caches of this user and system."""
    return _caches() / "onnxwright" / "environments"


def _caches() -> Path:
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local")
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches"
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")


def environment_name(release: str) -> str:
    """Return the name of a release's folder: environments of other Pythons have other names."""
    prefix = zlib.crc32(os.fsencode(sys.base_prefix))
    python = f"{sys.implementation.cache_tag}-{sysconfig.get_platform()}-{prefix:08x}"
    return f"onnxruntime-{release}-{python}"


def interpreter(folder: Path) -> Path:
    """Return the interpreter of the environment in `folder`."""
    return folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
