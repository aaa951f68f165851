"""onnxruntime's own quantization tools, their errors in two lines."""

import importlib
import os
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, redirect_stdout
from pathlib import Path
from typing import Any

from numpy.typing import NDArray
from onnx import ModelProto

from .errors import QuantizationError

Feeds = Mapping[str, NDArray[Any]]
METHODS = {"minmax": "MinMax", "entropy": "Entropy", "percentile": "Percentile"}
"""How the ranges of activations are chosen from what they were, by onnxruntime's names."""


def version() -> str:
    """Return onnxruntime's version.

    Raises
    ------
    QuantizationError
        It is not installed.
    """
    return str(_module("onnxruntime").__version__)


def quantize_dynamic(model: ModelProto, excluded: Sequence[str], **options: bool) -> ModelProto:
    """Return the model with 8-bit weights, the scales of activations taken at run time."""
    tool = _module("onnxruntime.quantization").quantize_dynamic

    def run(target: str) -> None:
        tool(model, target, nodes_to_exclude=list(excluded), **options)

    return _made(run)


def quantize_static(
    model: ModelProto,
    excluded: Sequence[str],
    batches: Sequence[Feeds],
    method: str,
    **options: bool,
) -> ModelProto:
    """Return the model with 8-bit weights and activations, by the ranges that `batches` show."""
    tools = _module("onnxruntime.quantization")

    def run(target: str) -> None:
        tools.quantize_static(
            model,
            target,
            _reader(tools.CalibrationDataReader, iter(batches)),
            calibrate_method=getattr(tools.CalibrationMethod, METHODS[method]),
            nodes_to_exclude=list(excluded),
            **options,
        )

    return _made(run)


def _made(run: Any) -> ModelProto:
    """Return what a tool writes to a file."""
    with tempfile.TemporaryDirectory(prefix="onnxwright-") as folder:
        target = os.path.join(folder, "quantized.onnx")
        with _told(), redirect_stdout(sys.stderr):  # the tools print what they are at
            run(target)
        made: ModelProto = ModelProto.FromString(Path(target).read_bytes())
    return made


def _module(name: str) -> Any:
    try:
        return importlib.import_module(name)
    except ImportError as error:
        raise QuantizationError(
            f"quantization needs onnxruntime, which cannot be imported: {error}",
            "pip install 'onnxwright[cpu]'",
        ) from error


def _reader(base: type, feeds: Iterator[Feeds]) -> Any:
    """Wrap the feeds in the class that the tool wants, which is known only when it is imported."""

    def get_next(self: Any) -> dict[str, NDArray[Any]] | None:
        batch = next(feeds, None)
        return None if batch is None else dict(batch)

    return type("Feeds", (base,), {"get_next": get_next})()


@contextmanager
def _told() -> Iterator[None]:
    """Turn what the tool raises, which is of any kind, into an error of ours."""
    try:
        yield
    except QuantizationError:
        raise
    except Exception as error:
        reason = " ".join(str(error).split()) or type(error).__name__
        raise QuantizationError(
            f"onnxruntime's quantization tool failed: {reason}",
            "check that the model runs on onnxruntime's CPU provider (onnxwright lint -t cpu)",
        ) from error
