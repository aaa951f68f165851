"""Results on disk: one JSON document, and an append-only journal that survives a kill.

Every document carries ``schema_version``; one that this version cannot read is refused by name.
Whatever is read is checked here, once: what comes out are the dataclasses of the other modules.
"""

import json
import os
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NoReturn, TypeVar

from ...files import atomic_write
from ...json_text import JSONError, read_json
from ...kinds import MODEL, NETWORK, NPY, WEIGHTS, recognised
from ..codec import DecodeError, decode, encode
from ..errors import BenchError
from .document import SCHEMA_VERSION, Header, Results
from .measured import KINDS, Entry
from .rows import concluded, summarize

LARGEST_BYTES = 1 << 30
"""A larger file is no results file: a thousand cases of 60 processes take less."""
MOST_PARTS = 1 << 23
"""Lists and objects of a file; a case of 12 processes has some two hundred, in 20 KB."""
Decoded = TypeVar("Decoded")


def save_results(path: str | os.PathLike[str], results: Mapping[str, Any]) -> None:
    """Write `results` as JSON with ``schema_version`` first; numbers are not rounded.

    Values that are not finite are an error: an absent value is None.
    """
    document = {"schema_version": SCHEMA_VERSION, **results}
    text = json.dumps(document, indent=1, allow_nan=False)
    with atomic_write(path) as stream:
        stream.write(text.encode() + b"\n")


def load_results(path: str | os.PathLike[str]) -> dict[str, Any]:
    """Return the document that `save_results` wrote, of whatever kind.

    Raises
    ------
    BenchError
        The file is missing, is no JSON object, or has another ``schema_version``.
    """
    document = _parsed(_content(path), f"{path} is not a JSON document", "--export-json")
    return _checked(document, path)


def read_results(path: Path) -> Results:
    """Read a document written by ``--export-json``, or the journal of a run.

    Raises
    ------
    BenchError
        The file is neither, or is not whole.
    """
    if path.suffix == ".jsonl" or _is_journal(path):
        return summarize(*read_journal(path))
    document = load_results(path)
    if document.get("kind") != "results":
        raise BenchError(
            f"{path} is a results file of another kind", "give one written by onnxwright bench"
        )
    return concluded(_decoded(Results, document, path, ""))


class Journal:
    """A file with one JSON object a line, each on disk before `append` returns.

    The first line is the header, with ``schema_version``. A last line that a kill cut short is
    dropped when the journal is opened again.
    """

    header: Header
    entries: list[Entry]

    def __init__(self, path: str | os.PathLike[str], header: Header) -> None:
        """Start a new journal, or go on with the one at `path`, whose header is then kept."""
        self._lock = threading.Lock()
        self.path = Path(path)
        self.path.parent.mkdir(parents=True, exist_ok=True)
        if self.path.exists() and self.path.stat().st_size:
            self.header, self.entries = read_journal(self.path)
            self._cut_torn_line()
        else:
            self.header, self.entries = header, []
            self._write({"schema_version": SCHEMA_VERSION, **encode(header)})

    def append(self, entry: Entry) -> None:
        """Add one entry and force it to disk; threads may call it side by side."""
        with self._lock:
            self._write(encode(entry))
            self.entries.append(entry)

    def _write(self, line: Mapping[str, Any]) -> None:
        with self.path.open("ab") as stream:
            stream.write(json.dumps(line, allow_nan=False).encode() + b"\n")
            stream.flush()
            os.fsync(stream.fileno())

    def _cut_torn_line(self) -> None:
        content = self.path.read_bytes()
        whole = content.rfind(b"\n") + 1
        if whole < len(content):
            os.truncate(self.path, whole)


def read_journal(path: str | os.PathLike[str]) -> tuple[Header, list[Entry]]:
    """Return a journal's header and entries, without a last line that was cut short.

    Raises
    ------
    BenchError
        The file cannot be read, is no journal, or a line of it is not whole.
    """
    content = _content(path)
    lines = content[: content.rfind(b"\n") + 1].split(b"\n")[:-1]
    if not lines:
        raise BenchError(f"{path} holds no complete line", "delete it and start again")
    documents = [_parsed(line, f"{path} is not a results journal", "bench --out") for line in lines]
    first = _checked(documents[0], path)
    if first.get("kind") != "run":
        raise BenchError(f"{path} is no results journal", "give a file written by bench --out")
    header = _decoded(Header, first, path, "line 1")
    return header, [
        _entry(document, path, number) for number, document in enumerate(documents[1:], 2)
    ]


def _entry(document: Any, path: str | os.PathLike[str], number: int) -> Entry:
    kind = document.get("kind") if isinstance(document, dict) else None
    if not isinstance(kind, str) or kind not in KINDS:
        _damaged(path, f"line {number} is no entry of a run")
    entry: Entry = _decoded(KINDS[kind], document, path, f"line {number}")
    return entry


def _decoded(
    kind: type[Decoded], document: Any, path: str | os.PathLike[str], place: str
) -> Decoded:
    try:
        return decode(kind, document, place)
    except DecodeError as error:
        _damaged(path, str(error))


def _damaged(path: str | os.PathLike[str], problem: str) -> NoReturn:
    raise BenchError(
        f"{path} is not whole: {problem}",
        "measure again, or give a file as onnxwright bench wrote it",
    ) from None


def _content(path: str | os.PathLike[str]) -> bytes:
    _check_kind(Path(path))
    try:
        size = os.stat(path).st_size
        if size > LARGEST_BYTES:
            raise BenchError(
                f"{path} has {size} bytes, results have {LARGEST_BYTES} at most",
                "give a file as onnxwright bench wrote it",
            )
        return Path(path).read_bytes()
    except (OSError, ValueError) as error:  # ValueError: a NUL in the path
        raise BenchError(
            f"cannot read results {path}: {getattr(error, 'strerror', None) or error}",
            "give a file written by --export-json, or the journal of a run",
        ) from error


def _check_kind(path: Path) -> None:
    """Refuse a model, weights and the like by the name of what they are."""
    model = path.suffix.lower() == ".onnx" and path.is_file()
    kind = MODEL if model else recognised(path)
    if kind in (MODEL, NETWORK, *WEIGHTS, NPY):
        raise BenchError(
            f"{path} is {kind.what}, not results",
            "give a file written by bench --export-json or bench --out",
        )


def _parsed(content: bytes, problem: str, source: str) -> Any:
    try:
        return read_json(content, largest=LARGEST_BYTES, most_parts=MOST_PARTS)
    except JSONError as error:
        raise BenchError(f"{problem}: {error}", f"give a file written by {source}") from error


def _checked(document: Any, path: str | os.PathLike[str]) -> dict[str, Any]:
    version = document.get("schema_version") if isinstance(document, dict) else None
    if isinstance(version, bool) or version != SCHEMA_VERSION:
        raise BenchError(
            f"{path} has schema_version {str(version)[:40]}, this version reads {SCHEMA_VERSION}",
            "measure again, or read it with the version of onnxwright that wrote it",
        )
    return dict(document)


def _is_journal(path: Path) -> bool:
    try:
        with path.open("rb") as stream:
            first = read_json(stream.readline(LARGEST_BYTES), largest=LARGEST_BYTES)
    except (OSError, JSONError):
        return False
    return isinstance(first, dict) and first.get("kind") == "run"
