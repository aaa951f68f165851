"""Which implementation a node gets: our kernel, its ONNX function body, the fallback, or none."""

from dataclasses import dataclass
from typing import Any

from onnx import FunctionProto, NodeProto

from ..errors import ModelError
from . import fallback
from .binding import describe
from .registry import Kernel, NodeInfo, find
from .scope import Scope


@dataclass(frozen=True)
class Implementation:
    """A kernel, or a function whose body takes the node's place, or neither."""

    source: str
    kernel: Kernel | None = None
    function: FunctionProto | None = None


def implementation(node: NodeProto, info: NodeInfo, scope: Scope) -> Implementation:
    """Return the first of: our kernel, a listed fallback, the operator's own function body."""
    own = find(info.domain, info.op_type, info.opset)
    if own is not None:
        return Implementation("own", own)
    if (info.domain, info.op_type) in fallback.OPERATORS:
        return Implementation("fallback", fallback.kernel(node, info))
    return Implementation("none")


def absent(info: NodeInfo, place: str) -> Kernel:
    """Return a kernel that says, if it is ever needed, that there is none."""

    def missing(*_: Any) -> Any:
        raise ModelError(
            f"{describe(info)} in {place}: this runtime has no kernel for it",
            "see runtime.coverage(model); convert the model to another opset, or use onnxruntime",
        )

    return missing
