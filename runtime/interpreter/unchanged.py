"""Noticing that a file whose bytes are mapped as weights was changed under a loaded model."""

import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from ...external import mapped_file
from ..errors import RunnerError

Mark = tuple[int, int, int]
"""Size, time of the last change in ns, inode."""


class MappedFiles:
    """The files that arrays are mapped from, as they were when the model was loaded.

    A change between two runs is noticed, by the file's size, time and inode. One that happens
    during a run, or that keeps all three, is not: copied weights cannot change.
    """

    def __init__(self, arrays: Iterable[Any]) -> None:
        files = {mapped_file(array) for array in arrays} - {None}
        self._marks: dict[Path, Mark | None] = {
            path: _mark(path) for path in files if path is not None
        }

    def check(self) -> None:
        """Refuse to go on where a file was changed.

        Raises
        ------
        RunnerError
            It was: what is mapped is no longer what was loaded, or no longer there.
        """
        for path, mark in self._marks.items():
            if _mark(path) != mark:
                raise RunnerError(
                    f"{path} was changed since the model was loaded, and its weights are read "
                    "from there",
                    "load the model again; runtime.load(..., map_weights=False) (--no-map) keeps "
                    "a copy in memory",
                )


def _mark(path: Path) -> Mark | None:
    try:
        status = os.stat(path)
    except OSError:
        return None
    return status.st_size, status.st_mtime_ns, status.st_ino
