"""A folder that nobody vouches for: links are not followed, and nothing is read without a bound."""

import os
import stat
from collections.abc import Iterator
from pathlib import Path

from ..errors import BundleError
from .problem import Problem

LARGEST_TEXT = 1 << 20
"""Bytes of a configuration that is read; real ones have some thousand."""
MOST_ENTRIES, DEEPEST = 10_000, 12


class Tree:
    """The files and folders below `root`, by their paths with slashes; links are left out."""

    def __init__(self, root: Path) -> None:
        """Read the names.

        Raises
        ------
        BundleError
            It is no folder, cannot be read, or has too many entries to be a bundle.
        """
        self.root = root
        self.files: set[str] = set()
        self.folders: set[str] = set()
        self.strange: list[Problem] = []
        if not root.is_dir():
            raise BundleError(
                f"{root} is no folder", "give the folder that onnxwright bundle has written"
            )
        try:
            self._walk("", 0)
        except OSError as error:
            raise BundleError(f"cannot read {root}: {error.strerror}", "check the path") from error

    def children(self, folder: str) -> list[str]:
        """Return the names of the folders right in `folder` ("" for the root)."""
        lead = f"{folder}/" if folder else ""
        inside = (name.removeprefix(lead) for name in self.folders if name.startswith(lead))
        return sorted(name for name in inside if "/" not in name)

    def path(self, name: str) -> Path:
        """Return the path of an entry."""
        return self.root / name

    def text(self, name: str) -> str | Problem:
        """Return the text of a file, or why it is none."""
        try:
            with self.path(name).open("rb") as stream:
                content = stream.read(LARGEST_TEXT + 1)
            if len(content) <= LARGEST_TEXT:
                return content.decode()
            wrong = f"it has more than {LARGEST_TEXT} bytes"
        except (OSError, ValueError) as error:
            wrong = f"it cannot be read as text: {error}"
        return Problem(name, wrong, "it is no configuration", "write it anew")

    def _walk(self, folder: str, depth: int) -> None:
        for entry in sorted(os.listdir(self.root / folder)):
            name = f"{folder}/{entry}" if folder else entry
            mode = os.lstat(self.root / name).st_mode
            if stat.S_ISDIR(mode) and depth < DEEPEST:
                self.folders.add(name)
                self._walk(name, depth + 1)
            elif stat.S_ISREG(mode):
                self.files.add(name)
            else:
                self.strange.append(_strange(name, mode))
            if len(self.files) + len(self.folders) + len(self.strange) > MOST_ENTRIES:
                raise BundleError(
                    f"{self.root} has more than {MOST_ENTRIES} files and folders",
                    "give the folder of one bundle",
                )


def _strange(name: str, mode: int) -> Problem:
    if stat.S_ISLNK(mode):
        return Problem(
            name,
            "it is a symbolic link",
            "copied to the server's machine it leads elsewhere or nowhere; it was not followed",
            "put the file itself there",
        )
    return Problem(
        name,
        "it is no plain file or folder, or lies too deep",
        "it was not looked at",
        "remove it",
    )


def shown_problems(tree: Tree) -> Iterator[Problem]:
    """Yield what is wrong with the tree itself."""
    yield from tree.strange[:20]
