"""Writing files: a reader sees the old content or the new, and no input is written over."""

import errno
import os
import secrets
import stat
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from itertools import product
from pathlib import Path
from typing import BinaryIO, cast

from .errors import OnnxwrightError


class FileError(OnnxwrightError):
    """A path that cannot be read or written."""


FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


class PendingFile:
    """A file that has no name of its own yet: written beside its place, and then put there.

    `stream` takes its content; `place` gives it its name, whole and on disk. The mode is that of
    `target` where that is there, from the first byte on, else what the umask leaves of 0666.
    """

    def __init__(self, target: Path) -> None:
        """Open the file in the folder of `target`, under a name that nobody else has.

        Raises
        ------
        FileError
            The folder does not exist or cannot be written to.
        """
        self.folder = target.parent
        self.path = self.folder / f".{target.name[:100]}.{secrets.token_hex(6)}.tmp"
        flags = os.O_CREAT | os.O_EXCL | os.O_WRONLY | getattr(os, "O_BINARY", 0)
        try:
            self.mode = stat.S_IMODE(target.stat().st_mode) if target.exists() else None
            created = os.open(self.path, flags, 0o666 if self.mode is None else self.mode | 0o200)
            self.stream = cast(BinaryIO, os.fdopen(created, "wb"))
        except (OSError, ValueError) as error:  # ValueError: a NUL in the path
            raise FileError(
                f"cannot write {target}: {getattr(error, 'strerror', None) or error}",
                f"check that the folder {self.folder} exists and can be written to",
            ) from error

    def place(self, target: Path) -> None:
        """Give the file the path `target`, in the same folder, in the place of what is there."""
        self.stream.flush()
        os.fsync(self.stream.fileno())
        self.stream.close()
        if self.mode is not None:
            os.chmod(self.path, self.mode)
        os.replace(self.path, target)

    def discard(self) -> None:
        """Remove the file, unless it has its place."""
        with suppress(OSError):  # a full disk, told already
            self.stream.close()
        self.path.unlink(missing_ok=True)


@contextmanager
def pending_file(target: Path) -> Iterator[PendingFile]:
    """Open a file that is removed at the block's end unless it was placed.

    Raises
    ------
    FileError
        The folder does not exist or cannot be written to, or its disk is full.
    """
    pending = PendingFile(target)
    try:
        yield pending
    except OSError as error:
        if error.errno in FULL:
            raise FileError(
                f"cannot write {target}: {error.strerror}", "make room, or give another folder"
            ) from error
        raise
    finally:
        pending.discard()


@contextmanager
def atomic_write(path: str | os.PathLike[str]) -> Iterator[BinaryIO]:
    """Open a binary file beside `path` that takes its place when the block ends well.

    When the block raises, `path` is left as it was and the file beside it is removed. A symbolic
    link stays one: what it points at is written, as editors do.

    Raises
    ------
    FileError
        The folder does not exist or cannot be written to, its disk is full, or `path` is there
        and no plain file: a folder, or a device such as /dev/null, whose place it must not take.
    """
    target = writable(path)
    with pending_file(target) as pending:
        yield pending.stream
        pending.place(target)


def writable(path: str | os.PathLike[str]) -> Path:
    """Return the path behind every symbolic link, if a file may take its place.

    Raises
    ------
    FileError
        There is something that is no plain file or is write-protected, or the links lead round in a
        circle.
    """
    try:
        target = Path(path)
        target = target.resolve() if target.is_symlink() else target
        plain = target.is_file() or not target.exists()
    except (OSError, RuntimeError, ValueError) as error:  # a loop of links; a NUL in the path
        raise FileError(f"cannot write {os.fspath(path)!r}: {error}", "check the path") from error
    if not plain or target.is_symlink():
        raise FileError(f"cannot write {path}: it is no plain file", "give the path of a file")
    if target.exists() and not os.access(target, os.W_OK):  # replacing it would need no permission
        raise FileError(
            f"cannot write {path}: it is write-protected", "unprotect it, or give another path"
        )
    return target


def check_writable(path: str | os.PathLike[str]) -> None:
    """Refuse now what `atomic_write` could not write later.

    Raises
    ------
    FileError
        As for `atomic_write`, as far as it can be told without writing.
    """
    target = writable(path)
    if not (target.parent.is_dir() and os.access(target.parent, os.W_OK | os.X_OK)):
        raise FileError(
            f"cannot write {path}: its folder is not there or not to be written to",
            f"check that the folder {target.parent} exists and can be written to",
        )


def check_outputs(
    outputs: Iterable[str | os.PathLike[str] | None],
    inputs: Iterable[str | os.PathLike[str] | None],
) -> None:
    """Refuse, before any work is done, outputs that could not or must not be written after it.

    Raises
    ------
    FileError
        As for `refuse_overwrite` and `check_writable`.
    """
    written = [output for output in outputs if output is not None]
    refuse_overwrite(written, inputs)
    for output in written:
        check_writable(output)


def refuse_overwrite(
    outputs: Iterable[str | os.PathLike[str] | None],
    inputs: Iterable[str | os.PathLike[str] | None],
) -> None:
    """Refuse to write over a file that is read, by whatever path, link or spelling it is named.

    Call it before anything is written, with every path that a command reads and writes. `inputs`
    are looked at only where an output is there already.

    Raises
    ------
    FileError
        An output and an input are one file, or two outputs are.
    """
    written = [Path(path) for path in outputs if path is not None]
    for place, output in enumerate(written):
        if any(_same_place(output, other) for other in written[:place]):
            raise FileError(
                f"{output} would be written twice, for two outputs", "give each its own path"
            )
    written = [path for path in written if os.path.lexists(path)]
    read = [Path(path) for path in inputs if path is not None] if written else []
    for output, given in product(written, read):
        if _same_file(output, given):
            raise FileError(
                f"{output} is a file that is read here ({given}); it would be written over",
                "give the output another path",
            )


def _same_place(one: Path, other: Path) -> bool:
    """Say whether two paths are one file, or would be if they were written."""
    if one == other or _same_file(one, other):
        return True
    alike = one.name.casefold() == other.name.casefold()
    return alike and _same_file(one.parent, other.parent) and ignores_case(one.parent)


def ignores_case(folder: Path) -> bool:
    """Say whether a folder takes names that differ in case alone for one, as macOS does."""
    path = folder.resolve()
    for part in (path, *path.parents):
        swapped = part.with_name(part.name.swapcase()) if part.name else part
        if swapped != part:
            return _same_file(swapped, part)
    return False


def _same_file(one: Path, other: Path) -> bool:
    """Say whether two paths are one file: also through links, and where case is ignored."""
    try:
        return one.resolve() == other.resolve() or one.samefile(other)
    except (OSError, RuntimeError, ValueError):  # one is not there: writing it destroys nothing
        return False
