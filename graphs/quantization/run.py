"""Weights in 8 bits or fewer, and a word on every layer that is left as it was."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from onnx import ModelProto

from ..builder.provenance import renew_digest
from .blocks import BLOCK_SIZES, quantize_weights
from .errors import QuantizationError
from .folding import fold_normalisations
from .recurrent import quantize_recurrent
from .report import NodeReport, named, node_reports
from .tools import METHODS, quantize_dynamic, quantize_static, version

Feeds = Mapping[str, NDArray[Any]]
Mode = Literal["dynamic", "static", "weight-only"]
Method = Literal["minmax", "entropy", "percentile"]
OLDEST_OPSET = {"dynamic": 11, "static": 13, "weight-only": 11}
"""Below it onnxruntime's tools raise the model's opset number without converting its nodes."""
AS_SCAN = {
    "dynamic": ("GRU", "RNN"),
    "static": ("GRU", "RNN", "LSTM"),
    "weight-only": ("GRU", "RNN", "LSTM"),
}
"""The recurrent operators that onnxruntime has no form of in each mode: large ones become Scans."""


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
    method: Method = "minmax",
    per_channel: bool = False,
    reduce_range: bool = False,
    bits: int = 8,
) -> Quantization:
    """Return `model` with weights of 8 bits or fewer; it keeps its names and metadata.

    Large recurrent layers that onnxruntime has no 8-bit form of become a Scan whose steps read
    8-bit weights; see :mod:`~onnxwright.graphs.quantization.recurrent`. Batch normalisations behind
    convolutions are folded into their weights first.

    Parameters
    ----------
    model
        Not changed. Its float weights are to be float32 initializers.
    mode
        ``"dynamic"``: int8 weights, each activation's scale taken while the model runs; MatMul,
        Gemm, Conv, Gather and LSTM. ``"static"``: int8 weights and activations between
        QuantizeLinear and DequantizeLinear, scales from `calibration`; Conv, Gemm, MatMul and
        elementwise operators. ``"weight-only"``: weights of `bits` bits in blocks with a scale
        each (MatMulNBits), in bodies too; MatMul and Gemm.
    calibration
        For ``"static"``: mappings of input name to array, each a batch as the model will see them.
    method
        For ``"static"``: how the range of an activation is chosen; ``"minmax"`` holds all values,
        ``"entropy"`` and ``"percentile"`` leave out rare large ones.
    per_channel
        One scale per output channel in place of one per array.
    reduce_range
        7-bit weights, for x86 processors without VNNI, whose 8-bit products may saturate.
    bits
        For ``"weight-only"``: 8 or 4.

    Raises
    ------
    QuantizationError
        onnxruntime is not installed, the mode or the calibration does not fit, the opset is too
        old, or not one layer could be quantized.
    """
    _check(model, mode, method, bits)
    batches = _checked(model, calibration) if mode == "static" else []
    working = named(model)
    if mode != "weight-only":
        fold_normalisations(working)
    source = named(working)
    original = {node.name for node in working.graph.node}
    reasons = quantize_recurrent(working, AS_SCAN[mode])
    added = [node.name for node in working.graph.node if node.name not in original]
    options = {"per_channel": per_channel, "reduce_range": reduce_range}
    if mode == "dynamic":
        made = quantize_dynamic(working, added, **options)
        word = f"dynamic int8, onnxruntime {version()}"
    elif mode == "static":
        made = quantize_static(working, added, batches, method, **options)
        word = f"static int8, {method}, onnxruntime {version()}"
    else:
        quantize_weights(working, bits)
        made, word = working, f"weight-only int{bits}"
    reports = node_reports(source, made, mode, reasons)
    _refuse_nothing(reports)
    return Quantization(_with_the_words_of(model, made, word), reports)


def _check(model: ModelProto, mode: str, method: str, bits: int) -> None:
    """Refuse a way of quantizing that is not known, and a model that is too old for it."""
    for what, given, known in (
        ("mode", mode, list(OLDEST_OPSET)),
        ("method", method, list(METHODS)),
        ("bits", bits, list(BLOCK_SIZES)),
    ):
        if given not in known:
            raise QuantizationError(
                f"quantization {what} {given!r} is not known",
                f"use {', '.join(map(repr, known[:-1]))} or {known[-1]!r}",
            )
    opset = max((e.version for e in model.opset_import if e.domain in ("", "ai.onnx")), default=0)
    if opset < OLDEST_OPSET[mode]:
        raise QuantizationError(
            f"the model has opset {opset}, and {mode} quantization needs {OLDEST_OPSET[mode]}",
            "build the model at opset 17, or convert it with onnx.version_converter",
        )


def _checked(model: ModelProto, calibration: Iterable[Feeds]) -> list[Feeds]:
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
    return [{name: np.asarray(array) for name, array in b.items()} for b in batches]


def _refuse_nothing(reports: tuple[NodeReport, ...]) -> None:
    if any(report.quantized for report in reports):
        return
    left = "; ".join(f"{report.op} {report.name!r}: {report.reason}" for report in reports)
    raise QuantizationError(
        f"not one layer of the model could be quantized ({left or 'none has float32 weights'})",
        "keep the model as it is, or build it in float16",
    )


def _with_the_words_of(model: ModelProto, result: ModelProto, word: str) -> ModelProto:
    """Give the result the model's own provenance, which the tool replaces with its own."""
    for field in ("producer_name", "producer_version", "domain", "model_version", "doc_string"):
        setattr(result, field, getattr(model, field))
    del result.metadata_props[:]
    result.metadata_props.extend(entry for entry in model.metadata_props)
    result.metadata_props.add(key="quantization", value=word)
    result.graph.name = model.graph.name
    renew_digest(result)
    return result
