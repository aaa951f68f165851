"""Checks of a model that may be broken or hostile, before anything of its size is allocated.

They cost time and memory in proportion to the model's own bytes.
"""

from collections.abc import Iterable, Mapping, Sized
from functools import cache, lru_cache
from typing import Any, NamedTuple

import onnx

from .inlining import function_problem
from .walking import walk_graphs, walk_tensors

_INT32_MAX = 2**31 - 1
_INT64_MAX = 2**63 - 1

_MOST_PARTS = 1 << 16
"""Parts that a Split may say it makes without having an output for each."""

_BITS = {
    "FLOAT": 32, "UINT8": 8, "INT8": 8, "UINT16": 16, "INT16": 16, "INT32": 32, "INT64": 64,
    "BOOL": 8, "FLOAT16": 16, "DOUBLE": 64, "UINT32": 32, "UINT64": 64, "COMPLEX64": 64,
    "COMPLEX128": 128, "BFLOAT16": 16, "FLOAT8E4M3FN": 8, "FLOAT8E4M3FNUZ": 8, "FLOAT8E5M2": 8,
    "FLOAT8E5M2FNUZ": 8, "FLOAT8E8M0": 8, "FLOAT6E2M3": 6, "FLOAT6E3M2": 6, "UINT4": 4, "INT4": 4,
    "FLOAT4E2M1": 4, "UINT2": 2, "INT2": 2,
}  # fmt: skip
"""Bits that one element takes in a file, by the name of ONNX's element type; strings have none."""


def model_problem(model: onnx.ModelProto) -> str | None:
    """Return what is wrong with the model, or None.

    Looked for: no graph, impossible opsets, names that are no text, tensors whose dims are
    negative, overflow or do not fit their data, a Split into billions of parts, functions that call
    themselves or grow past all bounds when inlined.
    """
    if not model.HasField("graph"):
        return "it holds no graph"
    problem = _opset_problem(model) or _text_problem(model)
    if problem is not None:
        return problem
    for tensor in walk_tensors(model):
        problem = tensor_problem(tensor)
        if problem is not None:
            return f"tensor '{tensor.name}' {problem}"
    return _split_problem(model) or function_problem(model)


def _opset_problem(model: onnx.ModelProto) -> str | None:
    imports = [*model.opset_import, *(o for f in model.functions for o in f.opset_import)]
    for opset in imports:
        if not 0 <= opset.version <= _INT32_MAX:
            return f"it asks for the impossible opset {opset.version}"
    return None


def _split_problem(model: onnx.ModelProto) -> str | None:
    """Look for a Split into more parts than it has outputs, which ONNX's inference allocates."""
    for graph in walk_graphs(model):
        for node in graph.node:
            if node.op_type == "Split" and len(node.output) < _MOST_PARTS:
                parts = max((a.i for a in node.attribute if a.name == "num_outputs"), default=0)
                if parts > _MOST_PARTS:
                    return (
                        f"node '{node.name}' splits into {parts} parts, and has "
                        f"{len(node.output)} outputs"
                    )
    return None


class _Field(NamedTuple):
    """A field of a message type that holds text or messages."""

    name: str
    repeated: bool
    is_text: bool


def _text_problem(root: Any) -> str | None:
    """Look for strings that are not UTF-8, which protobuf hands out as bytes."""
    stack = [root]
    while stack:
        message = stack.pop()
        fields = _fields(message.DESCRIPTOR)
        for descriptor, value in _given(message, fields):
            field = fields.get(descriptor)
            if field is None:
                continue
            values = value if field.repeated else (value,)
            if not field.is_text:
                stack.extend(values)
                continue
            for text in values:
                if isinstance(text, bytes):
                    where = f"a {message.DESCRIPTOR.name}'s {field.name}"
                    return f"{where} is no UTF-8 text: {text[:40]!r}"
    return None


