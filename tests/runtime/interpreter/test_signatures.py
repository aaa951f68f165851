"""Every kernel's signature against the schema of the newest opset that it is for."""

import inspect
from typing import Any

import numpy as np
import onnx
import pytest

from onnxwright.runtime.interpreter import NumpyRunner
from onnxwright.runtime.interpreter.attribute_binding import parameters
from onnxwright.runtime.interpreter.registry import Registration, registrations

NumpyRunner  # noqa: B018  (importing it registers the kernels)
NEWEST = onnx.defs.onnx_opset_version()
OLDEST = 7
"""Older opsets are a courtesy: their kernels take the attributes, but do not all of them use."""
CHECKED = [
    registration
    for registration in registrations()
    if registration.domain == ""
    and (registration.until or NEWEST) > OLDEST
    and not registration.kernel.__module__.endswith(".legacy")
]
_OPTION = onnx.defs.OpSchema.FormalParameterOption


def schema_of(registration: Registration) -> Any:
    newest = NEWEST if registration.until is None else registration.until - 1
    return onnx.defs.get_schema(registration.op_type, newest, registration.domain)


def expected_inputs(schema: Any) -> list[tuple[str, str]]:
    kinds = {_OPTION.Single: "needed", _OPTION.Optional: "optional", _OPTION.Variadic: "variadic"}
    return [(value.name, kinds[value.option]) for value in schema.inputs]


def actual_inputs(kernel: Any) -> list[tuple[str, str]]:
    found = []
    for name, parameter in inspect.signature(kernel).parameters.items():
        if parameter.kind is parameter.VAR_POSITIONAL:
            found.append((name.rstrip("_"), "variadic"))
        elif parameter.kind is not parameter.KEYWORD_ONLY:
            kind = "needed" if parameter.default is parameter.empty else "optional"
            found.append((name.rstrip("_"), kind))
    return found


def expected_attributes(schema: Any) -> dict[str, Any]:
    return {name: default_of(attribute) for name, attribute in schema.attributes.items()}


def default_of(attribute: Any) -> Any:
    if attribute.required:
        return "required"
    if not attribute.default_value.name:
        return None
    value = onnx.helper.get_attribute_value(attribute.default_value)
    return value.decode() if isinstance(value, bytes) else plain(value)


def plain(value: Any) -> Any:
    """A sequence as a list, its bytes as text, so that tuples and protobuf's lists compare."""
    if isinstance(value, (str, int, float)) or value is None:
        return value
    return [item.decode() if isinstance(item, bytes) else item for item in value]


def actual_attributes(kernel: Any) -> dict[str, Any]:
    return {
        name: "required" if parameter.default is parameter.empty else plain(parameter.default)
        for name, parameter in parameters(kernel).keywords.items()
        if name != "node"
    }


@pytest.mark.parametrize("registration", CHECKED, ids=lambda r: f"{r.op_type}-{r.since}")
def test_the_kernel_has_the_schemas_signature(registration: Registration) -> None:
    schema = schema_of(registration)
    if registration.op_type == "SpaceToDepth" and NEWEST < 28:
        pytest.skip("the schema was mended in onnx 1.23")
    np.testing.assert_equal(actual_attributes(registration.kernel), expected_attributes(schema))
    np.testing.assert_equal(actual_inputs(registration.kernel), expected_inputs(schema))


def test_there_are_kernels_for_most_operators() -> None:
    own = {registration.op_type for registration in registrations() if not registration.domain}
    every = {schema.name for schema in onnx.defs.get_all_schemas() if not schema.domain}
    assert len(own) >= 140, sorted(every - own)
