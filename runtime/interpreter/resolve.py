"""Which implementation a node gets: our kernel, its ONNX function body, the fallback, or none."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cache, cached_property, partial
from typing import Any

import numpy as np
from onnx import AttributeProto, FunctionProto, NodeProto

from ..errors import NoKernelError
from . import fallback, onnx_functions
from .attribute_binding import bind, describe
from .broadcasting import asking
from .plan import Body, Program
from .registry import (
    UNKNOWN,
    Kernel,
    Known,
    NodeInfo,
    Size,
    Traits,
    find_arranger,
    find_specializer,
    lookup,
)
from .run_limits import check_bytes
from .scope import Scope


@dataclass(frozen=True)
class Implementation:
    """One of: a kernel, a function whose body takes the node's place, a body still to be typed."""

    source: str
    kernel: Kernel | None = None
    function: FunctionProto | None = None
    typed: Any = None
    """The schema of an operator whose body depends on its inputs' types."""
    schema: Any = None
    """The schema that `function` is from; None for a function of the model's own."""
    reason: str = ""
    """Why it falls back."""
    traits: Traits = UNKNOWN
    """Of the kernel, where it is one of ours."""

    @cached_property
    def described(self) -> str:
        """The kernel's module and name, the function, or the reason for the fallback."""
        if self.source == "own":
            module = getattr(self.kernel, "__module__", "").partition(".kernels.")[2]
            return f"{module}.{getattr(self.kernel, '__name__', '')}"
        if self.source == "function":
            own = self.schema is None and self.typed is None
            return "the model's function" if own else "ONNX's function body"
        return self.reason


def implementation(
    node: NodeProto, attributes: dict[str, AttributeProto], info: NodeInfo
) -> Implementation:
    """Return the first of: our kernel, the listed fallback, the operator's own function body."""
    known = lookup(info.domain, info.op_type, info.opset)
    if known is not None:
        return _own(known)
    reason = fallback.reason(info)
    schema = onnx_functions.schema_of(info)
    if reason is not None and schema is not None:
        return Implementation("fallback", fallback.kernel(node, attributes, info), reason=reason)
    if schema is None:
        return Implementation("none")
    body = onnx_functions.fixed_body(schema, info.opset)
    if body is not None:
        return Implementation("function", function=body, schema=schema)
    typed = onnx_functions.has_typed_body(schema, info.opset)
    return Implementation("function", typed=schema) if typed else Implementation("none")


@cache
def _own(known: Known) -> Implementation:
    return Implementation("own", known.kernel, traits=known.traits)


def bound(
    found: Implementation,
    info: NodeInfo,
    inputs: tuple[int, ...],
    graphs: Mapping[str, Body],
    scope: Scope,
) -> Kernel:
    """Return a function of the inputs, followed by the values that the subgraphs capture."""
    if found.kernel is None:
        return absent(info, scope.place)
    if found.source != "own":
        return found.kernel
    kernel = bind(found.kernel, info, len(inputs), graphs)
    if found.traits.size is not None:
        kernel = sized(kernel, found.traits.size)
    special = find_specializer(info.domain, info.op_type, info.opset)
    if special is not None:
        # What fails here fails again when the node runs, and then says where it stands.
        with suppress(Exception):
            kernel = special(info, _arranged(info, inputs, scope.program)) or kernel
    if found.traits.growth == "broadcast" and not isinstance(kernel, np.ufunc):
        kernel = asking(kernel, len(inputs))
    return with_bodies(kernel, len(inputs), graphs) if graphs else kernel


def _arranged(info: NodeInfo, inputs: tuple[int, ...], program: Program) -> Sequence[Any]:
    """Return the node's inputs as far as they are constants, as its kernel likes them to lie."""
    constants: Sequence[Any] = [program.constants.get(slot) for slot in inputs]
    arrange = find_arranger(info.domain, info.op_type, info.opset)
    if arrange is not None:
        constants = arrange(info, constants)
        known = program.constants.keys() & set(inputs)
        program.constants |= {s: v for s, v in zip(inputs, constants, strict=True) if s in known}
    return constants


def sized(kernel: Kernel, size: Size) -> Kernel:
    """Return `kernel` with a check of the largest array that it makes before it runs."""
    keywords = kernel.keywords if isinstance(kernel, partial) else {}

    def run(*inputs: Any) -> Any:
        check_bytes(*size(*inputs, **keywords))
        return kernel(*inputs)

    return run


def with_bodies(kernel: Kernel, count: int, graphs: Mapping[str, Body]) -> Kernel:
    """Return a function of `count` inputs followed by what each body captures."""

    def run(*arguments: Any) -> Any:
        start, ready = count, {}
        for name, body in graphs.items():
            stop = start + len(body.captures)
            ready[name] = body.bind(arguments[start:stop])
            start = stop
        return kernel(*arguments[:count], **ready)

    return run


def absent(info: NodeInfo, place: str) -> Kernel:
    """Return a kernel that says, if it is ever needed, that there is none."""

    def missing(*_: Any) -> Any:
        raise NoKernelError(
            f"{describe(info)} in {place}: this runtime has no kernel for it",
            "see runtime.coverage(model); convert the model to another opset, or ask for another "
            "runtime",
        )

    return missing
