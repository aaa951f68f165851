"""Results on disk: one JSON document, and an append-only journal that survives a kill.

Every document carries ``schema_version``; one that this version cannot read is refused by name.
"""

import json
import os
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ...files import atomic_write
from ..errors import BenchError

SCHEMA_VERSION = 1


def save_results(path: str | os.PathLike[str], results: Mapping[str, Any]) -> None:
    """Write `results` as JSON with ``schema_version`` first; numbers are not rounded.

    A missing folder is made, so that a long run is not lost to it. Values that are not finite
    are an error: an absent value is None.
    """
    target = Path(path)
    target.parent.mkdir(parents=True, exist_ok=True)
    document = {"schema_version": SCHEMA_VERSION, **results}
    text = json.dumps(document, indent=1, allow_nan=False)
    with atomic_write(target) as stream:
        stream.write(text.encode() + b"\n")


def load_results(path: str | os.PathLike[str]) -> dict[str, Any]:
    """Return the document that `save_results` wrote.

    Raises
    ------
    BenchError
        The file is missing, is no JSON object, or has another ``schema_version``.
    """
    try:
        document = json.loads(Path(path).read_text())
    except OSError as error:
        raise BenchError(
            f"cannot read results {path}: {error.strerror or error}",
            "give a file written by --export-json",
        ) from error
    except ValueError as error:
        raise BenchError(
            f"{path} is not a JSON document: {error}", "give a file written by --export-json"
        ) from error
    return _checked(document, path)


class Journal:
    """A file with one JSON object a line, each on disk before `append` returns.

    The first line is the header, with ``schema_version``. A last line that a kill cut short is
    dropped when the journal is opened again.
    """

    def __init__(self, path: str | os.PathLike[str], header: Mapping[str, Any]) -> None:
        """Start a new journal, or go on with the one at `path`, whose header is then kept."""
        self._lock = threading.Lock()
        self.path = Path(path)
        self.path.parent.mkdir(parents=True, exist_ok=True)
        if self.path.exists() and self.path.stat().st_size:
            self.header, self.entries = read_journal(self.path)
            self._cut_torn_line()
        else:
            self.header, self.entries = {"schema_version": SCHEMA_VERSION, **header}, []
            self._write(self.header)

    def append(self, entry: Mapping[str, Any]) -> None:
        """Add one entry and force it to disk; threads may call it side by side."""
        with self._lock:
            self._write(entry)
            self.entries.append(dict(entry))

    def _write(self, entry: Mapping[str, Any]) -> None:
        with self.path.open("ab") as stream:
            stream.write(json.dumps(entry, allow_nan=False).encode() + b"\n")
            stream.flush()
            os.fsync(stream.fileno())

    def _cut_torn_line(self) -> None:
        content = self.path.read_bytes()
        whole = content.rfind(b"\n") + 1
        if whole < len(content):
            os.truncate(self.path, whole)


def read_journal(path: str | os.PathLike[str]) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """Return a journal's header and entries, without a last line that was cut short."""
    try:
        content = Path(path).read_bytes()
    except OSError as error:
        raise BenchError(
            f"cannot read results {path}: {error.strerror or error}", "check the path"
        ) from error
    lines = content[: content.rfind(b"\n") + 1].splitlines()
    try:
        documents = [json.loads(line) for line in lines]
    except ValueError as error:
        raise BenchError(
            f"{path} is not a results journal: {error}", "give a file written by bench --out"
        ) from error
    if not documents:
        raise BenchError(f"{path} holds no complete line", "delete it and start again")
    return _checked(documents[0], path), documents[1:]


def _checked(document: Any, path: str | os.PathLike[str]) -> dict[str, Any]:
    version = document.get("schema_version") if isinstance(document, dict) else None
    if version != SCHEMA_VERSION:
        raise BenchError(
            f"{path} has schema_version {version}, this version reads {SCHEMA_VERSION}",
            "measure again, or read it with the version of onnxwright that wrote it",
        )
    return dict(document)
