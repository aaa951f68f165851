"""The operators that run on the ``onnx`` package's own reference kernels, each with its reason.

They keep any ONNX model running; none is part of the networks that this project exists for. In the
float64 reference they are given float64 arrays, and what they return is widened to float64.
"""

from functools import lru_cache
from typing import Any

import numpy as np
import onnx
from onnx import AttributeProto, ModelProto, NodeProto

from .dtypes import widen
from .oversize import check_outputs
from .registry import Kernel, NodeInfo

_REASONS: dict[str, tuple[str, ...]] = {
    "image operator outside the networks of this project": (
        "Col2Im",
        "DeformConv",
        "ImageDecoder",
        "RoiAlign",
    ),
    "text operator outside the networks of this project": (
        "StringConcat",
        "StringNormalizer",
        "StringSplit",
        "TfIdfVectorizer",
    ),
    "random: no two runtimes agree, so there is nothing to be right about": (
        "Bernoulli",
        "RandomNormal",
        "RandomNormalLike",
        "RandomUniform",
        "RandomUniformLike",
    ),
}
OPERATORS = {("", name): reason for reason, names in _REASONS.items() for name in names}
"""Domain and operator to why it has no kernel here."""

DOMAINS = {
    "ai.onnx.preview.training": "training operator: this is a runtime for inference",
}
"""Domains that fall back as a whole."""


ABSENT = frozenset({"Gradient"})
"""Operators of these domains that onnx.reference does not have either."""


def reason(info: NodeInfo) -> str | None:
    """Return why the operator falls back, or None where it does not."""
    if info.op_type in ABSENT:
        return None
    return OPERATORS.get((info.domain, info.op_type)) or DOMAINS.get(info.domain)


def kernel(node: NodeProto, attributes: dict[str, AttributeProto], info: NodeInfo) -> Kernel:
    """Return a function that runs `node` alone on ``onnx.reference``, loaded when it first runs."""
    model = _alone(node, attributes, info)
    evaluator = lru_cache(maxsize=1)(lambda: _evaluator(model))

    def run(*inputs: Any) -> Any:
        feeds = {f"input{i}": value for i, value in enumerate(inputs) if value is not None}
        check_outputs(model, feeds)
        results = evaluator().run(None, feeds)
        return tuple(widen(_as_here(value), info.float_dtype) for value in results)

    return run


def _as_here(value: Any) -> Any:
    """Return strings as objects, the way that they are held everywhere here."""
    if isinstance(value, list):
        return [_as_here(item) for item in value]
    text = isinstance(value, np.ndarray) and value.dtype.kind == "U"
    return value.astype(object) if text else value


def _evaluator(model: ModelProto) -> Any:
    from onnx.reference import ReferenceEvaluator

    return ReferenceEvaluator(model)


def _alone(node: NodeProto, attributes: dict[str, AttributeProto], info: NodeInfo) -> ModelProto:
    """Return a model of one node, its values renamed, its function references resolved."""
    copy = NodeProto(op_type=node.op_type, domain=node.domain, name=node.name)
    copy.input.extend(f"input{i}" if name else "" for i, name in enumerate(node.input))
    copy.output.extend(f"output{i}" if name else "" for i, name in enumerate(node.output))
    copy.attribute.extend(attributes.values())
    model = ModelProto(ir_version=10)
    model.graph.name = "one node"
    model.graph.node.append(copy)
    model.graph.input.extend(onnx.ValueInfoProto(name=name) for name in copy.input if name)
    model.graph.output.extend(onnx.ValueInfoProto(name=name) for name in copy.output if name)
    model.opset_import.append(onnx.OperatorSetIdProto(domain=info.domain, version=info.opset))
    return model
