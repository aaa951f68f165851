"""A node's attributes as plain Python values."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import onnx
from onnx import AttributeProto

from ..errors import ModelError
from .dtypes import dense, tensor_array

GRAPHS = (AttributeProto.GRAPH, AttributeProto.GRAPHS)


def text_of(raw: bytes) -> str | bytes:
    """Decode UTF-8, or return the bytes as they are."""
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return raw


def value_of(attribute: AttributeProto, float_dtype: np.dtype[Any] | None) -> Any:
    """Return the value: int, float, str (bytes where not UTF-8), array, proto, or a list of them.

    Floats are the float32 that the file holds, widened exactly.
    """
    if attribute.type == AttributeProto.TENSOR:
        return tensor_array(attribute.t, float_dtype)
    if attribute.type == AttributeProto.SPARSE_TENSOR:
        return dense(attribute.sparse_tensor, float_dtype)
    if attribute.type == AttributeProto.STRING:
        return text_of(attribute.s)
    if attribute.type == AttributeProto.STRINGS:
        return [text_of(raw) for raw in attribute.strings]
    try:
        value = onnx.helper.get_attribute_value(attribute)
    except ValueError as error:
        raise ModelError(
            f"attribute {attribute.name!r} cannot be read: {error}",
            "the file is broken: export the model again",
        ) from error
    return value if isinstance(value, (int, float)) or not isinstance(value, Sequence) else [*value]


def resolved(
    attributes: Sequence[AttributeProto], given: Mapping[str, AttributeProto]
) -> dict[str, AttributeProto]:
    """Return name to attribute, references to a function's attributes replaced by `given`'s.

    A reference to an attribute that the function's caller left out is left out too.
    """
    found = {}
    for attribute in attributes:
        if not attribute.ref_attr_name:
            found[attribute.name] = attribute
        elif attribute.ref_attr_name in given:
            renamed = AttributeProto()
            renamed.CopyFrom(given[attribute.ref_attr_name])
            renamed.name = attribute.name
            found[attribute.name] = renamed
    return found
