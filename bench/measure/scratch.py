"""The temporary folder of a run, which is removed however the run ends."""

import contextlib
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from ...signals import ending_as_interrupt

if sys.platform != "win32":
    import fcntl

PREFIX = "onnxwright-bench-"
OWNER = "owner.pid"
"""The file in a folder with the id of the process that made it, which holds a lock on it."""


@contextlib.contextmanager
def scratch_folder() -> Iterator[Path]:
    """Yield a new folder, and remove those of runs that were killed.

    While it is there SIGTERM, SIGHUP and SIGQUIT do what Ctrl-C does, unless the program handles
    them itself.
    """
    sweep(Path(tempfile.gettempdir()))
    with (
        ending_as_interrupt(),
        tempfile.TemporaryDirectory(prefix=PREFIX) as name,
        _owned(Path(name)),
    ):
        yield Path(name)


def sweep(parent: Path) -> None:
    """Remove the folders of this user in `parent` whose owner no longer runs.

    A running owner holds a lock. Its process id would not tell: ids are used again, and containers
    that share the folder count their processes apart. A folder without an owner's file is left
    alone, since its run is about to write one.
    """
    if sys.platform == "win32":
        return
    for folder in parent.glob(f"{PREFIX}*"):
        with contextlib.suppress(OSError):
            if folder.lstat().st_uid == os.getuid():
                with open(folder / OWNER) as held:
                    lock(held)
                    shutil.rmtree(folder, ignore_errors=True)  # refuses a link


@contextlib.contextmanager
def _owned(folder: Path) -> Iterator[None]:
    """Hold the lock on the folder's owner; the file appears under its name once it is locked."""
    with open(folder / f"{OWNER}.new", "w") as held:
        held.write(f"{os.getpid()}\n")
        held.flush()
        with contextlib.suppress(OSError):  # a file system without locks
            lock(held)
            os.replace(held.name, folder / OWNER)
        yield


def lock(held: IO[str]) -> None:
    """Lock the file until it is closed, at the latest by the kernel when this process ends.

    Raises
    ------
    OSError
        Another process holds the lock.
    """
    if sys.platform != "win32":
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
