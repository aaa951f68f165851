"""Weights as 8-bit integers, by onnxruntime's own tools, and a word on every layer they leave."""

import importlib
import os
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from onnx import ModelProto

from ..builder.provenance import renew_digest
from ..errors import GraphError
from .report import NodeReport, named, node_reports

Feeds = Mapping[str, NDArray[Any]]
Mode = Literal["dynamic", "static"]
OLDEST_OPSET = {"dynamic": 11, "static": 13}
"""Below it onnxruntime's tools raise the model's opset number without converting its nodes."""


class QuantizationError(GraphError):
    """A model that onnxruntime's tools cannot quantize."""


@dataclass(frozen=True)
class Quantization:
    """A quantized model and what became of each layer with weights."""

    model: ModelProto
    nodes: tuple[NodeReport, ...]

    @property
    def left(self) -> tuple[NodeReport, ...]:
        """Return the layers that kept their float weights."""
        return tuple(node for node in self.nodes if not node.quantized)


def quantize(
    model: ModelProto,
    mode: Mode = "dynamic",
    *,
    calibration: Iterable[Feeds] = (),
    per_channel: bool = False,
    reduce_range: bool = False,
) -> Quantization:
    """Return `model` with 8-bit weights; it keeps its names, doc strings and metadata.

    Parameters
    ----------
    model
        Not changed. Its float weights are to be float32 initializers.
    mode
        ``"dynamic"``: int8 weights, each activation's scale taken while the model runs; MatMul,
        Gemm, Conv, Gather and LSTM. ``"static"``: int8 weights and activations between
        QuantizeLinear and DequantizeLinear, scales from `calibration`; Conv, Gemm, MatMul and
        elementwise operators, no recurrent one.
    calibration
        For ``"static"``: mappings of input name to array, each a batch as the model will see them.
    per_channel
        One scale per output channel in place of one per array.
    reduce_range
        7-bit weights, for x86 processors without VNNI, whose 8-bit products may saturate.

    Raises
    ------
    QuantizationError
        onnxruntime is not installed, the mode or the calibration does not fit, the opset is too
        old, or not one layer could be quantized.
    """
    _check(model, mode)
    tools = _tools()
    working = named(model)
    options = {"per_channel": per_channel, "reduce_range": reduce_range}
    with tempfile.TemporaryDirectory(prefix="onnxwright-") as folder:
        target = os.path.join(folder, "quantized.onnx")
        with _told():
            if mode == "dynamic":
                tools.quantize_dynamic(working, target, **options)
            else:
                reader = _reader(tools.reader, _checked(model, calibration))
                tools.quantize_static(working, target, reader, **options)
        result = ModelProto.FromString(Path(target).read_bytes())
    reports = node_reports(named(model), result, mode)
    _refuse_nothing(reports)
    return Quantization(_with_the_words_of(model, result, mode, tools.__version__), reports)


def _check(model: ModelProto, mode: str) -> None:
    if mode not in OLDEST_OPSET:
        raise QuantizationError(
            f"quantization mode {mode!r} is not known", 'use "dynamic" or "static"'
        )
    opset = max((e.version for e in model.opset_import if e.domain in ("", "ai.onnx")), default=0)
    if opset < OLDEST_OPSET[mode]:
        raise QuantizationError(
            f"the model has opset {opset}, and {mode} quantization needs {OLDEST_OPSET[mode]}",
            "build the model at opset 17, or convert it with onnx.version_converter",
        )


@dataclass(frozen=True)
class _Tools:
    """The parts of onnxruntime.quantization that are used."""

    quantize_dynamic: Any
    quantize_static: Any
    reader: type
    __version__: str


def _tools() -> _Tools:
    try:
        onnxruntime = importlib.import_module("onnxruntime")
        tools: ModuleType = importlib.import_module("onnxruntime.quantization")
    except ImportError as error:
        raise QuantizationError(
            f"quantization needs onnxruntime, which cannot be imported: {error}",
            "pip install 'onnxwright[cpu]'",
        ) from error
    return _Tools(
        tools.quantize_dynamic,
        tools.quantize_static,
        tools.CalibrationDataReader,
        onnxruntime.__version__,
    )


def _reader(base: type, feeds: Iterator[Feeds]) -> Any:
    """Wrap the feeds in the class that the tool wants, which is known only when it is imported."""

    def get_next(self: Any) -> dict[str, NDArray[Any]] | None:
        batch = next(feeds, None)
        return None if batch is None else dict(batch)

    return type("Feeds", (base,), {"get_next": get_next})()


def _checked(model: ModelProto, calibration: Iterable[Feeds]) -> Iterator[Feeds]:
    """Return the batches, each with exactly the model's inputs, and at least one of them."""
    given = {tensor.name for tensor in model.graph.initializer}
    inputs = {info.name for info in model.graph.input} - given
    batches = [dict(batch) for batch in calibration]
    if not batches:
        raise QuantizationError(
            "static quantization needs calibration data, and there is no batch of it",
            "give feeds as the model will see them, or use mode dynamic",
        )
    for place, batch in enumerate(batches):
        if batch.keys() != inputs:
            raise QuantizationError(
                f"calibration batch {place} has the inputs {sorted(batch)}, "
                f"and the model {sorted(inputs)}",
                "give every batch one array per input of the model",
            )
    return iter([{name: np.asarray(array) for name, array in b.items()} for b in batches])


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


def _refuse_nothing(reports: tuple[NodeReport, ...]) -> None:
    if any(report.quantized for report in reports):
        return
    left = "; ".join(f"{report.op} {report.name!r}: {report.reason}" for report in reports)
    raise QuantizationError(
        f"not one layer of the model could be quantized ({left or 'none has float32 weights'})",
        "keep the model as it is, or build it in float16",
    )


def _with_the_words_of(
    model: ModelProto, result: ModelProto, mode: str, version: str
) -> ModelProto:
    """Give the result the model's own provenance, which the tool replaces with its own."""
    for field in ("producer_name", "producer_version", "domain", "model_version", "doc_string"):
        setattr(result, field, getattr(model, field))
    del result.metadata_props[:]
    result.metadata_props.extend(entry for entry in model.metadata_props)
    result.metadata_props.add(key="quantization", value=f"{mode} int8, onnxruntime {version}")
    result.graph.name = model.graph.name
    renew_digest(result)
    return result