def _given(message: Any, fields: Mapping[Any, _Field]) -> Iterable[tuple[Any, Any]]:
    """Return the message's fields that are set, with their values; not the contents of tensors."""
    if isinstance(message, onnx.TensorProto):  # to list its fields would copy its raw_data
        return [
            (descriptor, getattr(message, field.name))
            for descriptor, field in fields.items()
            if field.repeated or message.HasField(field.name)
        ]
    found: Iterable[tuple[Any, Any]] = message.ListFields()
    return found


@lru_cache
def _fields(descriptor: Any) -> dict[Any, _Field]:
    """Return the fields of a message type that hold text or messages, by their descriptors."""
    found = {}
    for field in descriptor.fields:
        is_text = field.type == field.TYPE_STRING
        if is_text or field.message_type is not None:
            repeated = field.is_repeated if hasattr(field, "is_repeated") else field.label == 3
            found[field] = _Field(field.name, repeated, is_text)
    return found


def tensor_problem(tensor: onnx.TensorProto) -> str | None:
    """Return why the tensor's dims, element type and data do not go together, or None."""
    if any(dim < 0 for dim in tensor.dims):
        return f"has a negative dim: {list(tensor.dims)}"
    count = element_count(tensor.dims)
    if count > _INT64_MAX or byte_count(tensor) > _INT64_MAX:
        return f"has dims whose product overflows int64: {list(tensor.dims)}"
    if tensor.data_type not in _type_names():
        return f"has the element type {tensor.data_type}, which ONNX does not have"
    if tensor.HasField("segment"):
        return "is stored in segments, which nothing reads"
    if tensor.data_location == onnx.TensorProto.EXTERNAL:
        return "is a string tensor in external data" if _is_string(tensor) else None
    if not _is_string(tensor) and _type_names()[tensor.data_type] not in _BITS:
        return None  # newer than this table: whoever reads it knows
    if _is_string(tensor):
        found, needed, unit = len(tensor.string_data), count, "strings"
    elif tensor.HasField("raw_data"):
        found, needed, unit = len(tensor.raw_data), byte_count(tensor), "bytes"
    else:
        found, needed, unit = _typed_values(tensor), _typed_needed(tensor, count), "values"
    if found != needed:
        return f"of dims {list(tensor.dims)} needs {needed} {unit}, has {found}"
    return None


def byte_count(tensor: onnx.TensorProto) -> int:
    """Return the bytes that the tensor's elements take (4-bit types two in a byte, 2-bit four)."""
    return (element_count(tensor.dims) * element_bits(tensor) + 7) // 8


def element_count(dims: Iterable[int]) -> int:
    """Return the product of `dims`; where that is more than int64 holds, something larger than it.

    The product of thousands of large dims has millions of digits, and takes quadratic time.

    >>> element_count([3, 4]), element_count([2**62, 0]), element_count([2**62, 4]) > 2**63
    (12, 0, True)
    """
    sizes = list(dims)
    if 0 in sizes:
        return 0
    count = 1
    for size in sizes:
        count *= size
        if count > _INT64_MAX:
            break
    return count


def element_bits(tensor: onnx.TensorProto) -> int:
    """Return the bits that one element takes; 0 for strings and types newer than this table."""
    return _BITS.get(_type_names().get(tensor.data_type, ""), 0)


@cache
def _type_names() -> dict[int, str]:
    """Return the element types that this onnx knows, by number, without UNDEFINED."""
    return {number: name for name, number in onnx.TensorProto.DataType.items() if number}


def _is_string(tensor: onnx.TensorProto) -> bool:
    return tensor.data_type == onnx.TensorProto.STRING


def _typed_values(tensor: onnx.TensorProto) -> int:
    values: Sized = getattr(tensor, onnx.helper.tensor_dtype_to_field(tensor.data_type))
    return len(values)


def _typed_needed(tensor: onnx.TensorProto, count: int) -> int:
    """Return the values that the typed field holds: complex in pairs, 2- and 4-bit types packed."""
    name = _type_names()[tensor.data_type]
    if name.startswith("COMPLEX"):
        return 2 * count
    return byte_count(tensor) if _BITS[name] in (2, 4) else count
