"""Reading models with suspicion; :mod:`.writing` has the way back."""

import os
import stat
from collections.abc import Callable, Collection, Iterator
from pathlib import Path
from typing import Any

import onnx
from numpy.typing import NDArray

from .apart import placed
from .cutting import LARGE, Cut, read_cut
from .external import (
    ExternalDataError,
    Span,
    embed,
    external_tensors,
    locate,
    mapped,
    read_span,
)
from .kinds import recognised
from .untrusted import model_problem
from .writing import FileError, atomic_write, check_outputs, refuse_overwrite

__all__ = [
    "FileError",
    "atomic_write",
    "check_outputs",
    "model_files",
    "read_apart",
    "read_mapped",
    "read_model",
    "refuse_overwrite",
]


PROTOBUF_LIMIT = 2**31 - 1
"""Bytes in the largest protobuf message; larger models keep their weights outside."""


def read_model(path: str | os.PathLike[str], *, embedded: bool = True) -> onnx.ModelProto:
    """Read an ``.onnx`` file that may be broken or hostile.

    Time and memory stay in proportion to the bytes that the file and its external data have.

    Parameters
    ----------
    path
        The model's file. External data are looked for in its folder and below, never elsewhere
        and never through a symbolic link.
    embedded
        Read external data into the model. When False they are checked, and left where they are.

    Raises
    ------
    FileError
        The file is not there, is no ONNX model, or holds tensors that cannot be.
    """
    source = Path(path)
    model, spans = _located(source)
    if embedded:
        _embed_all(source, spans)
    return model


def read_mapped(
    path: str | os.PathLike[str],
) -> tuple[onnx.ModelProto, dict[str, NDArray[Any]]]:
    """Read a model, and map its external initializers instead of reading them.

    Returns the model, in which the main graph's external initializers are left where they are,
    and their contents by name: read-only arrays over the file, which must not be changed while
    they are in use. Other external tensors are embedded.

    Raises
    ------
    FileError
        As for :func:`read_model`.
    """
    source = Path(path)
    model, spans = _located(source)
    return model, _outside(source, model, spans, mapped)


def read_apart(
    path: str | os.PathLike[str], *, map_external: bool = True
) -> tuple[onnx.ModelProto, dict[str, NDArray[Any]]]:
    """Read a model to be run: every large weight is read once, to where it stays.

    As `read_mapped`, but the returned arrays hold what large initializers keep inside the file,
    too, and large Constant nodes have become initializers. External initializers are mapped, or
    with `map_external` False read into memory.

    Raises
    ------
    FileError
        As for :func:`read_model`.
    """
    source = Path(path)
    model, cuts = _parsed(source, apart=True)
    arrays = placed(model, cuts)
    spans = _spans(source, model, arrays)
    return model, arrays | _outside(source, model, spans, mapped if map_external else read_span)


def _outside(
    source: Path,
    model: onnx.ModelProto,
    spans: list[tuple[onnx.TensorProto, Span]],
    array_of: Callable[[onnx.TensorProto, Span], NDArray[Any] | None],
) -> dict[str, NDArray[Any]]:
    """Return the main graph's external initializers by name; embed all other external tensors."""
    if array_of is read_span:
        _check_shared(source, spans)
    arrays: dict[str, NDArray[Any]] = {}
    rest = []
    own = {id(tensor) for tensor in model.graph.initializer}
    for tensor, span in spans:
        array = array_of(tensor, span) if id(tensor) in own else None
        if array is None:
            rest.append((tensor, span))
        else:
            arrays[tensor.name] = array
    _embed_all(source, rest)
    return arrays


def model_files(path: str | os.PathLike[str] | None) -> Iterator[Path]:
    """Yield the files that a model is read from: its own, and those of its external data.

    The model is read when the second is asked for; one that cannot be read has its own file only,
    and None has none.
    """
    if path is None:
        return
    source = Path(path)
    yield source
    try:
        model, _ = _parsed(source)
    except FileError:
        return
    locations = {
        entry.value
        for tensor in external_tensors(model)
        for entry in tensor.external_data
        if entry.key == "location"
    }
    yield from (source.parent / location for location in sorted(locations))


