"""The function bodies that ONNX itself gives for many operators that have no kernel here."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import onnx
from onnx import AttributeProto, FunctionProto, NodeProto, TypeProto

from .plan import FIRST, MISSING, Program, Schedule
from .registry import Kernel, NodeInfo
from .scheduling import schedule
from .scope import Scope

# The stubs of onnx leave out the methods of OpSchema that give function bodies: it is Any here.
Expand = Callable[
    [FunctionProto, NodeProto, tuple[int, ...], dict[str, AttributeProto], Scope], None
]


def schema_of(info: NodeInfo) -> Any:
    """Return the operator's definition at the node's opset, or None where ONNX has none."""
    try:
        return onnx.defs.get_schema(info.op_type, info.opset, info.domain)
    except onnx.defs.SchemaError:
        return None


def fixed_body(schema: Any, opset: int) -> FunctionProto | None:
    """Return the body that is the same for all inputs, or None."""
    versions = [v for v in schema.function_opset_versions if v <= opset]
    if not versions:
        return None
    raw: bytes = schema.get_function_with_opset_version(max(versions))
    return _parsed(raw)


def _parsed(raw: bytes) -> FunctionProto:
    function = FunctionProto()
    function.ParseFromString(raw)
    return function


def has_typed_body(schema: Any, opset: int) -> bool:
    """Whether there is a body that depends on the inputs' types."""
    return any(v <= opset for v in schema.context_dependent_function_opset_versions)


def with_defaults(schema: Any, attributes: dict[str, AttributeProto]) -> dict[str, AttributeProto]:
    """Return the attributes completed with the operator's defaults, which its body refers to."""
    defaults = {
        name: attribute.default_value
        for name, attribute in schema.attributes.items()
        if attribute.default_value.name
    }
    return defaults | attributes


def typed_kernel(
    schema: Any,
    node: NodeProto,
    attributes: dict[str, AttributeProto],
    scope: Scope,
    expand: Expand,
) -> Kernel:
    """Return a kernel that asks ONNX for the body once it sees its inputs' types.

    The body is compiled once for every combination of dtypes and shapes.
    """
    alone = NodeProto()
    alone.CopyFrom(node)
    del alone.attribute[:]
    alone.attribute.extend(attributes.values())
    compiled: dict[tuple[Any, ...], Schedule] = {}

    def run(*inputs: Any) -> Any:
        key = tuple(None if x is None else (x.dtype, x.shape) for x in inputs)
        if key not in compiled:
            body = _typed_body(schema, alone, inputs, scope.opsets.get(schema.domain, 1))
            compiled[key] = _compiled(body, alone, len(inputs), schema, scope, expand)
        return tuple(compiled[key].run(inputs))

    return run


def _typed_body(schema: Any, node: NodeProto, inputs: Sequence[Any], opset: int) -> FunctionProto:
    types = [_type(value).SerializeToString() for value in inputs]
    version = max(v for v in schema.context_dependent_function_opset_versions if v <= opset)
    raw: bytes = schema.get_context_dependent_function_with_opset_version(
        version, node.SerializeToString(), types
    )
    return _parsed(raw)


def _type(value: Any) -> TypeProto:
    if value is None:
        return TypeProto()
    element = onnx.helper.np_dtype_to_tensor_dtype(np.asarray(value).dtype)
    return onnx.helper.make_tensor_type_proto(element, np.shape(value))


def _compiled(
    body: FunctionProto,
    node: NodeProto,
    count: int,
    schema: Any,
    scope: Scope,
    expand: Expand,
) -> Schedule:
    inner = Scope(scope.context, Program(inputs=count), scope.place, scope.opsets)
    slots = tuple(inner.new_slot() for _ in range(count))
    if slots[:1] not in ((), (FIRST,)):
        raise AssertionError(f"inputs start at slot {slots[0]}")
    attributes = {attribute.name: attribute for attribute in node.attribute}
    expand(body, node, slots, with_defaults(schema, attributes), inner)
    outputs = [inner.names[name] if name else MISSING for name in node.output]
    return schedule(inner.program, outputs)
