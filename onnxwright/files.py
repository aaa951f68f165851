"""Writing files so that a reader sees the old content or the new, never half of it."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, cast

from .errors import OnnxwrightError


class FileError(OnnxwrightError):
    """A path that cannot be read or written."""


@contextmanager
def atomic_write(path: str | os.PathLike[str]) -> Iterator[BinaryIO]:
    """Open a binary file beside `path` that takes its place when the block ends well.

    When the block raises, `path` is left as it was and the file beside it is removed.

    Raises
    ------
    FileError
        The folder does not exist or cannot be written to.
    """
    target = Path(path)
    try:
        descriptor, name = tempfile.mkstemp(
            prefix=f".{target.name}.", suffix=".tmp", dir=target.parent
        )
    except OSError as error:
        raise FileError(
            f"cannot write {target}: {error.strerror or error}",
            f"check that the folder {target.parent} exists and can be written to",
        ) from error
    try:
        with os.fdopen(descriptor, "wb") as stream:
            yield cast(BinaryIO, stream)
            stream.flush()
            os.fsync(stream.fileno())
        os.chmod(name, 0o666 & ~_umask())
        os.replace(name, target)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def _umask() -> int:
    """Return the process's umask, which mkstemp does not apply (it always gives 0600)."""
    mask = os.umask(0)
    os.umask(mask)
    return mask