def _located(source: Path) -> tuple[onnx.ModelProto, list[tuple[onnx.TensorProto, Span]]]:
    """Read and check the model; return it with where its external tensors' bytes stand."""
    model, _ = _parsed(source)
    return model, _spans(source, model, {})


def _spans(
    source: Path, model: onnx.ModelProto, known: Collection[str]
) -> list[tuple[onnx.TensorProto, Span]]:
    """Check the model; return where its external tensors' bytes stand, but not the `known`."""
    problem = model_problem(model)
    if problem is not None:
        raise _misplaced(source) or _broken(source, problem)
    here = [tensor for tensor in model.graph.initializer if tensor.name in known]
    apart = {id(tensor) for tensor in here}
    spans = []
    for tensor in external_tensors(model):
        if id(tensor) in apart:
            continue
        try:
            spans.append((tensor, locate(tensor, source.parent)))
        except (ExternalDataError, OSError) as error:
            raise _bad_external(source, tensor, error) from error
    return spans


def _parsed(source: Path, *, apart: bool = False) -> tuple[onnx.ModelProto, list[Cut]]:
    """Parse the file, with `apart` without its large raw data, which are returned beside it."""
    try:
        status = source.stat()
        if stat.S_ISDIR(status.st_mode):
            raise FileError(f"{source} is a folder", "give the path of an .onnx file")
        if not stat.S_ISREG(status.st_mode):
            raise FileError(f"{source} is not a regular file", "give the path of an .onnx file")
        if status.st_size > PROTOBUF_LIMIT:
            raise _misplaced(source) or FileError(
                f"{source} has {status.st_size} bytes, and a protobuf file holds at most "
                f"{PROTOBUF_LIMIT}",
                "export the model with external data",
            )
        large = apart and status.st_size >= LARGE
        content, cuts = read_cut(source, status.st_size) if large else (source.read_bytes(), [])
    except (OSError, ValueError) as error:  # ValueError: a NUL in the path
        reason = getattr(error, "strerror", None) or error
        raise FileError(f"cannot read {source}: {reason}", "check the path") from error
    model = onnx.ModelProto()
    try:
        model.ParseFromString(content)
    except Exception as error:  # google.protobuf's DecodeError, for every mistake in the bytes
        problem = "its protobuf is cut off, damaged, or nested too deep"
        raise _misplaced(source) or _broken(source, problem) from error
    return model, cuts


def _embed_all(source: Path, spans: list[tuple[onnx.TensorProto, Span]]) -> None:
    """Read every span into its tensor."""
    _check_shared(source, spans)
    for tensor, span in spans:
        try:
            embed(tensor, span)
        except (ExternalDataError, OSError) as error:
            raise _bad_external(source, tensor, error) from error


def _check_shared(source: Path, spans: list[tuple[onnx.TensorProto, Span]]) -> None:
    """Refuse to read spans that together are more than the files hold twice over.

    Tied weights share bytes; thousands of tensors over one large file are an attack on memory.
    """
    total = sum(span.length for _, span in spans)
    there = sum(path.stat().st_size for path in {span.path for _, span in spans})
    if total > 2 * there:
        raise _broken(source, f"its tensors take {total} bytes from files of {there} bytes")


def _misplaced(source: Path) -> FileError | None:
    """Return the error for a file of another kind, None where it is of none that is known."""
    kind = recognised(source)
    if kind is None:
        return None
    return FileError(f"{source} is {kind.what}, not a model", kind.remedy.format(path=source))


def _broken(source: Path, problem: str) -> FileError:
    return FileError(
        f"{source} is no model that can be run: {problem}",
        "export or download it again, and check it with onnx.checker.check_model",
    )


def _bad_external(source: Path, tensor: onnx.TensorProto, error: Exception) -> FileError:
    return FileError(
        f"the external data of tensor '{tensor.name}' in {source} cannot be used: {error}",
        "put the data file beside the model, as a plain file under the name that the model gives",
    )
