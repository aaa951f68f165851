"""A folder that appears whole or not at all, and never in the place of what is not ours."""

import hashlib
import json
import os
import secrets
import shutil
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from ... import __version__
from ...json_text import JSONError, read_json
from ...writing import FULL, FileError
from .errors import BundleError

MARKER = "onnxwright-bundle.json"
"""The file that says what a bundle is for, and which files belong to it."""
LARGEST_MARKER = 1 << 20

Content = bytes | Path
"""What a file holds: bytes, or those of another file."""


def check_folder(folder: Path, reads: Iterable[Path], *, replace: bool) -> None:
    """Refuse, before anything is written, a folder that must not or cannot be made.

    Raises
    ------
    BundleError
        Something is there already that is no bundle, or one that was changed by hand; or a file
        that is read here lies in it.
    FileError
        Its parent is not there or not to be written to.
    """
    if os.path.lexists(folder) and not _empty(folder):
        _check_replaced(folder, reads, replace=replace)
    if not (folder.parent.is_dir() and os.access(folder.parent, os.W_OK | os.X_OK)):
        raise FileError(
            f"cannot write {folder}: its folder is not there or not to be written to",
            f"check that the folder {folder.parent} exists and can be written to",
        )


def write_folder(
    folder: Path, files: Mapping[str, Content], facts: Mapping[str, object], *, replace: bool
) -> None:
    """Write `files`, by their paths below `folder`, and the marker with `facts`.

    Raises
    ------
    FileError
        The folder's disk is full, or it cannot be written to.
    """
    with _beside(folder) as fresh:
        digests = {name: _write(fresh / name, content) for name, content in files.items()}
        marker = {"schema_version": 1, "onnxwright": __version__, **facts, "files": digests}
        _write(fresh / MARKER, (json.dumps(marker, indent=2) + "\n").encode())
        if replace and os.path.lexists(folder):
            _exchange(fresh, folder)
        else:
            os.rename(fresh, folder)  # onto an empty folder too


def read_marker(folder: Path) -> dict[str, object] | None:
    """Return what a bundle's marker says, None where there is none that can be read."""
    path = folder / MARKER
    try:
        if path.is_symlink() or path.stat().st_size > LARGEST_MARKER:
            return None
        marker = read_json(path.read_bytes())
    except (OSError, JSONError):
        return None
    return marker if isinstance(marker, dict) and isinstance(marker.get("files"), dict) else None


def _empty(folder: Path) -> bool:
    plain = folder.is_dir() and not folder.is_symlink()
    return plain and next(folder.iterdir(), None) is None


def _check_replaced(folder: Path, reads: Iterable[Path], *, replace: bool) -> None:
    marker = None if folder.is_symlink() else read_marker(folder)
    if marker is None:
        raise BundleError(
            f"{folder} is there already, and is no bundle that onnxwright has made",
            "give the path of a folder that is not there yet",
        )
    if not replace:
        raise BundleError(
            f"{folder} is there already", "give --replace to put the new bundle in its place"
        )
    for path in reads:
        if path.resolve().is_relative_to(folder.resolve()):
            raise BundleError(
                f"{path} is read here, and lies in {folder}, which would be replaced",
                "give the bundle another folder",
            )
    files = marker["files"]
    assert isinstance(files, dict)
    strange = next(_changed(folder, files), None)
    if strange is not None:
        raise BundleError(
            f"{folder} would be replaced, and {strange} in it is not as onnxwright wrote it",
            "move it to another place, or give the bundle another folder",
        )


def _changed(folder: Path, files: Mapping[str, object]) -> Iterator[str]:
    """Yield the paths of files in `folder` that are not those of its marker."""
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        plain = path.is_file() and not path.is_symlink()
        ours = name == MARKER or (plain and files.get(name) == file_digest(path))
        if not (ours or (path.is_dir() and not path.is_symlink())):
            yield name


def file_digest(path: Path) -> str:
    """Return the SHA-256 of a file."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


@contextmanager
def _beside(folder: Path) -> Iterator[Path]:
    """Make a folder beside `folder`, and remove it unless it got its place."""
    fresh = folder.parent / f".{folder.name[:100]}.{secrets.token_hex(6)}.tmp"
    try:
        fresh.mkdir()
        yield fresh
    except OSError as error:
        remedy = "make room, or give another folder" if error.errno in FULL else "check the path"
        raise FileError(f"cannot write {folder}: {error.strerror}", remedy) from error
    finally:
        shutil.rmtree(fresh, ignore_errors=True)


def _write(path: Path, content: Content) -> str:
    """Write one file to disk; return its digest."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("xb") as stream:
        if isinstance(content, bytes):
            stream.write(content)
        else:
            with content.open("rb") as source:
                shutil.copyfileobj(source, stream, 1 << 20)
        stream.flush()
        os.fsync(stream.fileno())
    return file_digest(path)


def _exchange(fresh: Path, folder: Path) -> None:
    """Put `fresh` in the place of `folder`, which comes back where that fails."""
    old = fresh.with_suffix(".old")
    os.rename(folder, old)
    try:
        os.rename(fresh, folder)
    except OSError:
        os.rename(old, folder)
        raise
    shutil.rmtree(old, ignore_errors=True)
