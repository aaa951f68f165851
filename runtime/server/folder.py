"""Which models to serve: named files, and folders as model servers lay them out."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from ..errors import ProviderError


@dataclass(frozen=True)
class Found:
    """A model's file, and what it is called."""

    name: str
    version: str
    path: Path


def named_models(texts: Sequence[str]) -> list[Found]:
    """Read ``[NAME=]FILE`` each; without a name a file is called as it is, without its suffix.

    >>> named_models(["tagger=net.onnx"])[0].name, named_models(["a/net.onnx"])[0].name
    ('tagger', 'net')

    Raises
    ------
    ProviderError
        A name cannot stand in a URL.
    """
    found = []
    for text in texts:
        name, equals, path = text.partition("=")
        if not equals or Path(text).exists():
            name, path = Path(text).stem, text
        found.append(Found(_checked(name), "1", Path(path)))
    return found


def folder_models(folder: Path) -> Iterator[Found]:
    """Yield the models of a folder ``NAME/VERSION/model.onnx``; a version is a whole number.

    Raises
    ------
    ProviderError
        There is none, or the folder cannot be read.
    """
    try:
        files = sorted(folder.glob("*/*/model.onnx"))
        versions = [path for path in files if path.parent.name.isdecimal()]
        folder.stat()
    except OSError as error:
        raise ProviderError(
            f"cannot read the folder {folder}: {error.strerror}", "check the path"
        ) from error
    if not versions:
        raise ProviderError(
            f"{folder} has no NAME/VERSION/model.onnx",
            "lay it out so, as tagger/1/model.onnx, or name the files themselves",
        )
    for path in versions:
        yield Found(_checked(path.parent.parent.name), path.parent.name, path)


def _checked(name: str) -> str:
    if not name or "/" in name or not name.isprintable() or len(name) > 255:
        raise ProviderError(
            f"{name[:99]!r} cannot be the name of a served model",
            "write NAME=MODEL.onnx with a name of letters, digits and dashes",
        )
    return name
