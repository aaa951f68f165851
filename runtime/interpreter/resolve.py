"""Which implementation a node gets: our kernel, its ONNX function body, the fallback, or none."""

from dataclasses import dataclass
from typing import Any

from onnx import AttributeProto, FunctionProto, NodeProto
from onnx.defs import OpSchema

from ..errors import ModelError
from . import bodies, fallback
from .binding import describe
from .registry import Kernel, NodeInfo, find


@dataclass(frozen=True)
class Implementation:
    """One of: a kernel, a function whose body takes the node's place, a body still to be typed."""

    source: str
    kernel: Kernel | None = None
    function: FunctionProto | None = None
    typed: OpSchema | None = None
    schema: OpSchema | None = None


def implementation(
    node: NodeProto, attributes: dict[str, AttributeProto], info: NodeInfo
) -> Implementation:
    """Return the first of: our kernel, the listed fallback, the operator's own function body."""
    own = find(info.domain, info.op_type, info.opset)
    if own is not None:
        return Implementation("own", own)
    if fallback.reason(info) is not None:
        return Implementation("fallback", fallback.kernel(node, attributes, info))
    schema = bodies.schema_of(info)
    if schema is None:
        return Implementation("none")
    body = bodies.fixed_body(schema, info.opset)
    if body is not None:
        return Implementation("function", function=body, schema=schema)
    typed = bodies.has_typed_body(schema, info.opset)
    return Implementation("function", typed=schema) if typed else Implementation("none")


def absent(info: NodeInfo, place: str) -> Kernel:
    """Return a kernel that says, if it is ever needed, that there is none."""

    def missing(*_: Any) -> Any:
        raise ModelError(
            f"{describe(info)} in {place}: this runtime has no kernel for it",
            "see runtime.coverage(model); convert the model to another opset, or use onnxruntime",
        )

    return missing
