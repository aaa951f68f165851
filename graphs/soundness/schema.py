"""Nodes held against the schemas of the installed onnx: names, attributes, inputs, types."""

from collections.abc import Iterator, Sequence
from functools import cache
from typing import Any

import onnx
from onnx import AttributeProto
from onnx.defs import OpSchema

from ...texts import did_you_mean
from ..targets.node import NodeFacts, schema_of
from .context import Context, Problem

OURS = ("", "ai.onnx.ml", "ai.onnx.preview.training", "ai.onnx.training")
"""The domains whose operators onnx defines."""
KINDS: dict[int, str] = {
    AttributeProto.INT: "a whole number",
    AttributeProto.FLOAT: "a float",
    AttributeProto.STRING: "text",
    AttributeProto.INTS: "whole numbers",
    AttributeProto.FLOATS: "floats",
    AttributeProto.STRINGS: "texts",
    AttributeProto.TENSOR: "a tensor",
    AttributeProto.GRAPH: "a graph",
}


def check_schema(node: NodeFacts, context: Context) -> Iterator[Problem]:
    """Find how a node departs from its operator's schema."""
    if node.domain not in OURS or node.proto is None:
        return
    schema = schema_of(node.op, node.opset, node.domain)
    if schema is None:
        yield "unknown-operator", _unknown(node)
        return
    if schema.deprecated:
        yield "deprecated-operator", f"{node.op} is withdrawn in opset {node.opset}"
        return
    yield from _attributes(node.proto, schema)
    yield from _inputs(node.proto, schema)
    yield from _types(node, schema)


@cache
def _operators(domain: str) -> dict[str, str]:
    """Return the names of a domain's operators by their lower case."""
    schemas = onnx.defs.get_all_schemas()
    return {schema.name.lower(): schema.name for schema in schemas if schema.domain == domain}


def _unknown(node: NodeFacts) -> str:
    name, known = node.op, _operators(node.domain)
    later = schema_of(name, 10**6, node.domain)
    if later is not None:
        return f"{name} came with opset {later.since_version}, the model imports {node.opset}"
    hint = did_you_mean(name, known)
    for lower, written in known.items():
        hint = hint.replace(f"'{lower}'", f"'{written}'")
    return f"there is no operator {name!r}{'; ' + hint.strip() if hint else ''}"


def _attributes(proto: onnx.NodeProto, schema: OpSchema) -> Iterator[Problem]:
    given = {attribute.name: attribute for attribute in proto.attribute}
    if len(given) < len(proto.attribute):
        yield "attribute", "an attribute is given twice"
    for name, attribute in given.items():
        known = schema.attributes.get(name)
        if known is None:
            hint = did_you_mean(name, schema.attributes)
            yield "attribute", f"{schema.name} has no attribute {name!r} {hint}".rstrip()
        elif not attribute.ref_attr_name and _kind(known) != attribute.type:
            wanted = KINDS.get(_kind(known), str(known.type))
            yield "attribute", f"{name} is {KINDS.get(attribute.type, '?')}, needs {wanted}"
    for name, known in schema.attributes.items():
        if known.required and name not in given:
            yield "attribute", f"{schema.name} needs the attribute {name!r}"


def _kind(known: Any) -> int:
    """Return the attribute's type as a node has it; onnx's type stubs know no such number."""
    return int(known.type.value)


def _inputs(proto: onnx.NodeProto, schema: OpSchema) -> Iterator[Problem]:
    single = OpSchema.FormalParameterOption.Single
    for what, given, formals, least, most in (
        ("inputs", proto.input, schema.inputs, schema.min_input, schema.max_input),
        ("outputs", proto.output, schema.outputs, schema.min_output, schema.max_output),
    ):
        if not least <= len(given) <= most:
            bounds = str(least) if least == most else f"{least} to {most}"
            yield "inputs", f"{len(given)} {what}, {schema.name} has {bounds}"
        for name, formal in zip(given, formals, strict=False):
            if not name and formal.option == single and what == "inputs":
                yield "inputs", f"the input {formal.name} is left out"


def _types(node: NodeFacts, schema: OpSchema) -> Iterator[Problem]:
    """Hold the element types that are known against what the schema allows, and each other."""
    allowed = {
        constraint.type_param_str: constraint.allowed_type_strs
        for constraint in schema.type_constraints
    }
    bound: dict[str, tuple[str, str]] = {}
    for formal in schema.inputs:
        value = node.inputs.get(formal.name)
        if value is None or value.dtype is None:
            continue
        kinds = allowed.get(formal.type_str, [formal.type_str])
        if f"tensor({value.dtype})" not in kinds and all("tensor(" in kind for kind in kinds):
            yield "input-type", f"{formal.name} is of {value.dtype}, {_kinds(kinds)}"
        elif formal.type_str in allowed and formal.is_homogeneous:
            first, dtype = bound.setdefault(formal.type_str, (formal.name, value.dtype))
            if dtype != value.dtype:
                yield "input-type", f"{formal.name} is of {value.dtype}, {first} of {dtype}"


def _kinds(kinds: Sequence[str]) -> str:
    names = sorted(kind.removeprefix("tensor(").removesuffix(")") for kind in kinds)
    return f"needs one of {', '.join(names)}" if len(names) < 6 else "which it does not take"
